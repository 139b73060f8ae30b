import { join } from 'node:path';
import type { ProxyIdentity } from '../model/options.ts';
import type { CheckResult, ProxyDriver } from './driver.ts';
import { askOldWorkers } from './haproxy-master.ts';
import { parseHaproxyCheck, parseHaproxyVersion } from './haproxy-output.ts';
import { oneAtATime } from './haproxy-rest.ts';
import { updateServers } from './haproxy-runtime.ts';
import { runCommand, type CommandResult } from './process.ts';
import { reloadProxy, type ReloadMethod } from './reload.ts';
import { askGeneration, checkSocketPath } from './unix-socket.ts';

export interface HaproxyOptions {
  readonly binary: string;
  /** Absolute; holds the sockets. */
  readonly runDirectory: string;
  readonly reload: ReloadMethod;
  readonly checkTimeoutMs: number;
  /** Absolute path of the unix socket where the configuration answers its generation. */
  readonly acknowledgeSocket: string;
}

const MAX_OUTPUT = 16_000;
const VERSION_TIMEOUT_MS = 10_000;
/** Of the 107 bytes that the system allows, ten are for the process number (src/sock_unix.c). */
const LONGEST_SOCKET = 97;
/** A new worker answers before the old one has been told to stop listening; that takes a few turns of its loop. */
const RELOAD_OVERLAP_MS = 60;
/** In this order: the defaults count for what comes after them. The hashes of users are a secret, and so in a file of their own. */
const CONFIG_FILES = ['haproxy.cfg', 'users.cfg', 'backends.cfg', 'generation.cfg'] as const;

/** @throws RangeError when the path of the socket is too long for a socket. */
export function createHaproxyDriver(options: HaproxyOptions): ProxyDriver {
  const { reload, acknowledgeSocket, runDirectory } = options;
  const { master, admin } = haproxySockets(runDirectory);
  for (const socket of [acknowledgeSocket, master, admin]) checkSocket(socket);
  const masterSocket = reload.type === 'master' ? reload.socket : reload.type === 'manage' ? master : undefined;
  const tell = (signal: AbortSignal) => reloadProxy(reload, signal);
  const driver: ProxyDriver = {
    name: 'haproxy',
    reloadOverlapMs: RELOAD_OVERLAP_MS,
    identify: (signal) => identify(options.binary, signal),
    check: (directory, signal) => check(options, directory, signal),
    reload: masterSocket === undefined ? oneAtATime(admin, tell) : tell,
    update: (change, signal) => updateServers(admin, change, signal),
    runningGeneration: (signal) => askGeneration(acknowledgeSocket, signal),
    ...(masterSocket !== undefined && { drainingWorkers: (signal) => askOldWorkers(masterSocket, signal) }),
  };
  return reload.type === 'manage' ? { ...driver, ensureStarted: () => reload.supervisor.start() } : driver;
}

export interface HaproxySockets {
  /** Where the master is told to reload. */
  readonly master: string;
  /** The runtime API of the worker; the pack names it, too. */
  readonly admin: string;
}

export function haproxySockets(runDirectory: string): HaproxySockets {
  return { master: join(runDirectory, 'haproxy-master.sock'), admin: join(runDirectory, 'haproxy-admin.sock') };
}

/** Arguments that run a master and its worker in the foreground on the installed configuration, for a Supervisor. */
export function haproxyArguments(
  configDir: string,
  { pidFile, runDirectory }: { readonly pidFile: string; readonly runDirectory: string },
): readonly string[] {
  const master = `${haproxySockets(runDirectory).master},mode,600`;
  return ['-W', '-S', master, '-p', pidFile, ...fileArguments(join(configDir, 'current'))];
}

/** It binds under a longer name and renames, splits addresses at commas and arguments of -S at spaces, and expands `$`. */
function checkSocket(path: string): void {
  checkSocketPath(path, LONGEST_SOCKET);
  if (/[\s,$"'\\#]/.test(path)) {
    throw new RangeError(
      `HAProxy cannot have a socket at ${path}: choose a directory without spaces, commas and quotes`,
    );
  }
}

function fileArguments(directory: string): readonly string[] {
  return CONFIG_FILES.flatMap((name) => ['-f', join(directory, name)]);
}

async function identify(binary: string, signal: AbortSignal): Promise<ProxyIdentity> {
  const timeoutMs = VERSION_TIMEOUT_MS;
  const { output } = await runCommand({ file: binary, args: ['-vv'], timeoutMs, maxOutput: MAX_OUTPUT, signal });
  const identity = parseHaproxyVersion(output);
  if (identity === undefined) throw new Error(`${binary} -vv did not answer as HAProxy does: ${output}`);
  return identity;
}

async function check(options: HaproxyOptions, directory: string, signal: AbortSignal): Promise<CheckResult> {
  const { binary: file, checkTimeoutMs: timeoutMs } = options;
  const args = ['-c', ...fileArguments(directory)];
  const result = await runCommand({ file, args, timeoutMs, maxOutput: MAX_OUTPUT, signal });
  if (result.timedOut) throw new Error(`${file} -c did not end within ${timeoutMs} ms`);
  return checkResult(result, directory);
}

function checkResult({ exitCode, output }: CommandResult, directory: string): CheckResult {
  const { message, places, verdict } = parseHaproxyCheck(output, directory);
  if (exitCode === 0) return { accepted: true, warnings: message };
  if (exitCode === undefined) {
    return { accepted: false, message: `HAProxy crashed while it read this: ${message}`, places };
  }
  if (!verdict) {
    throw new Error(`haproxy -c failed with exit code ${exitCode}: ${message === '' ? 'it said nothing' : message}`);
  }
  return { accepted: false, message, places };
}
