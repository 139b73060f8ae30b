import { lchown, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generationDirectory,
  generationName,
  listGenerations,
  syncDirectory,
  type Layout,
  type Owner,
} from './layout.ts';

/** `current`: what the proxy reads. `acknowledged`: the last one that it proved to run. */
export type Pointer = 'current' | 'acknowledged';

/** The generation that a pointer names; `undefined` when there is none. @throws Error when something else has the name. */
export async function readPointer(layout: Layout, pointer: Pointer): Promise<number | undefined> {
  const path = join(layout.configDir, pointer);
  let target: string;
  try {
    target = await readlink(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'EINVAL')) throw new Error(`${path} is not a symbolic link: move it away`, { cause: error });
    throw error;
  }
  const name = /^generations\/(\d{8,})$/.exec(target)?.[1];
  return name === undefined ? undefined : Number(name);
}

/** Lets a pointer name another generation, in one step: a reader finds the old one or the new one. */
export async function movePointer(
  layout: Layout,
  pointer: Pointer,
  generation: number,
  owner: Owner | undefined,
): Promise<void> {
  const temporary = join(layout.configDir, `.${pointer}.new`);
  await rm(temporary, { force: true });
  await symlink(`generations/${generationName(generation)}`, temporary);
  if (owner !== undefined) await lchown(temporary, owner.uid, owner.gid);
  await rename(temporary, join(layout.configDir, pointer));
  await syncDirectory(layout.configDir);
}

/** Gives a staged directory its name: from now on it counts. */
export async function publish(layout: Layout, staged: string, generation: number): Promise<void> {
  await rename(staged, generationDirectory(layout, generation));
  await syncDirectory(layout.generations);
}

/**
 * Which generations may go: all but the last `keep` that came before or are the acknowledged one, the two that pointers
 * name, and the newest of all, which keeps its number from being given twice.
 */
export function superfluous(
  generations: readonly number[],
  keep: number,
  pointers: { readonly current: number; readonly acknowledged: number },
): readonly number[] {
  const proven = generations.filter((generation) => generation <= pointers.acknowledged);
  const kept = new Set([
    ...proven.slice(Math.max(0, proven.length - keep)),
    ...generations.slice(-1),
    pointers.current,
    pointers.acknowledged,
  ]);
  return generations.filter((generation) => !kept.has(generation));
}

export async function prune(
  layout: Layout,
  keep: number,
  pointers: { readonly current: number; readonly acknowledged: number },
): Promise<void> {
  const names = superfluous(await listGenerations(layout), keep, pointers);
  await Promise.all(names.map((name) => rm(generationDirectory(layout, name), { recursive: true, force: true })));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
