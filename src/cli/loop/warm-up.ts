import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../model/clock.ts';
import { NOTHING_EXCLUDED } from '../../model/exclusions.ts';
import type { Scene } from './trial.ts';

export interface WarmUp {
  readonly clock: Pick<Clock, 'now'>;
  /** Nothing better is to be done. */
  readonly isWanted: () => boolean;
}

const ROUNDS = 20;
const MOST_MS = 500;
/** A small world needs no more than that from the start. */
const FAST_MS = 5;

/**
 * Renders what is in force again, for nobody: V8 makes code fast that has run a few times, and else the first changes after
 * a start would take three times as long as later ones.
 */
export async function warmUp({ compile }: Pick<Scene, 'compile'>, { clock, isWanted }: WarmUp): Promise<void> {
  const end = clock.now() + MOST_MS;
  for (let round = 0; round < ROUNDS; round += 1) {
    // What comes in meanwhile is heard between two rounds.
    await setImmediate();
    const started = clock.now();
    if (started >= end || !isWanted()) return;
    compile(NOTHING_EXCLUDED);
    if (clock.now() - started < FAST_MS) return;
  }
}

/**
 * Gives back what the start needed and nothing needs any more, as far as node lets us (`--expose-gc`): a sidecar is paid for
 * in every pod. It takes some tens of milliseconds.
 */
export function releaseMemory(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
}
