import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** After this the command and all that it started are killed. */
  readonly timeoutMs: number;
  /** Characters of output that are kept: the last ones, because programs say at the end why they failed. */
  readonly maxOutput: number;
  readonly signal: AbortSignal;
  /** On top of what `childEnvironment` lets through. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** `undefined` when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** Standard output and standard error as they came, without control characters except for newlines. */
  readonly output: string;
  readonly timedOut: boolean;
}

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly output: 'inherit' | 'ignore';
}

/** A process that runs until it is told to stop; leader of a process group of its own. */
export interface Child {
  readonly pid: number;
  /** Resolves when the process has ended, to words that say how: `exit code 1`, `signal SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
}

/** A program that is not there, or that this user may not run. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}

/** Variables that a child needs to find programs, files and words. Everything else, above all tokens, stays with sluice. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** A command that has ended but left its output open (a daemon that it started holds it) is waited for this long. */
const OUTPUT_GRACE_MS = 200;

/** Runs a program without a shell. @throws CannotRunError when it is not there, the reason of `signal` when that aborts. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, timeoutMs, maxOutput, signal, env } = command;
  signal.throwIfAborted();
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    all: true,
    stdin: 'ignore',
    detached: true,
    extendEnv: false,
    env: { ...childEnvironment(process.env), ...env },
  });
  const output = new OutputTail(maxOutput);
  child.all.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.once('exit', () => void closeOutput(child));
  const timeout = new AbortController();
  const kill = (): void => killGroup(child.pid, 'SIGKILL');
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  timeout.signal.addEventListener('abort', kill);
  signal.addEventListener('abort', kill);
  const result = await child;
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (child.pid === undefined) throw cannotRun(file, result.code);
  return { exitCode: result.exitCode, output: output.text(), timedOut: timeout.signal.aborted };
}

/** Starts a program that stays. @throws CannotRunError when it is not there. */
export function startChild({ file, args, output }: ChildCommand): Child {
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: output,
    stderr: output,
    detached: true,
    extendEnv: false,
    env: childEnvironment(process.env),
  });
  if (child.pid === undefined) throw cannotRun(file, 'ENOENT');
  const ended = child.then(({ exitCode, signal }) => (signal === undefined ? `exit code ${exitCode ?? '?'}` : `signal ${signal}`));
  return { pid: child.pid, ended };
}

export function childEnvironment(all: NodeJS.ProcessEnv): Record<string, string> {
  const kept = PASSED_ON.map((name) => [name, all[name]] as const).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(kept);
}

/** Removes terminal sequences and whatever else a program could hide in its output. */
export function plainText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}
