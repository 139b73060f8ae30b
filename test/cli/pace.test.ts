import assert from 'node:assert/strict';
import type { Clock } from '../../src/cli/loop/clock.ts';
import { Pace, type Change, type PaceOptions } from '../../src/cli/loop/pace.ts';

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
  /** When something changes, and when nothing but endpoints does. */
  readonly changes: readonly number[];
  readonly endpoints?: readonly number[];
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
  { name: 'waits less for endpoints, when the proxy takes them by itself', changes: [], endpoints: [100], want: [102] },
  { name: 'gathers endpoints with what else changes', changes: [104], endpoints: [103, 105], want: [115] },
  { name: 'is not hurried by endpoints that follow', changes: [100], endpoints: [101], want: [111] },
  {
    name: 'gathers endpoints like everything else for a proxy that has to be reloaded',
    changes: [],
    endpoints: [100],
    options: { takesEndpoints: false },
    want: [110],
  },
  { name: 'rests 30 s at most', changes: [100], reload: { at: 90, took: 99_000 }, want: [30_090] },
];

const OPTIONS: PaceOptions = { wait: { quiet: 10, cap: 100 }, reloadInterval: 'auto', takesEndpoints: true };

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

describe('the pace of passes', () => {
  for (const { name, changes, endpoints = [], reload, options, want } of ROWS) {
    it(name, async () => {
      const clock = new FakeClock();
      const pace = new Pace({ ...OPTIONS, ...options }, clock);
      const note = (change: Change) => (time: number) => clock.at(time, () => pace.note(change));
      changes.forEach(note('any'));
      endpoints.forEach(note('endpoints'));
      if (reload !== undefined) clock.at(reload.at, () => pace.noteReload(reload.took));
      const begun: number[] = [];
      while ((await pace.next(50_000, new AbortController().signal)) === 'changed') begun.push(clock.time);
      assert.deepEqual(begun, want);
    });
  }

  it('says so when nothing changes', async () => {
    const clock = new FakeClock();
    const pace = new Pace(OPTIONS, clock);
    assert.equal(await pace.next(2_000, new AbortController().signal), 'idle');
    assert.equal(clock.time, 2_000);
  });

  it('ends at once on abort', async () => {
    const stop = new AbortController();
    const clock = new FakeClock();
    clock.at(500, () => stop.abort());
    const pace = new Pace(OPTIONS, clock);
    assert.equal(await pace.next(2_000, stop.signal), 'idle');
    assert.equal(clock.time, 500);
  });

  it('remembers a change that came while nobody waited', async () => {
    const clock = new FakeClock();
    const pace = new Pace(OPTIONS, clock);
    pace.note();
    assert.equal(await pace.next(2_000, new AbortController().signal), 'changed');
    assert.equal(clock.time, 10);
  });
});
