/** Whether two plain values (objects, arrays, primitives; no cycles) are equal in every field. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isObject(left) || !isObject(right)) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Hands out the value of the last round where the new one is equal to it, so that what did not change stays the same
 * value: then comparing identities is enough to know what to render again. Forgets what a round did not bring.
 */
export class Keeper<V> {
  #last: ReadonlyMap<string, V> = new Map();

  /** Those of the last round, by key. */
  get last(): ReadonlyMap<string, V> {
    return this.#last;
  }

  keepAll(values: readonly V[], keyOf: (value: V) => string): readonly V[] {
    const next = new Map<string, V>();
    for (const value of values) {
      const key = keyOf(value);
      const last = this.#last.get(key);
      next.set(key, last !== undefined && isEqual(last, value) ? last : value);
    }
    this.#last = next;
    return [...next.values()];
  }
}
