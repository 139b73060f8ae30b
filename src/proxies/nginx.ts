import { join } from 'node:path';
import type { ProxyIdentity } from '../model/options.ts';
import type { CheckResult, ProxyDriver } from './driver.ts';
import { Emergencies, LOG_EMERGENCIES } from './nginx-emergencies.ts';
import { parseCheckOutput, parseNginxVersion, parseWorkerGroup } from './nginx-output.ts';
import { childCommandLines, commandLine, readPidFile } from './process-table.ts';
import { runCommand, type CommandResult } from './process.ts';
import { reloadProxy, type ReloadMethod } from './reload.ts';
import { askGeneration, checkSocketPath, removeStaleSocket } from './unix-socket.ts';

export interface NginxOptions {
  readonly binary: string;
  /** Absolute. What a relative path of a log, pid or temporary file starts from; certificates and includes do not. */
  readonly runDirectory: string;
  readonly reload: ReloadMethod;
  readonly checkTimeoutMs: number;
  /** Absolute path of the unix socket where the configuration answers its generation. */
  readonly acknowledgeSocket: string;
  /** Absolute; where the configuration has nginx write the pid of its master. */
  readonly pidFile?: string;
}

const MAX_OUTPUT = 16_000;
const VERSION_TIMEOUT_MS = 10_000;
/** The master sleeps 100 ms between starting new workers and telling the old ones to stop (ngx_master_process_cycle). */
const RELOAD_OVERLAP_MS = 150;
export const NGINX_CONFIG = 'nginx.conf';

/** @throws RangeError when the path of the socket is too long for a socket. */
export function createNginxDriver(options: NginxOptions): ProxyDriver {
  const { reload, acknowledgeSocket, runDirectory } = options;
  checkSocketPath(acknowledgeSocket);
  const emergencies = new Emergencies(runDirectory);
  return {
    name: 'nginx',
    reloadOverlapMs: RELOAD_OVERLAP_MS,
    identify: (signal) => identify(options.binary, signal),
    workerGroup: (signal) => buildOutput(options.binary, signal).then(parseWorkerGroup),
    check: (directory, signal) => check(options, directory, signal),
    ...(reload.type === 'manage' ? { ensureStarted: () => reload.supervisor.start() } : {}),
    async reload(signal) {
      // A proxy in another container that was killed cannot start again as long as its socket is there.
      if (reload.type !== 'manage') await removeStaleSocket(acknowledgeSocket);
      await emergencies.mark();
      await reloadProxy(reload, signal);
    },
    complaint: async () => emergencies.read(await masterPid(options)),
    async runningGeneration(signal) {
      await emergencies.trim();
      return askGeneration(acknowledgeSocket, signal);
    },
    drainingWorkers: () => countDraining(options),
  };
}

/** Arguments that keep nginx in the foreground: for a Supervisor, and for containers of its own. */
export function nginxArguments(configDir: string, runDirectory: string): readonly string[] {
  return [
    '-c',
    join(configDir, 'current', NGINX_CONFIG),
    '-p',
    runDirectory,
    '-e',
    'stderr',
    '-g',
    `daemon off; ${LOG_EMERGENCIES}`,
  ];
}

/** Titles that nginx gives its processes (ngx_setproctitle), cut to the room that its arguments and environment had. */
const MASTER_TITLE = 'nginx: master process';
/** Followed by "shutting down". */
const DRAINING_TITLE = 'nginx: worker process is ';

async function countDraining(options: NginxOptions): Promise<number | undefined> {
  const master = await masterPid(options);
  if (master === undefined || (await commandLine(master))?.includes(MASTER_TITLE) !== true) return undefined;
  const titles = await childCommandLines(master);
  return titles.filter((title) => title.includes(DRAINING_TITLE)).length;
}

async function masterPid({ reload, pidFile }: NginxOptions): Promise<number | undefined> {
  if (reload.type === 'manage') return reload.supervisor.pid;
  const path = reload.type === 'signal' ? reload.pidFile : pidFile;
  return path === undefined ? undefined : readPidFile(path).catch(() => undefined);
}

async function identify(binary: string, signal: AbortSignal): Promise<ProxyIdentity> {
  const output = await buildOutput(binary, signal);
  const identity = parseNginxVersion(output);
  if (identity === undefined) throw new Error(`${binary} -V did not answer as nginx does: ${output}`);
  return identity;
}

async function buildOutput(file: string, signal: AbortSignal): Promise<string> {
  const timeoutMs = VERSION_TIMEOUT_MS;
  const { output } = await runCommand({ file, args: ['-V'], timeoutMs, maxOutput: MAX_OUTPUT, signal });
  return output;
}

async function check(options: NginxOptions, directory: string, signal: AbortSignal): Promise<CheckResult> {
  const { binary: file, runDirectory, checkTimeoutMs: timeoutMs } = options;
  const args = ['-t', '-q', '-e', 'stderr', '-c', join(directory, NGINX_CONFIG), '-p', runDirectory];
  const result = await runCommand({ file, args, timeoutMs, maxOutput: MAX_OUTPUT, signal, ignoreStdout: true });
  if (result.timedOut) throw new Error(`${file} -t did not end within ${timeoutMs} ms`);
  return checkResult(result, directory);
}

function checkResult({ exitCode, output }: CommandResult, directory: string): CheckResult {
  const { message, places, verdict } = parseCheckOutput(output, directory);
  if (exitCode === 0) return { accepted: true, warnings: message };
  if (exitCode === undefined)
    return { accepted: false, message: `nginx crashed while it read this: ${message}`, places };
  if (!verdict)
    throw new Error(`nginx -t failed with exit code ${exitCode}: ${message === '' ? 'it said nothing' : message}`);
  return { accepted: false, message, places };
}
