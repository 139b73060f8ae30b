import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../model/clock.ts';

export type { Clock } from '../../model/clock.ts';

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    // A longer timer would fire at once: Node's limit is 2^31 - 1 ms.
    await delay(Math.min(ms, 2 ** 31 - 1), undefined, { signal }).catch(() => undefined);
  },
};
