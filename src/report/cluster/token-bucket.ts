export interface BucketSize {
  /** Tokens that it holds at most, and at first. */
  readonly burst: number;
  /** Milliseconds in which one token comes back. */
  readonly refillMs: number;
}

/** Lets a burst pass, then one at a time. */
export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #countedAt: number;

  /** @param now milliseconds, as for the methods */
  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#countedAt = now;
  }

  /** Takes a token if there is one. */
  take(now: number): boolean {
    this.#refill(now);
    // Adding up fractions must not make a caller wait a little longer than it was told.
    if (this.#tokens < 1 - 1e-6) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** Milliseconds until there is a token. */
  waitMs(now: number): number {
    this.#refill(now);
    return Math.max(0, (1 - this.#tokens) * this.#size.refillMs);
  }

  #refill(now: number): void {
    const { burst, refillMs } = this.#size;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#countedAt) / refillMs);
    this.#countedAt = now;
  }
}
