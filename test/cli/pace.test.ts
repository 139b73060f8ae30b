import assert from 'node:assert/strict';
import type { Clock } from '../../src/cli/loop/clock.ts';
import { Pace, type PaceOptions } from '../../src/cli/loop/pace.ts';

/** Time that passes only when someone sleeps; changes happen on schedule while it does. */
class FakeClock implements Clock {
  time = 0;
  readonly #events: { readonly at: number; readonly run: () => void }[] = [];

  readonly now = (): number => this.time;

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    const end = this.time + ms;
    for (;;) {
      await Promise.resolve();
      if (signal.aborted) return;
      const next = this.#events[0];
      if (next === undefined || next.at > end) break;
      this.#events.shift();
      this.time = next.at;
      next.run();
    }
    this.time = end;
  };

  at(time: number, run: () => void): void {
    this.#events.push({ at: time, run });
    this.#events.sort((left, right) => left.at - right.at);
  }
}

interface Row {
  readonly name: string;
  readonly changes: readonly number[];
  readonly reload?: { readonly at: number; readonly took: number };
  readonly options?: Partial<PaceOptions>;
  /** When passes begin. */
  readonly want: readonly number[];
}

const ROWS: readonly Row[] = [
  { name: 'begins soon after a lone change', changes: [100], want: [110] },
  { name: 'gathers a burst until it pauses', changes: [100, 105, 112, 120], want: [130] },
  { name: 'does not let a burst go on over the cap', changes: range(100, 400, 5), want: [200, 305, 410] },
  { name: 'begins anew for a later change', changes: [100, 200], want: [110, 210] },
  { name: 'lets the proxy rest after a reload', changes: [100], reload: { at: 90, took: 300 }, want: [390] },
  { name: 'gathers during the rest', changes: [100, 300], reload: { at: 90, took: 300 }, want: [390] },
  {
    name: 'rests for a fixed time when told so',
    changes: [100],
    reload: { at: 90, took: 300 },
    options: { reloadInterval: 50 },
    want: [140],
  },
  { name: 'rests 30 s at most', changes: [100], reload: { at: 90, took: 99_000 }, want: [30_090] },
];

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

describe('the pace of passes', () => {
  for (const { name, changes, reload, options, want } of ROWS) {
    it(name, async () => {
      const clock = new FakeClock();
      const pace = new Pace({ wait: { quiet: 10, cap: 100 }, reloadInterval: 'auto', ...options }, clock);
      for (const time of changes) clock.at(time, () => pace.note());
      if (reload !== undefined) clock.at(reload.at, () => pace.noteReload(reload.took));
      const begun: number[] = [];
      while ((await pace.next(50_000, new AbortController().signal)) === 'changed') begun.push(clock.time);
      assert.deepEqual(begun, want);
    });
  }

  it('says so when nothing changes', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ wait: { quiet: 10, cap: 100 }, reloadInterval: 'auto' }, clock);
    assert.equal(await pace.next(2_000, new AbortController().signal), 'idle');
    assert.equal(clock.time, 2_000);
  });

  it('ends at once on abort', async () => {
    const stop = new AbortController();
    const clock = new FakeClock();
    clock.at(500, () => stop.abort());
    const pace = new Pace({ wait: { quiet: 10, cap: 100 }, reloadInterval: 'auto' }, clock);
    assert.equal(await pace.next(2_000, stop.signal), 'idle');
    assert.equal(clock.time, 500);
  });

  it('remembers a change that came while nobody waited', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ wait: { quiet: 10, cap: 100 }, reloadInterval: 'auto' }, clock);
    pace.note();
    assert.equal(await pace.next(2_000, new AbortController().signal), 'changed');
    assert.equal(clock.time, 10);
  });
});
