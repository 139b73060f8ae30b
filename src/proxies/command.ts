import { readlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { ConfigPlace } from '../model/bundle.ts';
import type { ProxyIdentity } from '../model/options.ts';
import type { Acknowledge, Command, PackCommands, Placeholder } from '../model/pack-commands.ts';
import type { CheckResult, ProxyDriver } from './driver.ts';
import { readPidFile } from './process-table.ts';
import { CannotRunError, runCommand, type CommandResult } from './process.ts';
import { reloadProxy, type ReloadMethod } from './reload.ts';
import { askGeneration, askGenerationAt } from './unix-socket.ts';

export interface CommandOptions {
  readonly name: string;
  readonly commands: PackCommands;
  /** What placeholders stand for; `directory` is that of the installed configuration. */
  readonly words: Readonly<Record<Placeholder, string>>;
  readonly reload: ReloadMethod;
  readonly checkTimeoutMs: number;
}

const MAX_OUTPUT = 16_000;
const VERSION_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** A driver made of the commands that a pack declares: for any proxy that can check, start and reload. */
export function createCommandDriver(options: CommandOptions): ProxyDriver {
  const { name, commands } = options;
  const { acknowledge } = commands;
  return {
    name,
    reloadOverlapMs: commands.reloadOverlapMs,
    identify: (signal) => identify(options, signal),
    check: (directory, signal) => check(options, directory, signal),
    ...(acknowledge === undefined ? believing(options) : asking(acknowledge, options)),
  };
}

type Running = Pick<ProxyDriver, 'reload' | 'ensureStarted' | 'runningGeneration'>;

/** For a proxy that tells its generation. */
function asking(acknowledge: Acknowledge, options: CommandOptions): Running {
  const { reload } = options;
  const running: Running = {
    reload: (signal) => reloadProxy(reload, signal),
    runningGeneration: (signal) => askedGeneration(acknowledge, options, signal),
  };
  return reload.type === 'manage' ? { ...running, ensureStarted: () => reload.supervisor.start() } : running;
}

/**
 * For a proxy that cannot tell: it is believed to run what was installed when a reload last did not fail. What it ran
 * before this sluice started is not known, so that there is one reload then.
 */
function believing({ reload, words }: CommandOptions): Running {
  let believed: number | undefined;
  const load = async (signal: AbortSignal): Promise<void> => {
    const installed = await installedGeneration(words.directory);
    await reloadProxy(reload, signal);
    believed = installed;
  };
  if (reload.type !== 'manage') return { reload: load, runningGeneration: () => Promise.resolve(believed) };
  const { supervisor } = reload;
  return {
    reload: load,
    async ensureStarted(signal) {
      await supervisor.start();
      // A reload that fails now is tried again when nothing is believed, and told then.
      await load(signal).catch(() => signal.throwIfAborted());
    },
    runningGeneration: async () => {
      const pid = await readPidFile(words.pidFile).catch(() => undefined);
      return pid !== undefined && pid === supervisor.pid ? believed : undefined;
    },
  };
}

/** A command with every placeholder replaced. */
export function fillCommand(command: Command, words: Readonly<Record<Placeholder, string>>): Command {
  const fill = (text: string) => fillText(text, words);
  const [file, ...args] = command;
  return [fill(file), ...args.map(fill)];
}

function fillText(text: string, words: Readonly<Record<Placeholder, string>>): string {
  const known = new Map<string, string>(Object.entries(words));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => known.get(name) ?? whole);
}

async function identify({ name, commands, words }: CommandOptions, signal: AbortSignal): Promise<ProxyIdentity> {
  const { output } = await run(fillCommand(commands.version, words), VERSION_TIMEOUT_MS, signal);
  const version = new RegExp(commands.versionPattern).exec(output)?.[1];
  if (version === undefined) throw new Error(`${name} did not say its version: ${output}`);
  return { name, version, modules: [] };
}

async function check(options: CommandOptions, directory: string, signal: AbortSignal): Promise<CheckResult> {
  const { commands, words, checkTimeoutMs, name } = options;
  const command = fillCommand(commands.check, { ...words, directory });
  const result = await run(command, checkTimeoutMs, signal);
  if (result.timedOut) throw new Error(`the check of ${name} did not end within ${checkTimeoutMs} ms`);
  const message = result.output.replaceAll(`${directory}/`, '').trim();
  if (result.exitCode === 0) return { accepted: true, warnings: warningsIn(message, commands.quiet) };
  return { accepted: false, message, places: placesIn(result.output, commands.places, directory) };
}

function warningsIn(message: string, quiet: string | undefined): string {
  if (quiet === undefined) return message;
  const isQuiet = new RegExp(quiet);
  return message
    .split('\n')
    .filter((line) => !isQuiet.test(line))
    .join('\n');
}

function placesIn(output: string, pattern: string | undefined, directory: string): readonly ConfigPlace[] {
  if (pattern === undefined) return [];
  const found = [...output.matchAll(new RegExp(pattern, 'g'))].map(({ groups }) => groups);
  return found.flatMap((groups) => {
    const [file, line] = [groups?.['file'] ?? '', Number(groups?.['line'])];
    return file.startsWith(`${directory}/`) && line > 0 ? [{ path: relative(directory, file), line }] : [];
  });
}

async function askedGeneration(
  acknowledge: Acknowledge,
  { words }: CommandOptions,
  signal: AbortSignal,
): Promise<number | undefined> {
  if ('socket' in acknowledge) return askGeneration(fillText(acknowledge.socket, words), signal);
  if ('url' in acknowledge) return askGenerationAt(fillText(acknowledge.url, words), signal);
  return printedGeneration(fillCommand(acknowledge.command, words), signal);
}

/** A program that cannot be run is no answer either. */
async function printedGeneration(command: Command, signal: AbortSignal): Promise<number | undefined> {
  try {
    const { exitCode, output } = await run(command, ANSWER_TIMEOUT_MS, signal);
    return exitCode === 0 && /^\d{1,9}$/.test(output) ? Number(output) : undefined;
  } catch (error) {
    if (error instanceof CannotRunError) return undefined;
    throw error;
  }
}

async function installedGeneration(directory: string): Promise<number | undefined> {
  const target = await readlink(directory).catch(() => '');
  return /^\d+$/.test(basename(target)) ? Number(basename(target)) : undefined;
}

function run([file, ...args]: Command, timeoutMs: number, signal: AbortSignal): Promise<CommandResult> {
  return runCommand({ file, args, timeoutMs, maxOutput: MAX_OUTPUT, signal });
}

/** The directory of the installed configuration, as the proxy sees it. */
export function installedDirectory(configDir: string): string {
  return join(configDir, 'current');
}
