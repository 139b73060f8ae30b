import type { Clock } from '../../model/clock.ts';
import { noAnswer, type Failure } from './api.ts';

/** What long-running work needs to know about time. */
export interface Timed {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Does `work` for `ms` at most: its signal aborts then, or when the outer one does, and a failure is returned at once, even
 * when `work` does not heed the signal.
 */
export async function within<T>(
  ms: number,
  { clock, signal }: Timed,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | Failure> {
  const cut = new AbortController();
  const done = new AbortController();
  const bounded = AbortSignal.any([signal, cut.signal]);
  const expiry = clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => {
    if (!done.signal.aborted) cut.abort();
    return noAnswer(`no answer within ${Math.round(ms)} ms`);
  });
  try {
    return await Promise.race([work(bounded), expiry]);
  } catch (error) {
    cut.abort();
    throw error;
  } finally {
    // Not `cut`: an abort closes the connection of a request that has ended, which the next one is to use again.
    done.abort();
  }
}

/** As metav1.MicroTime is written: `2026-11-24T11:00:00.000000Z`. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

/** Ends a wait early. A call while nobody waits ends the next wait. */
export class Wake {
  #called = false;
  #waiting = new AbortController();

  call(): void {
    this.#called = true;
    this.#waiting.abort();
  }

  /** Resolves after `ms`, when called, or when the signal aborts. */
  async wait(ms: number, { clock, signal }: Timed): Promise<void> {
    if (!this.#called) {
      this.#waiting = new AbortController();
      await clock.sleep(ms, AbortSignal.any([signal, this.#waiting.signal]));
    }
    this.#called = false;
  }
}
