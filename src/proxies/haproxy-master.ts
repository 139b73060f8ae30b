import { setTimeout as sleep } from 'node:timers/promises';
import { askCli } from './haproxy-cli.ts';
import { plainText, withoutKeys } from './output.ts';

/*
 * The master CLI of HAProxy (-S): https://docs.haproxy.org/2.6/management.html#9.4
 * 2.7 and newer answer `reload` when it is done, with `Success=1` or `Success=0` and what the new worker said. 2.6 answers
 * nothing and re-executes itself; what came of it is in `show proc`.
 */

/** What `show proc` tells of the master. */
export interface MasterState {
  readonly pid: number;
  /** Reloads since it was started, the failed ones included. */
  readonly reloads: number;
  /** Reloads that failed since the last one that did not: the workers of before go on. */
  readonly failed: number;
}

const STATE_TIMEOUT_MS = 5_000;
const COUNT_TIMEOUT_MS = 1_000;
/** A new worker reads its configuration before it answers; to bind a port that is taken, it tries for two seconds. */
const RELOAD_TIMEOUT_MS = 60_000;
/** While 2.6 re-executes itself, its socket refuses or resets connections. */
const BUSY_TIMEOUT_MS = 2_000;
const POLL_MS = 20;
const MAX_ANSWER = 64_000;
const NO_REASON = 'it did not say why';

/** Makes the master load its configuration files again. @throws Error when it does not answer, or could not load them */
export async function reloadByMaster(socket: string, signal: AbortSignal): Promise<void> {
  const before = await waitForState(socket, BUSY_TIMEOUT_MS, signal);
  if (before === undefined) {
    throw new Error(`HAProxy does not answer on ${socket}: it is not running, or was started without -W -S ${socket}`);
  }
  const answer = await tellReload(socket, signal);
  const success = /^Success=(\d)/.exec(answer)?.[1];
  if (success === '1') return;
  if (success !== undefined) throw new Error(failure(complaints(answer)));
  await waitForReload(socket, before, signal);
}

/** A master whose first worker is not ready yet answers that it failed, without a reason: it is told again. */
async function tellReload(socket: string, signal: AbortSignal): Promise<string> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    const answer = (await ask(socket, 'reload', { timeoutMs: RELOAD_TIMEOUT_MS, signal })) ?? '';
    const isBusy = answer.startsWith('Success=0') && complaints(answer) === NO_REASON;
    if (!isBusy || performance.now() >= deadline) return answer;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** For 2.6: until the master counts a reload more than before. */
async function waitForReload(socket: string, before: MasterState, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + RELOAD_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const state = await waitForState(socket, deadline - performance.now(), signal);
    const isDone = state !== undefined && (state.reloads > before.reloads || state.pid !== before.pid);
    if (isDone && state.failed > 0) throw new Error(failure('its standard error says why'));
    if (isDone) return;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new Error(`HAProxy did not reload within ${RELOAD_TIMEOUT_MS} ms`);
}

function failure(reason: string): string {
  return `HAProxy could not load the configuration and goes on with what it had: ${reason}`;
}

/** Workers from before a reload that have connections still; `undefined` when the master does not answer. Throws only on abort. */
export async function askOldWorkers(socket: string, signal: AbortSignal): Promise<number | undefined> {
  const answer = await ask(socket, 'show proc', { timeoutMs: COUNT_TIMEOUT_MS, signal });
  return answer === undefined || parseState(answer) === undefined ? undefined : countOldWorkers(answer);
}

/** Reads the lines after `# old workers`, such as `1233  worker  3  0d00h00m43s  2.6.12`, up to the next heading. */
export function countOldWorkers(answer: string): number {
  const section = /^# old workers\n((?:[^#].*\n?)*)/m.exec(answer)?.[1] ?? '';
  return section.match(/^\d+\s+worker\s/gm)?.length ?? 0;
}

/** The state of the master; `undefined` when it says nothing for so long. */
async function waitForState(socket: string, timeoutMs: number, signal: AbortSignal): Promise<MasterState | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask(socket, 'show proc', { timeoutMs: STATE_TIMEOUT_MS, signal });
    const state = answer === undefined ? undefined : parseState(answer);
    if (state !== undefined || performance.now() >= deadline) return state;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Reads the line of the master: `1162  master  0 [failed: 0]  0d00h02m07s  2.6.12`. */
export function parseState(answer: string): MasterState | undefined {
  const [, pid, reloads, failed = '0'] = /^(\d+)\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?/m.exec(answer) ?? [];
  if (pid === undefined || reloads === undefined) return undefined;
  return { pid: Number(pid), reloads: Number(reloads), failed: Number(failed) };
}

/** Of the log that follows `Success=0`, what is more than a notice. */
export function complaints(answer: string): string {
  const lines = withoutKeys(plainText(answer)).split('\n').slice(2);
  const said = lines.filter((line) => /^\[(?:ALERT|WARNING|EMERG)\]/.test(line));
  return said.length > 0 ? said.map((line) => line.replace(/\s+\(\d+\) :/, '')).join('\n') : NO_REASON;
}

/** Sends one command; `undefined` when nobody listens, or hangs up before the end. */
function ask(
  socket: string,
  command: string,
  request: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  return askCli(socket, command, { ...request, maxAnswer: MAX_ANSWER });
}
