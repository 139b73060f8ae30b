import { reloadByMaster } from './haproxy-master.ts';
import { commandLine, errorCode, killIfThere, readPidFile } from './process-table.ts';
import { runCommand } from './process.ts';
import type { Supervisor } from './supervisor.ts';

/** How the running proxy is told to read its configuration again. */
export type ReloadMethod =
  | {
      readonly type: 'signal';
      readonly pidFile: string;
      readonly signal: NodeJS.Signals;
      /** A word that the command line of the proxy holds: what else has this number must not be signalled. */
      readonly program: string;
    }
  | { readonly type: 'command'; readonly file: string; readonly args: readonly string[]; readonly timeoutMs: number }
  /** The master CLI of HAProxy; needs no shared process namespace, and tells what came of it. */
  | { readonly type: 'master'; readonly socket: string }
  | { readonly type: 'manage'; readonly supervisor: Supervisor };

const MAX_OUTPUT = 4_000;

/** @throws Error when the proxy cannot be told, saying why and what to do. */
export async function reloadProxy(method: ReloadMethod, signal: AbortSignal): Promise<void> {
  switch (method.type) {
    case 'signal':
      return signalProxy(method);
    case 'command':
      return runReloadCommand(method, signal);
    case 'master':
      return reloadByMaster(method.socket, signal);
    case 'manage':
      return method.supervisor.reload(signal);
  }
}

type SignalMethod = Extract<ReloadMethod, { type: 'signal' }>;

async function signalProxy({ pidFile, signal, program }: SignalMethod): Promise<void> {
  const pid = await readPidFile(pidFile);
  if (pid === undefined) {
    throw new Error(`${program} is not running, or writes its pid elsewhere than to ${pidFile}: pass --pid-file`);
  }
  const title = await commandLine(pid);
  if (title !== undefined && !title.includes(program)) {
    throw new Error(
      `process ${pid}, which ${pidFile} names, is not ${program}: it is gone, or sluice does not share its process namespace (shareProcessNamespace: true)`,
    );
  }
  if (!sendSignal(pid, signal))
    throw new Error(`process ${pid}, which ${pidFile} names, is gone: ${program} is not running`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return killIfThere(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
    throw new Error(`not permitted to signal process ${pid}: run sluice as the user of the proxy, or with CAP_KILL`, {
      cause: error,
    });
  }
}

type CommandMethod = Extract<ReloadMethod, { type: 'command' }>;

async function runReloadCommand({ file, args, timeoutMs }: CommandMethod, signal: AbortSignal): Promise<void> {
  const { exitCode, output, timedOut } = await runCommand({ file, args, timeoutMs, maxOutput: MAX_OUTPUT, signal });
  if (exitCode === 0) return;
  const how = timedOut ? `did not end within ${timeoutMs} ms` : `failed (exit code ${exitCode ?? 'none'})`;
  throw new Error(`the reload command ${file} ${how}: ${output === '' ? 'it said nothing' : output}`);
}
