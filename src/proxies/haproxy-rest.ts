import { setTimeout as sleep } from 'node:timers/promises';
import { askCli } from './haproxy-cli.ts';

/** A reload that has brought no new worker by then has failed, or was lost. */
const LONGEST_REST_MS = 5_000;
/** The master listens to signals shortly after its new worker has begun to answer. */
const GRACE_MS = 100;
/** A worker that answers for that long has a master that listens. Its age is told in whole seconds. */
const YOUNG_S = 1;
const POLL_MS = 20;
const ANSWER_TIMEOUT_MS = 1_000;
const MAX_ANSWER = 64_000;

type Tell = (signal: AbortSignal) => Promise<void>;

/**
 * Tells HAProxy to reload by a signal, which says nothing of what became of it. Its master executes itself again, and 2.6
 * loses a signal that comes between reading its configuration and listening to signals: it ignores them for a moment, which
 * discards those that wait. A worker with the old configuration may answer meanwhile, as after a roll-back. So each reload
 * waits until the one before has brought a new worker, which `admin`, the runtime API, tells by its number; it waits no longer
 * than a failed one takes, and not at all where there is no such socket. The first waits until the worker, which somebody else
 * started, is not young.
 */
export function oneAtATime(admin: string, tell: Tell): Tell {
  let last: { readonly at: number; readonly worker: number } | undefined;
  return async (signal) => {
    if (last === undefined) await waitForAge(admin, signal);
    else await waitForAnother(admin, last, signal);
    const worker = await askWorker(admin, signal);
    await tell(signal);
    last = worker === undefined ? undefined : { at: performance.now(), worker: worker.pid };
  };
}

async function waitForAge(admin: string, signal: AbortSignal): Promise<void> {
  const end = performance.now() + LONGEST_REST_MS;
  while (performance.now() < end) {
    const worker = await askWorker(admin, signal);
    if (worker === undefined || worker.ageS >= YOUNG_S) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function waitForAnother(
  admin: string,
  { at, worker }: { readonly at: number; readonly worker: number },
  signal: AbortSignal,
): Promise<void> {
  while (performance.now() - at < LONGEST_REST_MS) {
    const now = await askWorker(admin, signal);
    if (now !== undefined && now.pid !== worker) {
      await sleep(GRACE_MS, undefined, { signal });
      return;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

interface Worker {
  readonly pid: number;
  readonly ageS: number;
}

/** The process that answers at the runtime API; `undefined` when none does. */
async function askWorker(admin: string, signal: AbortSignal): Promise<Worker | undefined> {
  const request = { timeoutMs: ANSWER_TIMEOUT_MS, maxAnswer: MAX_ANSWER, signal };
  const answer = (await askCli(admin, 'show info', request)) ?? '';
  const number = (field: string) => new RegExp(`^${field}: (\\d+)$`, 'm').exec(answer)?.[1];
  const pid = number('Pid');
  return pid === undefined ? undefined : { pid: Number(pid), ageS: Number(number('Uptime_sec') ?? YOUNG_S) };
}
