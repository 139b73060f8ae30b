import assert from 'node:assert/strict';
import { LEASE_TIMING, runLeaderElection, type LeaderElectionOptions } from '../../../src/report/cluster/lease.ts';
import { apiOf } from '../../sources/cluster/support.ts';
import { recordingLogger, TestApi, VirtualClock, withScene, type LogEntry, type Scene } from './support.ts';

export interface Candidate {
  readonly api: TestApi;
  readonly entries: LogEntry[];
  readonly changes: boolean[];
  isLeading: boolean;
  /** Aborts its signal and waits for the end. */
  end(): Promise<void>;
  /** As if the process were killed: nothing of it reaches the server any more. */
  die(): void;
}

/** Several candidates for one Lease, on one clock. */
export class Race {
  readonly clock: VirtualClock;
  readonly #apis: readonly TestApi[];
  readonly #scene: Scene;
  readonly #candidates: Candidate[] = [];
  readonly #endings: AbortController[] = [];

  constructor(scene: Scene, count: number) {
    this.#scene = scene;
    this.#apis = Array.from({ length: count }, () => new TestApi(apiOf(scene.server)));
    this.clock = new VirtualClock(...this.#apis);
  }

  join(identity: string, rest: Partial<LeaderElectionOptions> = {}): Candidate {
    const api = this.#apis[this.#candidates.length];
    assert.ok(api !== undefined);
    const ending = new AbortController();
    const { logger, entries } = recordingLogger();
    const changes: boolean[] = [];
    const run = runLeaderElection(
      {
        ...{ api, namespace: 'ingress', name: 'sluice', identity, timing: LEASE_TIMING, clock: this.clock, logger },
        wallNow: () => new Date(Date.UTC(2026, 10, 24, 11) + this.clock.time),
        random: () => 0.5,
        onLeading: (isLeading) => {
          candidate.isLeading = isLeading;
          changes.push(isLeading);
          const leaders = this.#candidates.filter((other) => other.isLeading).length;
          assert.ok(leaders <= 1, 'two lead at the same time');
        },
        ...rest,
      },
      ending.signal,
    );
    const candidate: Candidate = {
      ...{ api, entries, changes, isLeading: false },
      end: async () => {
        ending.abort();
        await run;
      },
      die: () => {
        api.fate = () => 'never';
        candidate.isLeading = false;
      },
    };
    this.#scene.start(() => run);
    this.#endings.push(ending);
    this.#candidates.push(candidate);
    return candidate;
  }

  /** Ends all; those without an answer need time to give up. */
  async end(): Promise<void> {
    for (const ending of this.#endings) ending.abort();
    await this.clock.advance(10_000);
  }

  lease(): unknown {
    return this.#scene.server.get('Lease', 'ingress', 'sluice')?.['spec'];
  }
}

export function race(count: number, test: (race: Race, scene: Scene) => Promise<void>): () => Promise<void> {
  return () =>
    withScene(async (scene) => {
      const one = new Race(scene, count);
      try {
        await test(one, scene);
      } finally {
        await one.end();
      }
    });
}
