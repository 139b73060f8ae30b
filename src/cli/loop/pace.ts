import type { Clock } from './clock.ts';
import type { Wait } from '../values.ts';

export interface PaceOptions {
  readonly wait: Wait;
  /** Milliseconds between the end of a reload and the next pass; `auto`: as long as the last check and reload took. */
  readonly reloadInterval: number | 'auto';
  /** The proxy takes most changes of endpoints without a reload. */
  readonly takesEndpoints: boolean;
}

/** What changed: nothing but endpoints of Services, or anything. */
export type Change = 'endpoints' | 'any';

const AUTO_MOST_MS = 30_000;

/** Requests fail at endpoints that are gone; and when there is no reload to save, little is won by gathering. */
const ENDPOINTS_WAIT = 1 / 5;

/**
 * Decides when the next pass begins: soon after a lone change, at the end of a burst but within its cap, and not before
 * the proxy had its rest after a reload. Changes that come while a pass runs are gathered for the next.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #clock: Clock;
  #firstChange: number | undefined;
  #isEndpointsOnly = false;
  #changedAt: number | undefined;
  #lastChange = 0;
  #restUntil = 0;
  #wake: AbortController | undefined;

  constructor(options: PaceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** When the first of the changes came that the last pass was begun for, on the clock; `undefined` before the first. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }

  /** Something changed that no pass was begun for. */
  get isPending(): boolean {
    return this.#firstChange !== undefined;
  }

  /** Something changed. */
  note(change: Change = 'any'): void {
    const isFirst = this.#firstChange === undefined;
    this.#isEndpointsOnly = change === 'endpoints' && (isFirst || this.#isEndpointsOnly);
    this.#lastChange = this.#clock.now();
    this.#firstChange ??= this.#lastChange;
    this.#wake?.abort();
  }

  /** A reload ended just now and took this long. */
  noteReload(tookMs: number): void {
    const { reloadInterval } = this.#options;
    const rest = reloadInterval === 'auto' ? Math.min(tookMs, AUTO_MOST_MS) : reloadInterval;
    this.#restUntil = this.#clock.now() + rest;
  }

  /**
   * Resolves when a pass shall begin for noted changes ('changed'), or when nothing changed for `idleMs` ('idle'); at
   * once, as 'idle', when `signal` aborts.
   */
  async next(idleMs: number, signal: AbortSignal): Promise<'changed' | 'idle'> {
    if (this.#firstChange === undefined) await this.#sleep(idleMs, signal);
    for (;;) {
      const remaining = this.#remaining();
      if (remaining === undefined || signal.aborted) return 'idle';
      if (remaining <= 0) {
        this.#changedAt = this.#firstChange;
        this.#firstChange = undefined;
        return 'changed';
      }
      await this.#clock.sleep(remaining, signal);
    }
  }

  /** Milliseconds until the noted changes are to be worked on. */
  #remaining(): number | undefined {
    if (this.#firstChange === undefined) return undefined;
    const { wait, takesEndpoints } = this.#options;
    const { cap } = wait;
    const quiet = takesEndpoints && this.#isEndpointsOnly ? wait.quiet * ENDPOINTS_WAIT : wait.quiet;
    const gathered = Math.min(this.#lastChange + quiet, this.#firstChange + cap);
    return Math.max(gathered, this.#restUntil) - this.#clock.now();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    await this.#clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
    this.#wake = undefined;
  }
}
