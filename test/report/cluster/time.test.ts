import assert from 'node:assert/strict';
import type { Clock } from '../../../src/model/clock.ts';
import { within } from '../../../src/report/cluster/time.ts';

/** Time passes when it is told to, or when whoever sleeps is woken. */
function stoppedClock(): { readonly clock: Clock; readonly pass: () => void } {
  const passing = new AbortController();
  const clock: Clock = {
    now: () => 0,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        AbortSignal.any([signal, passing.signal]).addEventListener('abort', () => resolve());
      }),
  };
  return { clock, pass: () => passing.abort() };
}

describe('work that has a time limit', () => {
  it('is not aborted once it has ended: the connection of a request is used again', async () => {
    const { clock } = stoppedClock();
    let seen: AbortSignal | undefined;
    const work = (signal: AbortSignal) => Promise.resolve((seen = signal)).then(() => 'done');
    assert.equal(await within(10, { clock, signal: new AbortController().signal }, work), 'done');
    // What is left of the limit has ended by now, too.
    await new Promise(setImmediate);
    assert.equal(seen?.aborted, false);
  });

  it('is aborted when the time is over, and its failure returned although it goes on', async () => {
    const { clock, pass } = stoppedClock();
    let seen: AbortSignal | undefined;
    const endless = (signal: AbortSignal) => new Promise<string>(() => (seen = signal));
    const result = within(10, { clock, signal: new AbortController().signal }, endless);
    pass();
    assert.match(JSON.stringify(await result), /no answer within 10 ms/);
    assert.equal(seen?.aborted, true);
  });

  for (const [title, end] of [
    ['when the caller is told to stop', 'abort'],
    ['when a part of it fails, with the other parts', 'throw'],
  ] as const) {
    it(`is aborted ${title}`, async () => {
      const { clock } = stoppedClock();
      const outer = new AbortController();
      let seen: AbortSignal | undefined;
      const work = (signal: AbortSignal) =>
        new Promise<string>((_, reject) => {
          seen = signal;
          signal.addEventListener('abort', () => reject(new Error('aborted')));
          if (end === 'throw') reject(new Error('broken'));
        });
      const result = within(10, { clock, signal: outer.signal }, work);
      if (end === 'abort') outer.abort();
      await assert.rejects(result);
      assert.equal(seen?.aborted, true);
    });
  }
});
