import type { OwnedLines } from '../model/bundle.ts';
import type { Source } from '../model/refs.ts';

/*
 * The `owner` block helper brackets what it renders with control characters, which no helper writes: OPEN, the index of
 * the owner, BAR … CLOSE. When the text is complete they become line ranges.
 */
const OPEN = '\u0001';
const BAR = '\u0002';
const CLOSE = '\u0003';
const MARK = /\u0001(\d+)\u0002|\u0003/g;
const FOREIGN = /[\u0000-\u0008\u000b-\u001f\u007f]/;

export function markOwner(index: number, body: string): string {
  return `${OPEN}${index}${BAR}${body}${CLOSE}`;
}

/** Moves every line that holds more than ends of owners to the right. */
export function indentMarked(text: string, columns: number): string {
  return text.replace(/^(?!\u0003*$)/gm, ' '.repeat(columns));
}

/** Rendered text, the number of its lines, and who owns which of them. */
export interface Fragment {
  readonly text: string;
  readonly lines: number;
  readonly owners: readonly OwnedLines[];
}

/** Takes the marks out of rendered text. @throws RangeError when other control characters are left, which is a defect. */
export function toFragment(marked: string, sources: readonly Source[]): Fragment {
  let text = '';
  let position = 0;
  let line = 1;
  const open: { readonly index: number; readonly first: number }[] = [];
  const owners: OwnedLines[] = [];
  for (const mark of marked.matchAll(MARK)) {
    const piece = marked.slice(position, mark.index);
    line += countLines(piece);
    text += piece;
    position = mark.index + mark[0].length;
    if (mark[1] !== undefined) {
      open.push({ index: owners.length, first: line });
      owners.push({ first: line, last: line, source: sourceAt(sources, Number(mark[1])) });
      continue;
    }
    close(open.pop(), owners, text.endsWith('\n') ? line - 1 : line);
  }
  if (open.length > 0) throw new RangeError('owner marks do not match');
  text += marked.slice(position);
  if (FOREIGN.test(text)) throw new RangeError('a control character reached the rendered text');
  return { text, lines: countLines(text), owners };
}

function close(
  opened: { readonly index: number; readonly first: number } | undefined,
  owners: OwnedLines[],
  last: number,
): void {
  const range = opened === undefined ? undefined : owners[opened.index];
  if (opened === undefined || range === undefined) throw new RangeError('owner marks do not match');
  owners[opened.index] = { ...range, last: Math.max(range.first, last) };
}

function sourceAt(sources: readonly Source[], index: number): Source {
  const source = sources[index];
  if (source === undefined) throw new RangeError('owner marks do not match');
  return source;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * Puts fragments behind one another; each must end in a line feed, or be the last. Who owns what is worked out when somebody
 * asks: when the proxy refuses it.
 */
export function joinFragments(fragments: readonly Fragment[]): Fragment {
  let owners: readonly OwnedLines[] | undefined;
  return {
    text: fragments.map((fragment) => fragment.text).join(''),
    lines: fragments.reduce((sum, fragment) => sum + fragment.lines, 0),
    get owners() {
      owners ??= joinOwners(fragments);
      return owners;
    },
  };
}

function joinOwners(fragments: readonly Fragment[]): readonly OwnedLines[] {
  const owners: OwnedLines[] = [];
  let lines = 0;
  for (const fragment of fragments) {
    for (const { first, last, source } of fragment.owners) {
      owners.push({ first: first + lines, last: last + lines, source });
    }
    lines += fragment.lines;
  }
  return owners;
}
