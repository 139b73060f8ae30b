import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { haproxyArguments } from '../../src/proxies/haproxy.ts';
import { nginxArguments } from '../../src/proxies/nginx.ts';
import { askGeneration } from '../../src/proxies/unix-socket.ts';
import type { InstalledProxy } from '../support/proxies.ts';

/** Milliseconds. */
export interface Alone {
  readonly check: number;
  /** From the start of the process until it answers. */
  readonly load: number;
  /** Resident memory of the check at its peak; it counts as memory of sluice's container. */
  readonly checkMb: number;
}

const REPEATS = 3;
const POLL_MS = 2;
const LONGEST_MS = 60_000;

/** What the proxy needs for a configuration without sluice; the best of some times. */
export async function measureAlone(proxy: InstalledProxy, configDir: string): Promise<Alone> {
  const times: Alone[] = [];
  for (let count = 0; count < REPEATS; count += 1) {
    times.push({ ...(await check(proxy, configDir)), load: await load(proxy, configDir) });
  }
  const best = (name: 'check' | 'load') => Math.min(...times.map((time) => time[name]));
  const checkMb = Math.max(...times.map((time) => time.checkMb));
  return { check: best('check'), load: best('load'), checkMb };
}

function serveArguments({ name }: InstalledProxy, configDir: string): readonly string[] {
  const runDirectory = join(configDir, 'run');
  return name === 'nginx'
    ? nginxArguments(configDir, runDirectory)
    : haproxyArguments(configDir, { pidFile: join(runDirectory, 'haproxy.pid'), runDirectory });
}

function checkArguments({ name }: InstalledProxy, configDir: string): readonly string[] {
  const current = join(configDir, 'current');
  if (name === 'nginx') return ['-t', '-q', '-c', join(current, 'nginx.conf'), '-p', join(configDir, 'run')];
  return [
    '-c',
    ...['haproxy.cfg', 'users.cfg', 'backends.cfg', 'generation.cfg'].flatMap((file) => ['-f', join(current, file)]),
  ];
}

async function check(proxy: InstalledProxy, configDir: string): Promise<Omit<Alone, 'load'>> {
  const startedAt = performance.now();
  const child = spawn(proxy.binary, checkArguments(proxy, configDir), { stdio: 'ignore' });
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, at: performance.now() }));
  const peakMb = await watchPeak(child);
  const { code, at } = await ended;
  if (code !== 0) throw new Error(`${proxy.name} refuses what it runs`);
  return { check: at - startedAt, checkMb: peakMb };
}

/** Until it has ended: the kernel forgets it with the process. */
async function watchPeak({ pid }: ChildProcess): Promise<number> {
  let peakKb = 0;
  for (;;) {
    const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    if (peak === undefined) return Math.round(peakKb / 1024);
    peakKb = Number(peak);
    await sleep(POLL_MS);
  }
}

async function load(proxy: InstalledProxy, configDir: string): Promise<number> {
  const { signal } = new AbortController();
  const startedAt = performance.now();
  const child = spawn(proxy.binary, serveArguments(proxy, configDir), { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    while ((await askGeneration(join(configDir, 'run', `${proxy.name}.sock`), signal)) === undefined) {
      if (performance.now() - startedAt > LONGEST_MS) throw new Error(`${proxy.name} does not answer`);
      await sleep(POLL_MS);
    }
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
