import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Owner } from '../../src/apply/layout.ts';
import { applierFor, prepare, proxyOf, SCENARIOS, worldOf, type Scenario } from './support/crash-scenarios.ts';
import {
  assertComplete,
  assertSecretsClosed,
  generationsIn,
  leftovers,
  pointed,
  quickDirectory,
  stateOf,
  type DiskState,
} from './support/disk-state.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever } from './support/wait.ts';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'support', 'crash-child.ts');

/** Killed processes at a time. */
const AT_A_TIME = 3;

/** Root gives the files away, as sluice does beside an nginx that runs as another user. */
const owner: Owner | undefined = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_533 } : undefined;

/** Before the call to the disk of this number, or in the middle of it. */
interface Crash {
  readonly at: number;
  readonly when: 'before' | 'half';
}

describe('sluice killed by SIGKILL at every change of the disk', function () {
  this.timeout(120_000);
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(quickDirectory(), 'sluice-crash-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  for (const scenario of SCENARIOS) {
    it(`leaves a complete configuration, and goes on: ${scenario.name}`, async () => {
      const start = join(root, 'start');
      await mkdir(start);
      await prepare(scenario, { configDir: start, owner });
      const calls = await callsOf(scenario, await copyOf(start, 'undisturbed'));
      const crashes = calls.flatMap((call, index): readonly Crash[] => {
        const at = index + 1;
        return call.endsWith('in parts') ? [before(at), { at, when: 'half' }] : [before(at)];
      });
      assert.ok(crashes.length > 30, `${crashes.length}`);
      await inParallel(crashes, async (crash) => {
        const configDir = await copyOf(start, `${crash.at}-${crash.when}`);
        await killed(scenario, configDir, crash);
        const seen = stateOf(configDir);
        assertPromises(scenario, configDir, seen);
        const copy = await copyOf(configDir, `${crash.at}-${crash.when}-restarted`);
        await assertGoesOn(scenario, configDir, false);
        if (seen.current !== undefined) await assertGoesOn(scenario, copy, true);
        await Promise.all([configDir, copy].map((path) => rm(path, { recursive: true })));
      });
    });
  }

  /** With hard links, owners and times. */
  async function copyOf(directory: string, name: string): Promise<string> {
    const copy = join(root, name);
    await run('cp', ['-a', directory, copy]);
    return copy;
  }
});

/** Hundreds of processes start: they take their code from where the first one compiled it to. */
function environment(configDir: string): { readonly env: NodeJS.ProcessEnv } {
  return { env: { ...process.env, NODE_COMPILE_CACHE: join(configDir, '..', 'compiled') } };
}

function before(at: number): Crash {
  return { at, when: 'before' };
}

function childArguments(scenario: Scenario, configDir: string, { at, when }: Crash): readonly string[] {
  const given = owner === undefined ? '' : `,${owner.uid},${owner.gid}`;
  return [CHILD, scenario.name, String(at), when, `${configDir}${given}`];
}

/** The changes of the disk that a run makes when nothing disturbs it. */
async function callsOf(scenario: Scenario, configDir: string): Promise<readonly string[]> {
  const { stdout } = await run(
    process.execPath,
    childArguments(scenario, configDir, before(0)),
    environment(configDir),
  );
  return stdout.trim().split('\n');
}

async function killed(scenario: Scenario, configDir: string, crash: Crash): Promise<void> {
  const child = run(process.execPath, childArguments(scenario, configDir, crash), environment(configDir));
  await assert.rejects(child, { signal: 'SIGKILL' }, `${scenario.name}: ${crash.when} ${crash.at}`);
}

/** What a proxy finds that starts at this moment, while no sluice is there. */
function assertPromises(scenario: Scenario, configDir: string, { current, acknowledged }: DiskState): void {
  assertSecretsClosed(configDir, owner);
  if (scenario.before.length > 0) assert.notEqual(current, undefined);
  if (scenario.harm === undefined) for (const number of generationsIn(configDir)) assertComplete(configDir, number);
  if (current === undefined) return;
  assert.ok(new SurvivingProxy(configDir).accepted().includes(current), 'the checker accepted it');
  if (scenario.harm === undefined) {
    if (acknowledged !== undefined) assertComplete(configDir, acknowledged);
    assert.ok(acknowledged === undefined || current >= acknowledged);
  }
}

/** Another sluice starts, beside the proxy as it was or one that was started again meanwhile, and applies. */
async function assertGoesOn(scenario: Scenario, configDir: string, restarted: boolean): Promise<void> {
  const proxy = proxyOf({ ...scenario, refuses: [] }, configDir);
  if (restarted) proxy.restart();
  const applier = applierFor({ configDir, owner }, proxy);
  const started = await applier.start(forever);
  assert.notEqual(started?.type, 'failed');
  assert.deepEqual(leftovers(configDir), []);
  assertGivenAway(configDir);
  const current = pointed(configDir, 'current');
  if (started !== undefined) assertComplete(configDir, current ?? 0);
  for (const bundle of [scenario.next, worldOf('last')]) {
    const { result } = await applier.apply(bundle, forever);
    assert.ok(result.type === 'applied' || result.type === 'unchanged', JSON.stringify(result));
    assert.deepEqual(stateOf(configDir), { current: result.generation, acknowledged: result.generation });
    assert.equal(proxy.running, result.generation);
    assertComplete(configDir, result.generation);
  }
  assertSecretsClosed(configDir, owner);
  assert.deepEqual(leftovers(configDir), []);
  assert.ok(generationsIn(configDir).length <= 3);
}

function assertGivenAway(configDir: string): void {
  if (owner === undefined) return;
  for (const name of ['generations', 'run']) {
    const { uid, gid, mode } = lstatSync(join(configDir, name));
    assert.deepEqual({ uid, gid, mode: mode & 0o777 }, { ...owner, mode: name === 'run' ? 0o711 : 0o755 }, name);
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  // All of them are to have ended before the test does, also when one fails.
  const ends = await Promise.allSettled(Array.from({ length: AT_A_TIME }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
