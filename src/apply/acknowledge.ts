import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyDriver } from '../proxies/driver.ts';

export interface Wait {
  readonly generation: number;
  /** 0: ask once. */
  readonly timeoutMs: number;
}

const POLL_MS = 20;

/** Asks the proxy until it answers `generation`, or the time is up; returns what it answered last. */
export async function waitForGeneration(
  driver: ProxyDriver,
  { generation, timeoutMs }: Wait,
  signal: AbortSignal,
): Promise<number | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await driver.runningGeneration(signal);
    if (answer === generation || performance.now() >= deadline) return answer;
    await sleep(POLL_MS, undefined, { signal });
  }
}
