import { setTimeout as delay } from 'node:timers/promises';

/** Time, passed in so that tests can run it. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  readonly now: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    // A longer timer would fire at once: Node's limit is 2^31 - 1 ms.
    await delay(Math.min(ms, 2 ** 31 - 1), undefined, { signal }).catch(() => undefined);
  },
};
