import { lchown, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generationDirectory,
  generationName,
  generationNumber,
  listGenerations,
  removeGeneration,
  syncDirectory,
  temporaryPointer,
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
  const name = /^generations\/([^/]+)$/.exec(target)?.[1];
  return name === undefined ? undefined : generationNumber(name);
}

/** Lets a pointer name another generation, in one step: a reader finds the old one or the new one. */
export async function movePointer(
  layout: Layout,
  pointer: Pointer,
  generation: number,
  owner: Owner | undefined,
): Promise<void> {
  await swapPointer(layout, pointer, generation, owner);
  await keepPointers(layout);
}

/**
 * Has the pointers name after a loss of power what they name now. Without it, they name that or what they named before; so
 * it is no failure when it cannot be done, because a swap cannot be taken back.
 */
export async function keepPointers(layout: Layout): Promise<void> {
  await syncDirectory(layout.configDir).catch(() => undefined);
}

async function swapPointer(
  layout: Layout,
  pointer: Pointer,
  generation: number,
  owner: Owner | undefined,
): Promise<void> {
  const temporary = temporaryPointer(layout, pointer);
  try {
    await rm(temporary, { force: true });
    await symlink(`generations/${generationName(generation)}`, temporary);
    if (owner !== undefined) await lchown(temporary, owner.uid, owner.gid);
    await rename(temporary, join(layout.configDir, pointer));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Gives a staged directory its name and lets `current` lead to it. When that fails, all is as before. `keepPointers` can
 * wait until the proxy has been told: a proxy loses its memory with the power, and then either generation is right.
 * @throws Error
 */
export async function install(
  layout: Layout,
  staged: string,
  { generation, owner }: { readonly generation: number; readonly owner: Owner | undefined },
): Promise<void> {
  try {
    await publish(layout, staged, generation);
    await swapPointer(layout, 'current', generation, owner);
  } catch (error) {
    await withdraw(layout, generation);
    throw error;
  }
}

/** As far as it can be done: what is left over was checked and is complete, and goes when the next one is acknowledged. */
async function withdraw(layout: Layout, generation: number): Promise<void> {
  const installed = await readPointer(layout, 'current').catch(() => generation);
  if (installed !== generation) await removeGeneration(layout, generation).catch(() => undefined);
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
  for (const name of names) await removeGeneration(layout, name);
}

/**
 * Records that the proxy runs a generation. Those since the one before it never were: they go first, so that all that
 * come before the acknowledged one are proven, and can be gone back to.
 */
export async function recordAcknowledged(layout: Layout, generation: number, owner: Owner | undefined): Promise<void> {
  const before = (await readPointer(layout, 'acknowledged')) ?? 0;
  const unproven = (await listGenerations(layout)).filter((number) => before < number && number < generation);
  for (const number of unproven) await removeGeneration(layout, number);
  await movePointer(layout, 'acknowledged', generation, owner);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
