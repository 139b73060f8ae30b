import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyDriver } from '../proxies/driver.ts';

export interface Wait {
  readonly generation: number;
  /** 0: ask once. */
  readonly timeoutMs: number;
  /** How long none but the right answer must have come. */
  readonly overlapMs: number;
  /** Whether the proxy has given up. */
  readonly isHopeless?: (() => Promise<boolean>) | undefined;
}

const POLL_MS = 20;

/**
 * Asks the proxy until it answers `generation`, or the time is up; returns what it answered last. While old workers still
 * accept connections beside the new ones, the right answer is not yet the truth for every client: it counts once no other
 * came for `overlapMs`.
 */
export async function waitForGeneration(
  driver: ProxyDriver,
  { generation, timeoutMs, overlapMs, isHopeless }: Wait,
  signal: AbortSignal,
): Promise<number | undefined> {
  const deadline = performance.now() + timeoutMs;
  let since: number | undefined;
  for (;;) {
    const answer = await driver.runningGeneration(signal);
    const now = performance.now();
    since = answer === generation ? (since ?? now) : undefined;
    if (since !== undefined && now - since >= overlapMs) return answer;
    if (now >= deadline || (answer !== generation && (await isHopeless?.()) === true)) return answer;
    await sleep(POLL_MS, undefined, { signal });
  }
}
