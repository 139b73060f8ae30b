import assert from 'node:assert/strict';
import { warmUp } from '../../src/cli/loop/warm-up.ts';
import type { Compiled } from '../../src/cli/loop/pipeline.ts';
import { NOTHING_EXCLUDED, type Exclusions } from '../../src/model/exclusions.ts';

/** Renders in a time of its own, by a clock that nothing else moves. */
class Renderer {
  rounds = 0;
  readonly exclusions = new Set<Exclusions>();
  #now = 1_000;
  readonly #roundMs: (round: number) => number;

  constructor(roundMs: (round: number) => number) {
    this.#roundMs = roundMs;
  }

  readonly clock = { now: () => this.#now };

  readonly compile = (exclusions: Exclusions): Compiled => {
    this.rounds += 1;
    this.exclusions.add(exclusions);
    this.#now += this.#roundMs(this.rounds);
    return {} as Compiled;
  };
}

describe('warming up after a start', () => {
  const cases: readonly {
    readonly name: string;
    readonly roundMs: (round: number) => number;
    readonly isWanted?: (renderer: Renderer) => boolean;
    readonly rounds: number;
  }[] = [
    { name: 'ends after twenty rounds', roundMs: () => 20, rounds: 20 },
    { name: 'ends after half a second', roundMs: () => 150, rounds: 4 },
    { name: 'ends when a round is fast, as all are of a small world', roundMs: (round) => 14 - 3 * round, rounds: 4 },
    { name: 'ends when there is work', roundMs: () => 20, isWanted: ({ rounds }) => rounds < 3, rounds: 3 },
    { name: 'does nothing while there is work', roundMs: () => 20, isWanted: () => false, rounds: 0 },
  ];
  for (const { name, roundMs, isWanted = () => true, rounds } of cases) {
    it(name, async () => {
      const renderer = new Renderer(roundMs);
      await warmUp(renderer, { clock: renderer.clock, isWanted: () => isWanted(renderer) });
      assert.equal(renderer.rounds, rounds);
    });
  }

  it('renders everything', async () => {
    const renderer = new Renderer(() => 1);
    await warmUp(renderer, { clock: renderer.clock, isWanted: () => true });
    assert.deepEqual([...renderer.exclusions], [NOTHING_EXCLUDED]);
  });

  it('lets what comes in be heard between two rounds', async () => {
    const renderer = new Renderer(() => 20);
    let isHeard = false;
    setImmediate(() => (isHeard = true));
    await warmUp(renderer, { clock: renderer.clock, isWanted: () => !isHeard });
    assert.ok(renderer.rounds < 20, `${renderer.rounds} rounds`);
  });
});
