/** Time, passed in so that tests can run it. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  readonly now: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
