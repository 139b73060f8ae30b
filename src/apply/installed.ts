import { readPointer } from './install.ts';
import type { Layout } from './layout.ts';
import { readGeneration, type Generation } from './manifest.ts';

/** The generations that the two pointers name; one that cannot be read is none. */
export interface Installed {
  readonly current: Generation | undefined;
  readonly acknowledged: Generation | undefined;
}

/** @throws Error when something else has the name of a pointer, or the directory cannot be read. */
export async function readInstalled(layout: Layout): Promise<Installed> {
  const numbers = [readPointer(layout, 'current'), readPointer(layout, 'acknowledged')] as const;
  const [current, acknowledged] = await Promise.all(numbers);
  // Most of the time it is one generation, and a manifest may be long.
  const first = read(layout, current);
  const second = acknowledged === current ? first : read(layout, acknowledged);
  return { current: await first, acknowledged: await second };
}

async function read(layout: Layout, number: number | undefined): Promise<Generation | undefined> {
  return number === undefined ? undefined : readGeneration(layout, number);
}
