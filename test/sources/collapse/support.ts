import type { Clock } from '../../../src/model/clock.ts';
import { CollapseGuard } from '../../../src/sources/collapse/guard.ts';
import { ObjectStore } from '../../../src/sources/object-store.ts';

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  readonly now = () => this.#now;

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });

  /** Lets time pass, and what waited for it run. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const HOLD_MS = 300_000;

/** A guard over a store, with a clock to run. */
export class GuardScene {
  readonly clock = new ManualClock();
  changes = 0;
  readonly store = new ObjectStore(() => (this.changes += 1));
  readonly controller = new AbortController();
  readonly guard: CollapseGuard;

  constructor(holdMs = HOLD_MS) {
    const wallNow = () => new Date(this.clock.now());
    this.guard = new CollapseGuard({ store: this.store, holdMs, clock: this.clock, wallNow }, this.controller.signal);
  }

  /** `code: message` of all that is complained of. */
  get told(): readonly string[] {
    return this.store.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  }
}

/** `prefix-0` to `prefix-(count - 1)`. */
export function numbered(count: number, prefix = 'item'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}
