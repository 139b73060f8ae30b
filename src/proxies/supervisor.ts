import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../model/logger.ts';
import { commandLine, groupCommandLines, killGroup, killIfThere, readPidFile } from './process-table.ts';
import { startChild, type RunningProcess } from './process.ts';
import { connectError, removeStaleSocket } from './unix-socket.ts';

export interface SupervisorOptions {
  readonly file: string;
  /** Keep the program in the foreground. One of them must be unique to this proxy on the machine: `identifiedBy`. */
  readonly args: readonly string[];
  /** Part of the command line by which a proxy that an earlier sluice started is known again, such as the configuration's path. */
  readonly identifiedBy: string;
  /** Part of the command lines of the workers, and of no other process of the proxy; `undefined`: they have none. */
  readonly workerTitle: string | undefined;
  /** Where the proxy writes its pid once it handles signals. */
  readonly pidFile: string;
  readonly acknowledgeSocket: string;
  readonly reloadSignal: NodeJS.Signals;
  /** Makes it read its configuration in another way than by a signal. */
  readonly tellReload?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Ends the proxy after it has answered the requests that it has. */
  readonly quitSignal: NodeJS.Signals;
  readonly quitTimeoutMs: number;
  readonly output: 'inherit' | 'ignore';
  readonly logger: Logger;
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
const HEALTHY_AFTER_MS = 30_000;
const TERMINATE_TIMEOUT_MS = 5_000;
const READY_TIMEOUT_MS = 60_000;
const LEFTOVER_TIMEOUT_MS = 2_000;
const POLL_MS = 20;
const ADOPTED_POLL_MS = 200;
const LOOKS_BEFORE_GONE = 5;

/** Pause before the next start after so many deaths in a row. */
export function restartDelayMs(deaths: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, deaths - 1));
}

/** Starts the proxy as a child, and again whenever it dies; a proxy that outlived an earlier sluice is taken over. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopped = new AbortController();
  #pause = new AbortController();
  #process: RunningProcess | undefined;
  #lastPid: number | undefined;
  #started: Promise<void> | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** The process of the proxy; `undefined` while it is down. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when a proxy that runs has been found, or when it is known that there is none and one is being started. */
  start(): Promise<void> {
    this.#started ??= this.#begin();
    return this.#started;
  }

  /** Makes the proxy read its configuration, or starts it now when it is down. @throws Error when it says that it cannot */
  async reload(signal: AbortSignal): Promise<void> {
    await this.start();
    this.#pause.abort();
    const running = this.#process;
    if (running === undefined) return;
    if (!(await this.#ready(running, signal))) return;
    const { tellReload, reloadSignal } = this.#options;
    if (tellReload === undefined) killIfThere(running.pid, reloadSignal);
    else await tellReload(signal);
  }

  /** Ends the proxy, gracefully if it lets itself, and supervision with it. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#pause.abort();
    await this.#started;
    const running = this.#process;
    if (running !== undefined) await this.#end(running);
    await this.#loop;
  }

  async #begin(): Promise<void> {
    this.#process = await this.#findRunning();
    this.#loop = this.#supervise();
  }

  async #supervise(): Promise<void> {
    const { logger } = this.#options;
    let deaths = 0;
    for (;;) {
      const startedAt = performance.now();
      const how = await this.#runOnce();
      if (this.#stopped.signal.aborted) return;
      deaths = performance.now() - startedAt >= HEALTHY_AFTER_MS ? 1 : deaths + 1;
      const delayMs = restartDelayMs(deaths);
      logger.error({ how, delayMs }, 'the proxy ended; starting it again');
      await this.#sleepUnlessCalled(delayMs);
    }
  }

  /** Runs the proxy until it ends; says how. */
  async #runOnce(): Promise<string> {
    try {
      this.#process ??= (await this.#findRunning()) ?? (await this.#launch());
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#lastPid = this.#process.pid;
    if (this.#stopped.signal.aborted) await this.#end(this.#process);
    const how = await this.#process.ended;
    this.#process = undefined;
    return how;
  }

  async #launch(): Promise<RunningProcess> {
    const { file, args, output, logger } = this.#options;
    await this.#clearLeftovers();
    this.#stopped.signal.throwIfAborted();
    const child = await startChild({ file, args, output });
    logger.info({ pid: child.pid }, 'proxy started');
    return child;
  }

  /** A proxy with our configuration that runs already: sluice was killed, or somebody replaced the binary (SIGUSR2). */
  async #findRunning(): Promise<RunningProcess | undefined> {
    const pid = await readPidFile(this.#options.pidFile);
    if (pid === undefined || !(await this.#isOurs(pid))) return undefined;
    this.#options.logger.info({ pid }, 'took over a proxy that was running');
    return { pid, ended: this.#watch(pid) };
  }

  async #isOurs(pid: number): Promise<boolean> {
    const title = await commandLine(pid);
    const { identifiedBy, workerTitle } = this.#options;
    if (title?.includes(identifiedBy) !== true) return false;
    return workerTitle === undefined || !title.includes(workerTitle);
  }

  async #watch(pid: number): Promise<string> {
    while (!(await this.#isGone(pid))) await sleep(ADOPTED_POLL_MS);
    return 'unknown, it was not our child';
  }

  /** While a process executes another program, or itself again, it has no command line: for longer where CPU is short. */
  async #isGone(pid: number): Promise<boolean> {
    for (let looks = 0; looks < LOOKS_BEFORE_GONE; looks += 1) {
      if (await this.#isOurs(pid)) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  /** Workers outlive a master that was killed, and hold its ports and its socket. They finish the requests that they have. */
  async #clearLeftovers(): Promise<void> {
    const { acknowledgeSocket, quitSignal, pidFile, logger } = this.#options;
    const leader = this.#lastPid ?? (await readPidFile(pidFile));
    if (leader !== undefined && (await this.#hasWorkers(leader))) {
      logger.warn({ leader }, 'ending workers of a proxy that was killed');
      killGroup(leader, quitSignal);
      if (!(await this.#letGo(leader))) killGroup(leader, 'SIGKILL');
    }
    if (await removeStaleSocket(acknowledgeSocket)) logger.info({ acknowledgeSocket }, 'removed a stale socket');
  }

  /** Workers without a title of their own have the command line of the process that is gone. */
  async #hasWorkers(leader: number): Promise<boolean> {
    const { identifiedBy, workerTitle = identifiedBy } = this.#options;
    return (await groupCommandLines(leader)).some((line) => line.includes(workerTitle));
  }

  /** Whether the workers of a group stop listening within some time; of those without a title, whether they end. */
  async #letGo(leader: number): Promise<boolean> {
    const { acknowledgeSocket, workerTitle } = this.#options;
    const isHeld = async (): Promise<boolean> =>
      workerTitle === undefined ? this.#hasWorkers(leader) : (await connectError(acknowledgeSocket)) === undefined;
    const deadline = performance.now() + LEFTOVER_TIMEOUT_MS;
    while (await isHeld()) {
      if (performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  /** Before its pid file is written, the proxy does not handle signals: SIGHUP would end it. False when it ended first. */
  async #ready(running: RunningProcess, signal: AbortSignal): Promise<boolean> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (this.#process === running && performance.now() < deadline) {
      if ((await readPidFile(this.#options.pidFile)) === running.pid) return true;
      await sleep(POLL_MS, undefined, { signal });
    }
    return false;
  }

  async #end({ pid, ended }: RunningProcess): Promise<void> {
    const { quitSignal, quitTimeoutMs, logger } = this.#options;
    killIfThere(pid, quitSignal);
    if (await settles(ended, quitTimeoutMs)) return;
    logger.warn({ pid }, 'the proxy still has requests; ending it');
    killIfThere(pid, 'SIGTERM');
    if (!(await settles(ended, TERMINATE_TIMEOUT_MS))) killGroup(pid, 'SIGKILL');
  }

  async #sleepUnlessCalled(delayMs: number): Promise<void> {
    this.#pause = new AbortController();
    const signal = AbortSignal.any([this.#pause.signal, this.#stopped.signal]);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

async function settles(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const cancelled = new AbortController();
  const late = sleep(timeoutMs, false, { signal: cancelled.signal }).catch(() => false);
  const settled = await Promise.race([promise.then(() => true), late]);
  cancelled.abort();
  return settled;
}
