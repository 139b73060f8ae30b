import type { TranslateOptions } from '../../src/model/options.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { generate, type Scenario } from './generate.ts';
import { createJudge, messagesOf, type Judge } from './judge.ts';
import type { Target } from './proxies.ts';
import { decodeAll, FUZZ_OPTIONS, worldOf } from './world.ts';

export interface CampaignOptions {
  readonly seed: number;
  /** Scenarios, each with a hostile object or more, for each target. */
  readonly count: number;
  /** Scenarios in one world; the real checker runs once for each world and target. */
  readonly batch: number;
  readonly targets: readonly Target[];
  readonly progress: (done: number) => void;
}

/** What escaped, from as few objects as show it. */
export interface Failure {
  readonly target: string;
  readonly escapes: readonly string[];
  readonly scenarios: readonly Scenario[];
}

export interface CampaignResult {
  readonly failure: Failure | undefined;
  /** The options and objects of the last world. */
  readonly options: TranslateOptions;
  readonly lastWorld: (port: number) => Snapshot;
}

const SOURCES: readonly TranslateOptions['endpointSource'][] = ['slices', 'endpoints', 'cluster-ip', 'node-port'];

/** Worlds of hostile objects, one after the other, until one gets through. */
export function runCampaign({ seed, count, batch, targets, progress }: CampaignOptions): CampaignResult {
  const judges = SOURCES.map((endpointSource) => createJudge({ ...FUZZ_OPTIONS, endpointSource }));
  let last: readonly Scenario[] = [];
  for (let first = 0, round = 0; first < count; first += batch, round += 1) {
    last = generate(seed + round, Math.min(batch, count - first), first);
    const judge = judges[round % judges.length];
    for (const target of judge === undefined ? [] : targets) {
      const failure = judge && tryWorld(last, target, judge);
      if (failure !== undefined) return { failure, ...resultOf(last) };
    }
    progress(first + last.length);
  }
  return { failure: undefined, ...resultOf(last) };
}

/** Served with slices: only these lead to the port of a test. */
function resultOf(last: readonly Scenario[]): Omit<CampaignResult, 'failure'> {
  return { options: FUZZ_OPTIONS, lastWorld: (port) => worldOf(decodeAll(last.flat()).objects, port) };
}

function tryWorld(scenarios: readonly Scenario[], target: Target, judge: Judge): Failure | undefined {
  const escapesOf = (some: readonly Scenario[]) => {
    const { objects, diagnostics } = decodeAll(some.flat());
    return [...messagesOf(diagnostics), ...judge(objects, target)];
  };
  if (escapesOf(scenarios).length === 0) return undefined;
  const least = minimise(scenarios, (some) => escapesOf(some).length > 0);
  const single = least.length === 1 ? minimise(least[0] ?? [], (some) => escapesOf([some]).length > 0) : undefined;
  const shown = single === undefined ? least : [single];
  return { target: `${target.name} ${target.version}`, escapes: escapesOf(shown), scenarios: shown };
}

/** Leaves out parts, from halves down to single items, for as long as what is left still fails (ddmin). */
export function minimise<T>(items: readonly T[], fails: (some: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (without.length > 0 && fails(without)) kept = without;
      else at += size;
    }
  }
  return kept;
}

export function describeFailure({ target, escapes, scenarios }: Failure, seed: number): string {
  const objects = scenarios.map((scenario) => JSON.stringify(scenario, undefined, 1).slice(0, 20_000)).join('\n');
  return `seed ${seed}, ${target}:\n${escapes.slice(0, 10).join('\n')}\nfrom ${objects}`;
}
