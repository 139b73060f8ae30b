import { readdir, readFile } from 'node:fs/promises';

/** Sends `signal` to every process of a group. False when the group is empty. */
export function killGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  return killIfThere(-leader, signal);
}

/** Sends `signal` to a process; 0 only asks. False when there is none. @throws Error when this user may not signal it. */
export function killIfThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** The process that a pid file names; `undefined` when there is no file, or an empty one, as `nginx -t` leaves it. */
export async function readPidFile(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(noSuchFile);
  if (text === undefined || text.trim() === '') return undefined;
  const pid = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  if (pid <= 1) throw new Error(`${path} holds no number of a process that can be the proxy`);
  return pid;
}

/** The command line, or the title that the process gave itself; `undefined` when it is gone or the system has no /proc. */
export async function commandLine(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return text?.replaceAll('\0', ' ').trim();
}

/** The command lines of the processes of a group. */
export function groupCommandLines(leader: number): Promise<readonly string[]> {
  return commandLinesOf(({ group }) => group === leader);
}

/** The command lines of the children of a process. */
export function childCommandLines(parent: number): Promise<readonly string[]> {
  return commandLinesOf((relatives) => relatives.parent === parent);
}

async function commandLinesOf(isWanted: (relatives: Relatives) => boolean): Promise<readonly string[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(
    pids.map(async (pid) => (isWanted(await relativesOf(pid)) ? commandLine(pid) : undefined)),
  );
  return lines.filter((line) => line !== undefined);
}

interface Relatives {
  readonly parent: number | undefined;
  readonly group: number | undefined;
}

/** Fields 4 and 5 of /proc/PID/stat; field 2, the name of the program, is in parentheses and may hold anything. */
async function relativesOf(pid: number): Promise<Relatives> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: toNumber(parent), group: toNumber(group) };
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function noSuchFile(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
  return undefined;
}
