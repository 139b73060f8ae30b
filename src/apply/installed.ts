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
  const read = async (pointer: 'current' | 'acknowledged'): Promise<Generation | undefined> => {
    const number = await readPointer(layout, pointer);
    return number === undefined ? undefined : readGeneration(layout, number);
  };
  return { current: await read('current'), acknowledged: await read('acknowledged') };
}
