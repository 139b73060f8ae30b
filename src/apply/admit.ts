/**
 * A search for the largest part of `items` that passes a check, for the case that the check does not say what it dislikes.
 * Items are added to a set that is known to pass, in their order, so that of two that conflict the later one loses. A
 * value: it can be laid aside and taken up again. n items of which k are bad take about k · log2 n checks.
 */
export interface Admission<T> {
  /** Passes together. */
  readonly kept: readonly T[];
  /** Each was refused on top of what was kept before it. */
  readonly rejected: readonly T[];
  /** What is still to be tried, in order. */
  readonly pending: readonly Segment<T>[];
}

interface Segment<T> {
  readonly items: readonly T[];
  /** The earlier half of what was refused: when it passes, it is the later half that is refused. */
  readonly isHalf: boolean;
  /** It is known that it will not pass on top of what is kept. */
  readonly isRefused: boolean;
}

/** The segments are tried one after the other, each as a whole first. */
export function beginAdmission<T>(...segments: readonly (readonly T[])[]): Admission<T> {
  return { kept: [], rejected: [], pending: segments.flatMap(untried) };
}

/** What has to be checked next, on top of what is kept; `undefined` when the search is over. */
export function nextTrial<T>({ pending }: Admission<T>): readonly T[] | undefined {
  return pending[0]?.items;
}

/** What the check of `kept` and the next trial has shown. */
export function withVerdict<T>(admission: Admission<T>, passes: boolean): Admission<T> {
  const [segment, ...rest] = admission.pending;
  if (segment === undefined) return admission;
  const kept = passes ? [...admission.kept, ...segment.items] : admission.kept;
  if (passes) return splitKnown({ ...admission, kept, pending: afterPass(segment, rest) });
  if (segment.items.length > 1) return { ...admission, pending: [...halves(segment.items), ...rest] };
  // Most likely it was the only one: all others together are the next to be tried.
  const pending = untried(rest.flatMap(({ items }) => items));
  return { ...admission, rejected: [...admission.rejected, ...segment.items], pending };
}

/**
 * Takes up a search in a world that has changed: what is gone is forgotten, what is new comes last, and what was known to
 * pass is tried again, at once and as a whole, when any of it has changed.
 */
export function realign<T>(
  { kept, rejected, pending }: Admission<T>,
  { isThere, isChanged }: { readonly isThere: (item: T) => boolean; readonly isChanged: (item: T) => boolean },
  added: readonly T[],
): Admission<T> {
  const left = kept.filter(isThere);
  const isDoubtful = left.some(isChanged);
  const open = pending.flatMap(({ items }) => untried(items.filter(isThere)));
  return {
    kept: isDoubtful ? [] : left,
    rejected: rejected.filter(isThere),
    pending: [...(isDoubtful ? untried(left) : []), ...open, ...untried(added)],
  };
}

function untried<T>(items: readonly T[]): readonly Segment<T>[] {
  return items.length === 0 ? [] : [{ items, isHalf: false, isRefused: false }];
}

function afterPass<T>(segment: Segment<T>, rest: readonly Segment<T>[]): readonly Segment<T>[] {
  const [next, ...others] = rest;
  return segment.isHalf && next !== undefined ? [{ ...next, isRefused: true }, ...others] : rest;
}

function halves<T>(items: readonly T[]): readonly Segment<T>[] {
  const middle = items.length >> 1;
  return [
    { items: items.slice(0, middle), isHalf: true, isRefused: false },
    { items: items.slice(middle), isHalf: false, isRefused: false },
  ];
}

/** What is known to be refused is not checked again. */
function splitKnown<T>(admission: Admission<T>): Admission<T> {
  return admission.pending[0]?.isRefused === true ? withVerdict(admission, false) : admission;
}
