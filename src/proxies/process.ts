import { execa } from 'execa';
import type { ChildProcess } from 'node:child_process';
import { killGroup } from './process-table.ts';
import { OutputTail } from './output.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** After this the command and all that it started are killed. */
  readonly timeoutMs: number;
  /** Characters of output that are kept: the last ones, because programs say at the end why they failed. */
  readonly maxOutput: number;
  readonly signal: AbortSignal;
  /**
   * Send standard output to /dev/null: for a program that opens /dev/stdout by name, as nginx does for its access log. What
   * Node gives to children is a socket, which cannot be opened so.
   */
  readonly ignoreStdout?: boolean;
  /** On top of what `childEnvironment` lets through. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** `undefined` when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** Standard output and standard error in the order of arrival, without control characters except for newlines. */
  readonly output: string;
  readonly timedOut: boolean;
}

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** `inherit`: the child writes where sluice writes, so that it can also open /dev/stdout. */
  readonly output: 'inherit' | 'ignore';
}

/** A process that runs until it is told to stop. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves when the process has ended, to words that say how: `exit code 1`, `signal SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
}

/** A program that is not there, or that this user may not run. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}

/** What a child needs to find programs, files and words. Everything else, above all tokens, stays with sluice. */
const PASSED_ON: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']);

/** A command that has ended may have left its output open: a daemon that it started holds it. It is waited for this long. */
const OUTPUT_GRACE_MS = 200;

/** Runs a program without a shell. @throws CannotRunError when it is not there, the reason of `signal` when that aborts. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, timeoutMs, maxOutput, signal } = command;
  signal.throwIfAborted();
  const child = execa(file, args, {
    ...CHILD_OPTIONS,
    all: true,
    stdout: command.ignoreStdout === true ? 'ignore' : 'pipe',
    env: { ...childEnvironment(process.env), ...command.env },
  });
  const output = new OutputTail(maxOutput);
  child.all.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.nodeChildProcess.once('exit', () => setTimeout(closeOutput, OUTPUT_GRACE_MS, child.nodeChildProcess).unref());
  const timeout = AbortSignal.timeout(timeoutMs);
  const cut = AbortSignal.any([timeout, signal]);
  const kill = (): void => {
    if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
  };
  cut.addEventListener('abort', kill);
  const result = await child;
  cut.removeEventListener('abort', kill);
  if (child.pid === undefined) throw cannotRun(file, result.code);
  signal.throwIfAborted();
  return {
    exitCode: result.exitCode,
    output: output.text(),
    timedOut: timeout.aborted && result.exitCode === undefined,
  };
}

/** Starts a program that stays. @throws CannotRunError when it is not there. */
export async function startChild({ file, args, output }: ChildCommand): Promise<RunningProcess> {
  const options = { ...CHILD_OPTIONS, stdout: output, stderr: output, env: childEnvironment(process.env) };
  const child = execa(file, args, options);
  if (child.pid === undefined) throw cannotRun(file, (await child).code);
  const ended = child.then(({ exitCode, signal }) =>
    exitCode === undefined ? `signal ${signal ?? 'unknown'}` : `exit code ${exitCode}`,
  );
  return { pid: child.pid, ended };
}

/** A group of its own: so that a time-out reaches all that the child started, and Ctrl-C does not reach the proxy. */
const CHILD_OPTIONS = { reject: false, buffer: false, stdin: 'ignore', detached: true, extendEnv: false } as const;

export function childEnvironment(all: NodeJS.ProcessEnv): Record<string, string> {
  const known = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const kept = Object.fromEntries(known.filter(([name]) => PASSED_ON.has(name)));
  return { ...kept, PATH: withSystemFolders(kept['PATH']) };
}

/** Debian keeps proxies in folders that only root has in its PATH. */
function withSystemFolders(path: string | undefined): string {
  const folders = path === undefined ? ['/usr/local/bin', '/usr/bin', '/bin'] : path.split(':');
  return [...new Set([...folders, '/usr/local/sbin', '/usr/sbin', '/sbin'])].join(':');
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function cannotRun(file: string, code: string | undefined): CannotRunError {
  if (code === 'ENOENT') {
    return new CannotRunError(
      `cannot run ${file}: there is no such program; install it, or give its path by --proxy-binary`,
    );
  }
  return new CannotRunError(`cannot run ${file}: ${code ?? 'unknown error'}; is it a program that this user may run?`);
}
