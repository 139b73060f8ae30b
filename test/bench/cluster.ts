import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bundle } from '../../docker/bundle.ts';
import { installedHaproxy, installedNginx, installedProxies, type InstalledProxy } from '../support/proxies.ts';
import { ClusterRun, type Change, type Start, type Timings } from './cluster-run.ts';
import { measureAlone, type Alone } from './proxy-alone.ts';

/**
 * Measures the bundled program as it follows a cluster: a fake API server in a process of its own, and a real proxy.
 * `node test/bench/cluster.ts [--all-proxies] [size...]`
 */
const { values, positionals } = parseArgs({
  options: { 'all-proxies': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const SIZES = positionals.length > 0 ? positionals.map(Number) : [100, 1_000, 5_000];
/** The one with the smallest share of sluice is told, whole: whatever else the machine does only adds. */
const STARTS = 3;
const REPEATS = 7;
const CHANGES = 50;
const IDLE_MS = 10_000;
/** A directory of its own: `npm run bundle` and the tests replace that of the image. */
const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'bench-bundle');
/** As in docker/nginx.Dockerfile. */
const PROGRAM = ['--max-semi-space-size=4', '--heap-growing-percent=50', '--expose-gc', join(BUNDLE, 'main.js')];

interface Figures {
  readonly size: number;
  readonly start: Start;
  readonly alone: Alone;
  readonly added: readonly Change[];
  readonly replaced: readonly Change[];
  readonly idleMb: number;
  readonly changedMb: number;
  readonly peakMb: number;
}

await bundle(BUNDLE);
for (const proxy of proxies()) {
  const all: Figures[] = [];
  for (const size of SIZES) all.push(await measure(size, proxy));
  const who = `${proxy.name} ${proxy.version}, node ${process.version}`;
  console.log(`\n${who}: from an event of the API server to the first request that is answered by it; ms`);
  console.table(all.flatMap(changeRows));
  console.log(`${who}: from the start of the process to the acknowledgement of the first generation; ms`);
  console.table(all.map(startRow));
  console.log(`${who}: resident memory of sluice, without the proxy; MB`);
  console.table(all.map(memoryRow));
}

function proxies(): readonly InstalledProxy[] {
  if (values['all-proxies']) return installedProxies();
  return [installedNginx(), installedHaproxy()].flatMap((all) => all.at(-1) ?? []);
}

async function measure(size: number, proxy: InstalledProxy): Promise<Figures> {
  const run = await ClusterRun.prepare({ size, proxy, program: PROGRAM });
  try {
    const starts = await repeat(STARTS, () => run.start());
    await sleep(IDLE_MS);
    const idleMb = await run.resident('VmRSS');
    const added = await repeat(REPEATS, () => run.addIngress());
    const replaced = await repeat(REPEATS, () => run.replaceEndpoint());
    await run.change(CHANGES);
    const [changedMb, peakMb] = [await run.resident('VmRSS'), await run.resident('VmHWM')];
    const alone = await measureAlone(proxy, await run.end());
    const start = sorted(starts, ownOfStart)[0] ?? NONE;
    return { size, start, alone, added, replaced, idleMb, changedMb, peakMb };
  } finally {
    await run.stop();
  }
}

async function repeat<T>(times: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let count = 0; count < times; count += 1) results.push(await work());
  return results;
}

const NONE = { total: Number.NaN, answered: Number.NaN, acknowledged: Number.NaN, by: '', timings: {} };

function sorted<T>(all: readonly T[], key: (item: T) => number): readonly T[] {
  return all.toSorted((left, right) => key(left) - key(right));
}

function sum(timings: Timings, ...names: readonly string[]): number {
  return names.reduce((total, name) => total + (timings[name] ?? 0), 0);
}

function ownOfStart({ total, timings }: Start): number {
  return total - sum(timings, 'check', 'reload');
}

function changeRows({ size, added, replaced, alone }: Figures): readonly object[] {
  const rows = { 'Ingress added': added, 'endpoint replaced': replaced };
  const proxy = { 'proxy alone: check + load': `${round(alone.check)} + ${round(alone.load)}` };
  return Object.entries(rows).map(([change, all]) => ({ Ingresses: size, change, ...changeRow(all), ...proxy }));
}

/** How the time to the first answer was spent; `own` is all that was sluice's. */
function partsOf({ answered, acknowledged, by, timings }: Change) {
  const compiled = sum(timings, 'translate', 'render');
  // What is done by the runtime API is there before it is written and checked.
  const isRuntime = by === 'runtime';
  // It is made safe while it is checked.
  const late = Math.max(0, sum(timings, 'seal') - sum(timings, 'check'));
  const written = isRuntime ? 0 : sum(timings, 'stage', 'install') + late;
  const check = isRuntime ? 0 : sum(timings, 'check');
  const own = acknowledged - sum(timings, 'stage', 'check', 'install', 'reload', 'update') - late + written;
  return { answered, by, gathered: own - compiled - written, compiled, written, own, check };
}

function changeRow(changes: readonly Change[]): object {
  const all = sorted(changes.map(partsOf), ({ own }) => own);
  const { answered, by, gathered, compiled, written, own, check } = all[0] ?? partsOf(NONE);
  const medianOf = (name: 'answered' | 'own') =>
    round(sorted(all, (parts) => parts[name])[all.length >> 1]?.[name] ?? Number.NaN);
  return {
    by,
    answered: round(answered),
    'its median': medianOf('answered'),
    'sluice in all': round(own),
    'median of that': medianOf('own'),
    gather: round(gathered),
    'translate+render': round(compiled),
    write: round(written),
    check: round(check),
    'reload or update': round(answered - own - check),
  };
}

function startRow({ size, start, alone }: Figures): object {
  const { total, timings } = start;
  return {
    Ingresses: size,
    total: round(total),
    'sluice in all': round(ownOfStart(start)),
    'translate+render': round(sum(timings, 'translate', 'render')),
    write: round(sum(timings, 'stage', 'install')),
    check: round(sum(timings, 'check')),
    load: round(sum(timings, 'reload')),
    'proxy alone: check + load': `${round(alone.check)} + ${round(alone.load)}`,
  };
}

function memoryRow({ size, idleMb, changedMb, peakMb, alone }: Figures): object {
  const own = { 'idle after start': idleMb, [`after ${CHANGES} changes`]: changedMb, peak: peakMb };
  return { Ingresses: size, ...own, "the proxy's check, for a moment": alone.checkMb };
}

function round(ms: number): number {
  return Math.round(ms);
}
