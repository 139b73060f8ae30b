import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `probe` gives a value, and returns it. */
export async function until<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 45_000;
  while (performance.now() < deadline) {
    const value = await probe();
    if (value !== undefined) return value;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

export function whenTrue(what: string, probe: () => boolean | Promise<boolean>): Promise<true> {
  return until(what, async () => ((await probe()) ? true : undefined));
}

/** Never aborts. */
export const forever = new AbortController().signal;
