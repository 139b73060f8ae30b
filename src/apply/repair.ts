import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../model/logger.ts';
import { movePointer, readPointer, type Pointer } from './install.ts';
import type { Installed } from './installed.ts';
import { findDamage } from './integrity.ts';
import { listGenerations, type Layout, type Owner } from './layout.ts';
import { loadGeneration, type Generation } from './manifest.ts';

export interface RepairOptions {
  readonly owner: Owner | undefined;
  readonly logger: Logger;
}

export interface Repaired extends Installed {
  /** The generation that was installed, and is no longer complete; a proxy may have it in memory. */
  readonly damaged: number | undefined;
}

/**
 * Reads what is installed, and makes sure that it is whole: every file has the content that its manifest says. If not,
 * `current` is given to the newest complete generation that was acknowledged, or, when there is none, to the newest
 * complete one: the checker accepted each. Without any, all stays as it is, for the next pass to write one.
 * @throws Error when something else has the name of a pointer and there is nothing to put in its place
 */
export async function repairInstalled(layout: Layout, options: RepairOptions): Promise<Repaired> {
  const disk = new Disk(layout, options);
  const named = { current: await disk.named('current'), acknowledged: await disk.named('acknowledged') };
  const numbers = (await listGenerations(layout)).toReversed();
  const proven = named.acknowledged;
  const older = proven === undefined ? [] : numbers.filter((number) => number < proven);
  const current = await disk.firstComplete([named.current]);
  const acknowledged = await disk.firstComplete([proven, ...older]);
  const next = current ?? acknowledged ?? (await disk.firstComplete(numbers));
  if (acknowledged !== undefined && acknowledged.number !== proven) await disk.point('acknowledged', acknowledged);
  if (next === undefined) return disk.nothingLeft(named.current);
  if (next.number === named.current) return { current: next, acknowledged, damaged: undefined };
  const moved = await disk.point('current', next);
  return { current: moved ? next : undefined, acknowledged, damaged: named.current };
}

class Disk {
  readonly #layout: Layout;
  readonly #options: RepairOptions;
  /** By number, so that each is read and told once. */
  readonly #checked = new Map<number, Generation | undefined>();

  constructor(layout: Layout, options: RepairOptions) {
    this.#layout = layout;
    this.#options = options;
  }

  /** What a pointer names; `undefined` also when something else has its name. */
  async named(pointer: Pointer): Promise<number | undefined> {
    return (await isInTheWay(this.#path(pointer))) ? undefined : readPointer(this.#layout, pointer);
  }

  async firstComplete(numbers: readonly (number | undefined)[]): Promise<Generation | undefined> {
    for (const number of numbers) {
      const generation = number === undefined ? undefined : await this.#complete(number);
      if (generation !== undefined) return generation;
    }
    return undefined;
  }

  /** False when it cannot be done. */
  async point(pointer: Pointer, { number }: Generation): Promise<boolean> {
    const { owner, logger } = this.#options;
    try {
      await this.#clear(pointer);
      await movePointer(this.#layout, pointer, number, owner);
      logger.warn(
        { pointer, to: number },
        'it named no complete generation: it leads to the newest that is complete now',
      );
      return true;
    } catch (error) {
      logger.error({ pointer, to: number, error }, 'it names no complete generation, and cannot be led to another');
      return false;
    }
  }

  async nothingLeft(damaged: number | undefined): Promise<Repaired> {
    // Throws when something else has the name: then it may not be ours at all.
    await readPointer(this.#layout, 'current');
    if (damaged !== undefined)
      this.#options.logger.error({ damaged }, 'no complete generation is left; the next pass writes one');
    return { current: undefined, acknowledged: undefined, damaged };
  }

  async #complete(number: number): Promise<Generation | undefined> {
    if (!this.#checked.has(number)) this.#checked.set(number, await this.#check(number));
    return this.#checked.get(number);
  }

  async #check(number: number): Promise<Generation | undefined> {
    let reason: string | undefined;
    try {
      const generation = await loadGeneration(this.#layout, number);
      reason = await findDamage(generation);
      if (reason === undefined) return generation;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    this.#options.logger.error({ generation: number, reason }, 'a generation on disk is damaged; it is not used');
    return undefined;
  }

  /** Whatever is not a link is not ours to remove. */
  async #clear(pointer: Pointer): Promise<void> {
    const path = this.#path(pointer);
    if (!(await isInTheWay(path))) return;
    for (let index = 1; ; index++) {
      const aside = `${path}.aside-${index}`;
      if (await exists(aside)) continue;
      await rename(path, aside);
      this.#options.logger.warn({ path, aside }, 'it is not a symbolic link: moved away');
      return;
    }
  }

  #path(pointer: Pointer): string {
    return join(this.#layout.configDir, pointer);
  }
}

async function isInTheWay(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && !stats.isSymbolicLink();
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
