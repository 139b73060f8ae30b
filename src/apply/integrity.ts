import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Generation } from './manifest.ts';

/** Most of the time is spent waiting for the disk. */
const READERS = 16;

/** Files that are looked at between two passes. */
const FILES_AT_A_TIME = 100;

/**
 * Why a generation is not what was installed: the first file that is missing, or whose content is another. Reads all of
 * it, so it is for a start, when nothing is known of what happened meanwhile.
 */
export async function findDamage({ directory, manifest }: Generation): Promise<string | undefined> {
  const files = Object.entries({ ...manifest.files, ...manifest.stamped });
  return firstProblem(files, async ([path, sha256]) => {
    const problem = await contentProblem(join(directory, path), sha256);
    return problem && `${path} ${problem}`;
  });
}

/**
 * Looks at files of the installed generation while sluice runs: at a hundred each time, one after the other, and only
 * whether they were touched. One that was is read.
 */
export class Inspector {
  #next = 0;

  async inspect({ directory, manifest }: Generation): Promise<string | undefined> {
    const hashes: Readonly<Record<string, string>> = { ...manifest.files, ...manifest.stamped };
    const files = Object.entries(manifest.modified ?? {});
    const start = this.#next < files.length ? this.#next : 0;
    this.#next = start + FILES_AT_A_TIME;
    return firstProblem(files.slice(start, this.#next), async ([path, modified]) => {
      const file = join(directory, path);
      const stats = await lstat(file).catch(() => undefined);
      if (stats?.isFile() === true && stats.mtimeMs === modified) return undefined;
      const problem = await contentProblem(file, hashes[path]);
      return problem && `${path} ${problem}`;
    });
  }
}

async function firstProblem<T>(
  items: readonly T[],
  problemOf: (item: T) => Promise<string | undefined>,
): Promise<string | undefined> {
  const queue = items.values();
  let found: string | undefined;
  const work = async (): Promise<void> => {
    for (const item of queue) {
      if (found !== undefined) return;
      const problem = await problemOf(item);
      found ??= problem;
    }
  };
  await Promise.all(Array.from({ length: READERS }, work));
  return found;
}

async function contentProblem(path: string, sha256: string | undefined): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return 'is not a regular file';
    const hash = createHash('sha256').update(await readFile(path));
    return hash.digest('hex') === sha256 ? undefined : 'has another content than was installed';
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
