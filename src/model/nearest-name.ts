/** The name that was probably meant: few edits away, or the same in another folder. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((other) => ({ other, edits: Math.min(edits(name, other), edits(base(name), base(other)) + 1) }))
    .filter(({ edits: count }) => count <= Math.max(2, Math.floor(base(name).length / 4)))
    .sort((left, right) => left.edits - right.edits);
  return nearest?.other;
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Levenshtein's distance, where two neighbours that changed places count as one edit. */
export function edits(left: string, right: string): number {
  let [older, previous]: [number[], number[]] = [[], Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      current.push(cheapest({ row, column }, { left, right }, { older, previous, current }));
    }
    [older, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

interface Rows {
  readonly older: readonly number[];
  readonly previous: readonly number[];
  readonly current: readonly number[];
}

function cheapest({ row, column }: Cell, texts: { left: string; right: string }, rows: Rows): number {
  const { left, right } = texts;
  const isSame = left[row - 1] === right[column - 1];
  const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
  return Math.min(
    at(rows.previous, column) + 1,
    at(rows.current, column - 1) + 1,
    at(rows.previous, column - 1) + (isSame ? 0 : 1),
    swapped && row > 1 && column > 1 ? at(rows.older, column - 2) + 1 : Infinity,
  );
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
