import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Clock } from '../../../src/model/clock.ts';
import { ApiError } from '../../../src/sources/cluster/api-error.ts';
import { Contact } from '../../../src/sources/cluster/contact.ts';

/** Pauses end when they are cut short only; the others are let go by hand. */
class HeldClock implements Clock {
  readonly pauses: number[] = [];
  readonly #release = new AbortController();
  readonly now = () => 0;
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.pauses.push(ms);
    if (!signal.aborted && !this.#release.signal.aborted)
      await Promise.race([once(signal, 'abort'), once(this.#release.signal, 'abort')]);
  };

  release(): void {
    this.#release.abort();
  }
}

const AWAY = new Error('connect ECONNREFUSED');

describe('a pause after a failure of the API server', () => {
  let clock: HeldClock;
  let contact: Contact;
  let ending: AbortController;
  beforeEach(() => {
    clock = new HeldClock();
    contact = new Contact(clock, () => 0.25);
    ending = new AbortController();
  });

  const cut: readonly (readonly [string, unknown])[] = [
    ['it could not be reached', AWAY],
    ['a proxy before it answered', new ApiError(502, 'HTTP 502')],
  ];
  for (const [name, error] of cut) {
    it(`ends up to a second after another got through, when ${name}`, async () => {
      const over = contact.pause(30_000, error, ending.signal);
      contact.made();
      await Promise.resolve();
      clock.release();
      await over;
      assert.deepEqual(clock.pauses, [30_000, 250]);
    });
  }

  const kept: readonly (readonly [string, unknown, number])[] = [
    ['it refused just this', new ApiError(403, 'HTTP 403'), 30_000],
    ['it named a time', new ApiError(503, 'HTTP 503', 20_000), 20_000],
    ['it is short', AWAY, 900],
  ];
  for (const [name, error, ms] of kept) {
    it(`lasts as long as it should, when ${name}`, async () => {
      const over = contact.pause(ms, error, ending.signal);
      contact.made();
      clock.release();
      await over;
      assert.deepEqual(clock.pauses, [ms]);
    });
  }

  it('lasts as long as it should when no other gets through after its beginning', async () => {
    contact.made();
    const over = contact.pause(30_000, AWAY, ending.signal);
    clock.release();
    await over;
    assert.deepEqual(clock.pauses, [30_000]);
  });

  it('ends at once when all ends', async () => {
    const over = contact.pause(30_000, AWAY, ending.signal);
    ending.abort();
    await over;
    assert.deepEqual(clock.pauses, [30_000]);
  });

  it('is over at once when all has ended', async () => {
    ending.abort();
    await contact.pause(30_000, AWAY, ending.signal);
    assert.deepEqual(clock.pauses, [30_000]);
  });
});
