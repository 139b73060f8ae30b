import { performance } from 'node:perf_hooks';

/** A burst of changes counts as one when it pauses for this long, in milliseconds … */
const PAUSE_MS = 20;
/** … or has gone on for this long. */
const BURST_MS = 500;

/** Any number of callers note that something changed; one waits for it. A change that nobody waits for is remembered. */
export class Changes {
  #noted = false;
  #wake: () => void = () => undefined;

  note(): void {
    this.#noted = true;
    this.#wake();
  }

  /** Resolves after the next burst of changes, after `limitMs` without any, or on abort. */
  async next(limitMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#noted) await this.#sleep(limitMs, signal);
    const end = performance.now() + BURST_MS;
    while (this.#noted && !signal.aborted && performance.now() < end) {
      this.#noted = false;
      await sleepUnlessAborted(PAUSE_MS, signal);
    }
    this.#noted = false;
  }

  async #sleep(limitMs: number, signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await sleepUnlessAborted(limitMs, signal, woken);
    this.#wake = () => undefined;
  }
}

function sleepUnlessAborted(ms: number, signal: AbortSignal, woken?: Promise<void>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    void woken?.then(done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
