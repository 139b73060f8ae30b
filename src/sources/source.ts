/** Where objects come from. A source fills an ObjectStore until its signal aborts. */
export interface Source {
  /** Resolves once everything that exists has been reported; rejects only when the source can never work. */
  readonly synced: Promise<void>;
  /** Brings in what the objects of the store refer to now. To be called before each use; waits for a bounded time. */
  readonly settle?: (signal: AbortSignal) => Promise<void>;
  /** Resolves after abort, when all that it opened is closed. */
  readonly stopped: Promise<void>;
}
