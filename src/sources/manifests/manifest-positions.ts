import type { FileLocation } from '../../model/diagnostics.ts';

/** What a row of a NodeTable stands for. A collection is followed by its nodes (of a mapping: key, value, …) and an end. */
export const NODE = { leaf: 0, list: 1, mapping: 2, end: 3 } as const;

/**
 * The nodes of a YAML file in reading order, as parallel columns: a file can have millions.
 * `start` and `end` are offsets in the text, of the content without quotes; `end` is only set for leaves.
 */
export interface NodeTable {
  readonly text: string;
  readonly kind: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** The row of the first node of each entry of the list that field `name` of the mapping at `row` holds. */
export function listRows(table: NodeTable, row: number, name: string): number[] {
  const found = findKey(table, row, name);
  return found === undefined ? [] : [...children(table, found.value)];
}

/**
 * Offset of a field, given as kubectl prints it (`spec.rules[0].host`, `data[tls.crt]`), in the object at `row`: of its key,
 * or of the deepest enclosing field that is there.
 */
export function findField(table: NodeTable, row: number, field: string): number {
  let offset = shownAt(table, row);
  let at = row;
  for (const segment of segmentsOf(field)) {
    const next = table.kind[at] === NODE.list ? findItem(table, at, segment) : findKey(table, at, segment);
    if (next === undefined) return offset;
    offset = next.offset;
    at = next.value;
  }
  return offset;
}

interface Found {
  readonly offset: number;
  readonly value: number;
}

function segmentsOf(field: string): string[] {
  return Array.from(field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g), (match) => match[1] ?? match[2] ?? '');
}

function findItem(table: NodeTable, row: number, index: string): Found | undefined {
  let position = 0;
  for (const item of children(table, row)) {
    if (String(position) === index) return { offset: shownAt(table, item), value: item };
    position += 1;
  }
  return undefined;
}

function findKey(table: NodeTable, row: number, name: string): Found | undefined {
  if (table.kind[row] !== NODE.mapping) return undefined;
  let key: number | undefined;
  for (const child of children(table, row)) {
    if (key === undefined) {
      key = child;
      continue;
    }
    if (table.text.slice(table.start[key], table.end[key]) === name)
      return { offset: shownAt(table, key), value: child };
    key = undefined;
  }
  return undefined;
}

/** With the opening quote, if it has one. */
function shownAt(table: NodeTable, row: number): number {
  const start = table.start[row] ?? 0;
  const quoted = table.kind[row] === NODE.leaf && /["']/.test(table.text.charAt(start - 1));
  return quoted ? start - 1 : start;
}

function* children(table: NodeTable, row: number): Generator<number> {
  if (table.kind[row] === NODE.leaf) return;
  let at = row + 1;
  while (at < table.kind.length && table.kind[at] !== NODE.end) {
    yield at;
    at = after(table, at);
  }
}

/** The row that follows the whole node at `row`. */
function after(table: NodeTable, row: number): number {
  let depth = 0;
  let at = row;
  do {
    const kind = table.kind[at];
    if (kind === NODE.end) depth -= 1;
    else if (kind !== NODE.leaf) depth += 1;
    at += 1;
  } while (depth > 0 && at < table.kind.length);
  return at;
}

/** Turns offsets in a text into lines and columns, in O(log n) each. */
export class Lines {
  readonly #file: string;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.#file = file;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  locate(offset: number): FileLocation {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { file: this.#file, line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
