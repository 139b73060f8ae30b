/** A map that forgets what was used longest ago once it holds more than `limit`. */
export class Recent<V> {
  readonly #limit: number;
  readonly #values = new Map<string, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  /** A value, which counts as used now. */
  get(key: string): V | undefined {
    const value = this.take(key);
    if (value !== undefined) this.#values.set(key, value);
    return value;
  }

  /** A value, which is removed. */
  take(key: string): V | undefined {
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value;
  }

  put(key: string, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#limit) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }
}
