import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedProxies, type InstalledProxy } from '../support/proxies.ts';
import { RunningSluice, type LogLine } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';
import { benchFile, benchWorld, fileName } from './world.ts';

/**
 * Measures the real program: `sluice run --manage` on a directory of manifests, with a real nginx. The figures are those of
 * its own log; memory is the peak that the kernel recorded. Sizes can be given as arguments.
 */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1_000, 5_000];
const CHANGES = 5;
/** The built program with the flag of its first line, as it is installed. */
const PROGRAM = ['--max-semi-space-size=4', join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')];

interface Figures {
  readonly translate: number;
  readonly render: number;
  readonly stage: number;
  readonly check: number;
  readonly install: number;
  readonly reload: number;
}

interface Run {
  readonly size: number;
  readonly cold: Figures;
  /** Medians over some changes of one Ingress each. */
  readonly warm: Figures;
  readonly coldPeakMb: number;
  readonly peakMb: number;
}

for (const proxy of installedProxies()) {
  console.log(`\n${proxy.name} ${proxy.version}, node ${process.version}; times in ms`);
  const runs: Run[] = [];
  for (const size of SIZES) runs.push(await measure(size, proxy));
  console.table(runs.flatMap(rowsOf));
}

async function measure(size: number, { name: proxy, binary }: InstalledProxy): Promise<Run> {
  const sluice = await RunningSluice.start({
    manifests: benchWorld(size),
    proxy,
    binary,
    patienceMs: 120_000,
    program: PROGRAM,
  });
  try {
    const coldPeakMb = await peakMb(sluice);
    const changes: Figures[] = [];
    for (let change = 1; change <= CHANGES; change += 1) {
      const index = (change * 7) % size;
      await sluice.change(() => sluice.write(fileName(index), benchFile(index, `/changed-${change}`)));
      changes.push(figuresOf(lastApplied(sluice)));
    }
    const [first] = sluice.log.filter((line) => line['type'] === 'applied');
    return { size, cold: figuresOf(first), warm: medians(changes), coldPeakMb, peakMb: await peakMb(sluice) };
  } finally {
    await sluice.stop();
  }
}

function lastApplied(sluice: RunningSluice): LogLine | undefined {
  return sluice.log.findLast((line) => line['type'] === 'applied');
}

function figuresOf(line: LogLine | undefined): Figures {
  return line?.['timings'] as Figures;
}

function medians(all: readonly Figures[]): Figures {
  const median = (name: keyof Figures) =>
    all.map((item) => item[name]).sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
  return {
    translate: median('translate'),
    render: median('render'),
    stage: median('stage'),
    check: median('check'),
    install: median('install'),
    reload: median('reload'),
  };
}

async function peakMb({ pid }: RunningSluice): Promise<number> {
  const status = await waitFor('the process', () => readFile(`/proc/${pid ?? 0}/status`, 'utf8'));
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}

function rowsOf({ size, cold, warm, coldPeakMb, peakMb }: Run): readonly object[] {
  return [
    { Ingresses: size, pass: 'first', ...row(cold), 'peak RSS MB': coldPeakMb },
    { Ingresses: size, pass: 'one changed', ...row(warm), 'peak RSS MB': peakMb },
  ];
}

function row({ translate, render, stage, check, install, reload }: Figures): object {
  const ours = translate + render + stage + install;
  return {
    translate,
    render,
    'translate+render': Math.round(translate + render),
    write: Math.round(stage + install),
    check,
    'reload→acknowledged': reload,
    'ours / proxy': `${((100 * ours) / (check + reload)).toFixed(1)} %`,
  };
}
