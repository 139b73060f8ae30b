import { chmod, chown, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** User and group that the files are given to, when sluice runs as another user than the proxy. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The names in the directory that sluice and the proxy share. */
export interface Layout {
  readonly configDir: string;
  readonly generations: string;
}

const STAGING = '.staging-';
const REMOVING = '.removing-';
const COMPLETE_NAME = /^\d{8,16}$/;

export function layoutOf(configDir: string): Layout {
  return { configDir, generations: join(configDir, 'generations') };
}

/** `00000042`: names sort as the numbers do. */
export function generationName(generation: number): string {
  return String(generation).padStart(8, '0');
}

/** The number that a name stands for; `undefined` when it is not the name of a generation. */
export function generationNumber(name: string): number | undefined {
  const number = COMPLETE_NAME.test(name) ? Number(name) : 0;
  const isOne = number > 0 && number < Number.MAX_SAFE_INTEGER && generationName(number) === name;
  return isOne ? number : undefined;
}

export function generationDirectory(layout: Layout, generation: number): string {
  return join(layout.generations, generationName(generation));
}

export function stagingDirectory(layout: Layout, generation: number): string {
  return join(layout.generations, STAGING + generationName(generation));
}

/** Numbers of the complete generations on disk, ascending; what is being staged is not among them. */
export async function listGenerations(layout: Layout): Promise<readonly number[]> {
  const names = await readdir(layout.generations);
  const numbers = names.map(generationNumber).filter((number) => number !== undefined);
  return numbers.sort((left, right) => left - right);
}

/** Under another name at once, so that what has the name of a generation is never half of one. */
export async function removeGeneration(layout: Layout, generation: number): Promise<void> {
  const doomed = join(layout.generations, REMOVING + generationName(generation));
  await rename(generationDirectory(layout, generation), doomed);
  await rm(doomed, { recursive: true, force: true });
}

/** What was begun to be staged or to be removed. */
export async function removeUnfinished(layout: Layout): Promise<void> {
  const names = await readdir(layout.generations);
  const unfinished = names.filter((name) => name.startsWith(STAGING) || name.startsWith(REMOVING));
  await Promise.all(unfinished.map((name) => rm(join(layout.generations, name), { recursive: true, force: true })));
}

/** The name that a pointer has until it takes the place of the one before. */
export function temporaryPointer(layout: Layout, pointer: string): string {
  return join(layout.configDir, `.${pointer}.new`);
}

/**
 * Creates the directories that are missing, and removes what a sluice that was killed had begun. Of the run directory
 * others may use the names they know: workers of another user reach their temporary files in it. Returns why something
 * could not be removed: not a reason to give up, because what is installed may still serve.
 */
export async function prepareLayout(
  layout: Layout,
  runDirectory: string,
  owner: Owner | undefined,
): Promise<Error | undefined> {
  await makeDirectory(layout.generations, 0o755, owner);
  await makeDirectory(runDirectory, 0o711, owner);
  try {
    await removeUnfinished(layout);
    for (const pointer of ['current', 'acknowledged']) await rm(temporaryPointer(layout, pointer), { force: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function makeDirectory(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode });
  if (created !== undefined) await syncDirectory(dirname(created));
  if (created === undefined && !(await isUnfinished(path, owner))) return;
  await chmod(path, mode);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

/** Whether it may be that a sluice that was killed created the directory and did not come to give it away. */
async function isUnfinished(path: string, owner: Owner | undefined): Promise<boolean> {
  const { uid } = await stat(path);
  const isOurs = owner !== undefined && uid !== owner.uid && uid === process.getuid?.();
  return isOurs && (await readdir(path)).length === 0;
}

/** Makes the names in a directory survive a loss of power. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
