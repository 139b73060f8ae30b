import { chmod, chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NOBODY = 65_534;

/**
 * Does `work` as a user whom permissions bind: when the tests run as root, as another one who owns `directory`. `lock`
 * takes a directory away from that user.
 */
export async function asUnprivileged<T>(
  directory: string,
  work: (lock: (path: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  const locked: string[] = [];
  if (isRoot) await giveTo(directory, NOBODY);
  const lock = async (path: string): Promise<void> => {
    locked.push(path);
    if (isRoot) process.seteuid?.(0);
    await chmod(path, isRoot ? 0o700 : 0);
    if (!isRoot) return;
    await chown(path, 0, 0);
    process.seteuid?.(NOBODY);
  };
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await work(lock);
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const path of locked) await chmod(path, 0o755);
  }
}

async function giveTo(directory: string, uid: number): Promise<void> {
  await chown(directory, uid, uid);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), uid, uid);
}
