import type { Clock } from '../../model/clock.ts';
import { ApiError } from './api-error.ts';

/** After the first that got through, the others follow within that time, at random. Milliseconds. */
const SOON_MS = 1_000;
/** The first status that says that the server failed, not the request. */
const FIRST_OF_SERVER = 500;

/**
 * Shared by all that reads from one API server: when it was away and one gets through again, the others need not wait for the
 * end of their pauses, of up to 30 s each.
 */
export class Contact {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #waiting = new Set<AbortController>();

  /** @param random from 0 to 1 */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The server has given what it was asked for. */
  made(): void {
    for (const waiting of this.#waiting) waiting.abort();
    this.#waiting.clear();
  }

  /** Resolves after `ms`, or sooner when the reason for the pause seems to be gone; at once when `signal` aborts. */
  async pause(ms: number, error: unknown, signal: AbortSignal): Promise<void> {
    if (!mayBeAway(error) || ms <= SOON_MS) {
      await this.#clock.sleep(ms, signal);
      return;
    }
    const waiting = new AbortController();
    this.#waiting.add(waiting);
    await this.#clock.sleep(ms, AbortSignal.any([signal, waiting.signal]));
    this.#waiting.delete(waiting);
    if (waiting.signal.aborted) await this.#clock.sleep(this.#random() * SOON_MS, signal);
  }
}

/** A server that refuses one thing may well grant others, and one that names a time is to be believed. */
function mayBeAway(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status >= FIRST_OF_SERVER && error.retryAfterMs === undefined;
}
