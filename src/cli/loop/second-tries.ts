import type { Clock } from '../../model/clock.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
/** While it is tried, all other changes wait: at most a third of the time goes into it. */
const PAUSE_PER_MS = 2;

interface Next {
  readonly at: number;
  readonly failures: number;
}

/** When what was left out because of a failed reload is to be tried again although nothing has changed. */
export class SecondTries {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #next = new Map<string, Next>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The one that waits for the longest time; `undefined` when it is no one's turn. */
  get due(): string | undefined {
    const [first] = [...this.#next].sort(([, left], [, right]) => left.at - right.at);
    return first !== undefined && first[1].at <= this.#clock.now() ? first[0] : undefined;
  }

  /** It failed, which took so long; returns the pause until the next try, in milliseconds. */
  postpone(key: string, tookMs: number): number {
    const failures = (this.#next.get(key)?.failures ?? 0) + 1;
    const pauseMs = pauseOf(failures, tookMs);
    this.#next.set(key, { at: this.#clock.now() + pauseMs, failures });
    return pauseMs;
  }

  /** Forgets all others. */
  keep(isWanted: (key: string) => boolean): void {
    for (const key of this.#next.keys()) if (!isWanted(key)) this.#next.delete(key);
  }
}

/** Pause after so many failures in a row, of which the last took so long. */
export function pauseOf(failures: number, tookMs: number): number {
  const grown = FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1);
  return Math.min(LONGEST_PAUSE_MS, Math.max(grown, PAUSE_PER_MS * tookMs));
}
