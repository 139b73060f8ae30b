/** What is wrong with the text of a template, and where (line and column from 1). */
export interface TemplateFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Handlebars quotes up to 20 characters on each side of a fault, without line feeds, over an arrow that points at it. */
const EXCERPT = /\n(\.\.\.)?(.*?)(?:\.\.\.)?\n(-*)\^/;

/** Makes a place in `text` of an error that Handlebars threw when it parsed `text`. */
export function readSyntaxError(error: unknown, text: string): TemplateFault {
  const full = error instanceof Error ? error.message : String(error);
  const reason = /^Expecting .*$/m.exec(full)?.[0] ?? full.split('\n')[0] ?? full;
  const message = `not a Handlebars template: ${reason.replace(/ - \d+:\d+$/, '')}`;
  const node = / - (\d+):(\d+)$/.exec(full);
  if (node !== null) return { line: Number(node[1]), column: Number(node[2]) + 1, message };
  const line = Number(/line (\d+)/.exec(full)?.[1] ?? 1);
  return { ...(findExcerpt(full, text, line) ?? { line, column: 1 }), message };
}

/** The reported line is that of the last token that was understood; the fault may be further down. */
function findExcerpt(full: string, text: string, from: number): { line: number; column: number } | undefined {
  const [, dots = '', shown = '', arrow = ''] = EXCERPT.exec(full) ?? [];
  const flat = text.replaceAll('\n', '');
  const before = arrow.length - dots.length;
  for (let at = flat.indexOf(shown); shown !== '' && at >= 0; at = flat.indexOf(shown, at + 1)) {
    const place = placeOf(text, at + before);
    if (place.line >= from) return place;
  }
  return undefined;
}

/** @param index of a character of the text without its line feeds */
function placeOf(text: string, index: number): { line: number; column: number } {
  let start = 0;
  const lines = text.split('\n');
  for (const [number, line] of lines.entries()) {
    if (index < start + line.length) return { line: number + 1, column: index - start + 1 };
    start += line.length;
  }
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
