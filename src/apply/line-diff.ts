/** Lines `a0` to `a1` of the one list stand where `b0` to `b1` of the other do; the ends are not included. */
export interface Hunk {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/**
 * Where two lists of lines differ, in order. Compares by lines that are there once in both, which configurations are full of,
 * and between them again ("patience diff"): a line among others is not taken for the same line elsewhere. In doubt, lines
 * count as different.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  const open: Hunk[] = [{ a0: 0, a1: before.length, b0: 0, b1: after.length }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const hunk = withoutEqualEnds(before, after, next);
    const [isCut, isAdded] = [hunk.a0 < hunk.a1, hunk.b0 < hunk.b1];
    const anchors = isCut && isAdded ? anchorsOf(before, after, hunk) : [];
    if (anchors.length > 0) open.push(...between(hunk, anchors).reverse());
    else if (isCut || isAdded) hunks.push(hunk);
  }
  return hunks;
}

function withoutEqualEnds(before: readonly string[], after: readonly string[], range: Hunk): Hunk {
  let { a0, a1, b0, b1 } = range;
  while (a0 < a1 && b0 < b1 && before[a0] === after[b0]) [a0, b0] = [a0 + 1, b0 + 1];
  while (a0 < a1 && b0 < b1 && before[a1 - 1] === after[b1 - 1]) [a1, b1] = [a1 - 1, b1 - 1];
  return { a0, a1, b0, b1 };
}

interface Anchor {
  readonly a: number;
  readonly b: number;
}

/** The longest list of lines that are there once in both ranges, and in the same order. */
function anchorsOf(before: readonly string[], after: readonly string[], { a0, a1, b0, b1 }: Hunk): readonly Anchor[] {
  const places = onceIn(before, a0, a1);
  const pairs: Anchor[] = [];
  for (const [line, b] of onceIn(after, b0, b1)) {
    const a = places.get(line);
    if (a !== undefined) pairs.push({ a, b });
  }
  return longestRising(pairs);
}

/** Lines that are there once, in their order, and where. */
function onceIn(lines: readonly string[], from: number, to: number): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (let index = from; index < to; index += 1) {
    const line = lines[index] ?? '';
    if (places.has(line)) repeated.add(line);
    else places.set(line, index);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

interface Chained extends Anchor {
  readonly before: Chained | undefined;
}

/** Of pairs that rise in `b`, the longest list that rises in `a`, too. */
function longestRising(pairs: readonly Anchor[]): readonly Anchor[] {
  // The last pair of the best list of each length.
  const ends: Chained[] = [];
  for (const pair of pairs) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.a ?? 0) < pair.a) low = middle + 1;
      else high = middle;
    }
    ends[low] = { ...pair, before: ends[low - 1] };
  }
  const rising: Anchor[] = [];
  for (let end = ends.at(-1); end !== undefined; end = end.before) rising.push(end);
  return rising.reverse();
}

function between({ a0, a1, b0, b1 }: Hunk, anchors: readonly Anchor[]): Hunk[] {
  const ranges: Hunk[] = [];
  let [a, b] = [a0, b0];
  for (const anchor of [...anchors, { a: a1, b: b1 }]) {
    ranges.push({ a0: a, a1: anchor.a, b0: b, b1: anchor.b });
    [a, b] = [anchor.a + 1, anchor.b + 1];
  }
  return ranges;
}
