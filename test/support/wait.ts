import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until `condition` gives a value other than undefined and false. @throws Error naming `what` after `timeoutMs` */
export async function waitFor<T>(
  what: string | (() => string),
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 45_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms in vain for: ${typeof what === 'string' ? what : what()}`);
    await sleep(POLL_MS);
  }
}
