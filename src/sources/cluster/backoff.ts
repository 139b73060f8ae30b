const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** Full jitter may come to nothing, and a server may ask for days. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Pauses before tries after failures: doubling from half a second to 30 s, each shortened at random so that many
 * clients do not come back at once ("full jitter"), and never less than the server asked for.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** @param random from 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** One more failure; milliseconds to wait now. */
  failed(retryAfterMs = 0): number {
    const cap = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, retryAfterMs, this.#random() * cap));
  }
}
