import { compareText } from '../../model/refs.ts';
import { fieldOf, listArgument, numberArgument, textArgument } from './arguments.ts';

export const LIST_HELPERS = {
  count: (list: unknown) => listArgument('count', list).length,
  first: (list: unknown, count?: unknown) => {
    const items = listArgument('first', list);
    return typeof count === 'number' ? items.slice(0, count) : items[0];
  },
  last: (list: unknown, count?: unknown) => {
    const items = listArgument('last', list);
    return typeof count === 'number' ? items.slice(Math.max(0, items.length - count)) : items.at(-1);
  },
  reverse: (list: unknown) => listArgument('reverse', list).toReversed(),
  includes: (list: unknown, value: unknown) => listArgument('includes', list).includes(value),
  where: (list: unknown, field: unknown, value: unknown) => select('where', list, field, (found) => found === value),
  whereNot: (list: unknown, field: unknown, value: unknown) =>
    select('whereNot', list, field, (found) => found !== value),
  some: (list: unknown, field: unknown, value: unknown) =>
    select('some', list, field, (found) => found === value).length > 0,
  map: (list: unknown, field: unknown) => fields('map', list, field),
  unique: (list: unknown, field?: unknown) => unique(list, field),
  sortBy: (list: unknown, field: unknown) => sortBy(list, field),
  longestFirst: (list: unknown, field: unknown) => longestFirst(list, field),
  groupBy: (list: unknown, field: unknown) => groupBy(list, field),
  longest: (list: unknown, field: unknown) =>
    fields('longest', list, field).reduce<number>((most, value) => Math.max(most, String(value).length), 0),
  join: (list: unknown, separator: unknown = ',') =>
    listArgument('join', list)
      .map((item) => textArgument('join', item))
      .join(textArgument('join', separator)),
  chunk: (list: unknown, size: unknown) => chunk(listArgument('chunk', list), numberArgument('chunk', size)),
  keys: (object: unknown) => entriesOf(object).map(([key]) => key),
  values: (object: unknown) => entriesOf(object).map(([, value]) => value),
};

function select(helper: string, list: unknown, field: unknown, fits: (value: unknown) => boolean): readonly unknown[] {
  const path = textArgument(helper, field);
  return listArgument(helper, list).filter((item) => fits(fieldOf(item, path)));
}

function fields(helper: string, list: unknown, field: unknown): readonly unknown[] {
  const path = textArgument(helper, field);
  return listArgument(helper, list).map((item) => fieldOf(item, path));
}

/** Numbers by size, everything else as text; what is equal keeps its order. */
function sortBy(list: unknown, field: unknown): readonly unknown[] {
  const path = textArgument('sortBy', field);
  return listArgument('sortBy', list).toSorted((left, right) => compare(fieldOf(left, path), fieldOf(right, path)));
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return compareText(String(left), String(right));
}

/** By the length of a text; what is equally long keeps its order. A longer suffix is a more specific one. */
function longestFirst(list: unknown, field: unknown): readonly unknown[] {
  const path = textArgument('longestFirst', field);
  const length = (item: unknown) => textArgument('longestFirst', fieldOf(item, path)).length;
  return listArgument('longestFirst', list).toSorted((left, right) => length(right) - length(left));
}

/** The first of those that are equal, or have an equal field. */
function unique(list: unknown, field: unknown): readonly unknown[] {
  const items = listArgument('unique', list);
  if (typeof field !== 'string') return [...new Set(items)];
  const seen = new Map<unknown, unknown>();
  for (const item of items) {
    const value = fieldOf(item, field);
    if (!seen.has(value)) seen.set(value, item);
  }
  return [...seen.values()];
}

/** Lists of `size` items each, but for the last. */
function chunk(items: readonly unknown[], size: number): readonly (readonly unknown[])[] {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`chunk needs a size of 1 or more, got ${size}`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

interface Group {
  readonly key: unknown;
  readonly items: readonly unknown[];
}

/** In the order in which the keys first come. */
function groupBy(list: unknown, field: unknown): readonly Group[] {
  const path = textArgument('groupBy', field);
  const groups = Map.groupBy(listArgument('groupBy', list), (item) => fieldOf(item, path));
  return [...groups].map(([key, items]) => ({ key, items }));
}

/** Sorted by key: the order in which an object came to its fields says nothing. */
function entriesOf(object: unknown): readonly (readonly [string, unknown])[] {
  if (typeof object !== 'object' || object === null) throw new RangeError('keys and values need an object');
  return Object.entries(object).sort(([left], [right]) => compareText(left, right));
}
