import { chown, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

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
const COMPLETE_NAME = /^\d{8,}$/;

export function layoutOf(configDir: string): Layout {
  return { configDir, generations: join(configDir, 'generations') };
}

/** `00000042`: names sort as the numbers do. */
export function generationName(generation: number): string {
  return String(generation).padStart(8, '0');
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
  return names
    .filter((name) => COMPLETE_NAME.test(name))
    .map(Number)
    .sort((left, right) => left - right);
}

/**
 * Creates the directories that are missing, and removes what a sluice that was killed had begun to stage. Of the run
 * directory others may use the names they know: workers of another user reach their temporary files in it.
 */
export async function prepareLayout(layout: Layout, runDirectory: string, owner: Owner | undefined): Promise<void> {
  await makeDirectory(layout.generations, 0o755, owner);
  await makeDirectory(runDirectory, 0o711, owner);
  const names = await readdir(layout.generations);
  const unfinished = names.filter((name) => name.startsWith(STAGING));
  await Promise.all(unfinished.map((name) => rm(join(layout.generations, name), { recursive: true, force: true })));
}

async function makeDirectory(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode });
  if (created !== undefined && owner !== undefined) await chown(path, owner.uid, owner.gid);
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
