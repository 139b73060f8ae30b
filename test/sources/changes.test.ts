import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Changes } from '../../src/sources/changes.ts';

const LONG_MS = 60_000;

describe('Changes', () => {
  it('remembers a change that nobody waited for', async () => {
    const changes = new Changes();
    changes.note();
    await changes.next(LONG_MS, new AbortController().signal);
  });

  it('wakes the waiter', async () => {
    const changes = new Changes();
    const next = changes.next(LONG_MS, new AbortController().signal);
    changes.note();
    await next;
  });

  it('takes a burst for one change', async () => {
    const changes = new Changes();
    const { signal } = new AbortController();
    let noted = 0;
    const burst = setInterval(() => {
      noted += 1;
      changes.note();
    }, 1);
    const next = changes.next(LONG_MS, signal);
    while (noted < 20) await sleep(1);
    clearInterval(burst);
    await next;
    let woken = false;
    const again = changes.next(200, signal).then(() => (woken = true));
    await sleep(0);
    assert.equal(woken, false);
    changes.note();
    await again;
  });

  it('does not wait for the end of a burst that never ends', async () => {
    const changes = new Changes();
    const burst = setInterval(() => changes.note(), 1);
    await changes.next(LONG_MS, new AbortController().signal);
    clearInterval(burst);
  });

  it('resolves without a change when the time is up, and on abort', async () => {
    const changes = new Changes();
    const controller = new AbortController();
    await changes.next(1, controller.signal);
    const next = changes.next(LONG_MS, controller.signal);
    controller.abort();
    await next;
    await changes.next(LONG_MS, controller.signal);
  });
});
