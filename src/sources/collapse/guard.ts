import type { Clock } from '../../model/clock.ts';
import { collapseHeld } from '../../model/problems.ts';
import type { ObjectStore } from '../object-store.ts';

export interface CollapseParts {
  readonly store: Pick<ObjectStore, 'report'>;
  /** Milliseconds that what vanished is kept; 0: it is let go of at once. */
  readonly holdMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
  /** For the message: until when. */
  readonly wallNow: () => Date;
}

/** Counts of what vanished. */
export interface Collapse {
  readonly before: number;
  readonly left: number;
}

/** Of fewer objects, all may well be removed at once. */
const LEAST = 10;
/** Of the objects there were. */
const SUSPICIOUS_LOSS = 0.9;

/** Whether so much of a collection is gone between two looks at it that the source is to be doubted. */
export function isCollapse({ before, left }: Collapse): boolean {
  return before >= LEAST && before - left > before * SUSPICIOUS_LOSS;
}

/**
 * Remembers what has vanished at once and is kept all the same, each for a bounded time, and says so by a diagnostic. Whoever
 * finds a collapse keeps the objects for as long as the guard holds.
 */
export class CollapseGuard {
  readonly #parts: CollapseParts;
  readonly #signal: AbortSignal;
  readonly #held = new Map<string, AbortController>();

  constructor(parts: CollapseParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Whether anything is held now. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /**
   * To be called for as long as it lasts; the time counts from the first call.
   *
   * @param what vanished, in words; its name in `end`
   * @param letGo is called when the time is over, and not after `end`
   * @returns whether what vanished is to be kept
   */
  hold(what: string, collapse: Collapse, letGo: () => void): boolean {
    const { holdMs, wallNow, store } = this.#parts;
    if (holdMs === 0 || this.#signal.aborted) return false;
    if (this.#held.has(what)) return true;
    const ending = new AbortController();
    this.#held.set(what, ending);
    const until = new Date(wallNow().getTime() + holdMs).toISOString();
    store.report(originOf(what), [collapseHeld(what, collapse, until)]);
    void this.#expire(what, ending, letGo);
    return true;
  }

  /** What had vanished is back, or known to be gone. */
  end(what: string): void {
    const ending = this.#held.get(what);
    if (ending === undefined) return;
    this.#held.delete(what);
    ending.abort();
    this.#parts.store.report(originOf(what), []);
  }

  async #expire(what: string, ending: AbortController, letGo: () => void): Promise<void> {
    const { clock, holdMs } = this.#parts;
    const over = AbortSignal.any([this.#signal, ending.signal]);
    await clock.sleep(holdMs, over);
    if (over.aborted) return;
    letGo();
    this.end(what);
  }
}

function originOf(what: string): string {
  return `collapse ${what}`;
}
