import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplyResult } from '../../src/model/outcome.ts';
import { applierFor, prepare, proxyOf, SCENARIOS, worldOf, type Scenario } from './support/crash-scenarios.ts';
import {
  assertComplete,
  assertSecretsClosed,
  generationsIn,
  leftovers,
  quickDirectory,
  stateOf,
  type DiskState,
} from './support/disk-state.ts';
import { diskError, injectFaults, type DiskCall, type Fault } from './support/faults.ts';
import { recordingLogger } from './support/logger.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever } from './support/wait.ts';

const CODES = ['ENOSPC', 'EROFS', 'EACCES', 'EIO', 'EMFILE'];

/** What fails with a disk that is full: whatever needs a block, and nothing that gives one back. */
const NEEDS_SPACE = /^(open|mkdir|symlink|link|handle\.writeFile|handle\.sync)$/;

/** From which call on, for how long, and which of them. */
interface Trouble {
  readonly code: string;
  readonly at: number;
  readonly lasts: boolean;
  readonly strikes: (call: DiskCall) => boolean;
}

/** What became of an apply in trouble. */
interface Seen {
  readonly result: ApplyResult;
  readonly hit: readonly DiskCall[];
  readonly before: DiskState;
  /** Generations that were damaged by the scenario. */
  readonly damaged: readonly number[];
  readonly wasRunning: number | undefined;
}

describe('an apply for which a call to the disk fails', function () {
  this.timeout(120_000);
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(quickDirectory(), 'sluice-faults-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  for (const scenario of SCENARIOS) {
    it(`changes nothing, or all, and the next one succeeds: ${scenario.name}`, async () => {
      const count = await everyCall(scenario, (at) => {
        const code = CODES[at % CODES.length] ?? '';
        return { code, at, lasts: false, strikes: () => true };
      });
      assert.ok(count > 40, `${count}`);
    });

    it(`does so when the disk is full from any moment on: ${scenario.name}`, async () => {
      const strikes = ({ name, isChange }: DiskCall): boolean => isChange && NEEDS_SPACE.test(name);
      assert.ok((await everyCall(scenario, (at) => ({ code: 'ENOSPC', at, lasts: true, strikes }))) > 20);
    });

    it(`does so when the disk is read-only from any moment on: ${scenario.name}`, async () => {
      const strikes = ({ name, isChange }: DiskCall): boolean => isChange && name !== 'handle.sync';
      assert.ok((await everyCall(scenario, (at) => ({ code: 'EROFS', at, lasts: true, strikes }))) > 20);
    });
  }

  for (const scenario of SCENARIOS.filter(({ before }) => before.length > 0)) {
    it(`does so when a start is in trouble: ${scenario.name}`, async () => {
      for (let at = 1, hits = 1; hits > 0; at++) {
        const [configDir, code] = [join(root, String(at)), CODES[at % CODES.length] ?? ''];
        await prepare(scenario, where(configDir));
        hits = await startInTrouble(scenario, configDir, { code, at, lasts: at % 2 === 0, strikes: () => true });
        const what = `${code} at call ${at}`;
        if (scenario.harm === undefined) assertComplete(configDir, stateOf(configDir).current ?? 0);
        const applier = applierFor(where(configDir), proxyOf(scenario, configDir));
        assert.notEqual((await applier.start(forever))?.type, 'failed', what);
        assertComplete(configDir, stateOf(configDir).current ?? 0);
        await assertSucceeds(scenario, configDir, what);
        await rm(configDir, { recursive: true });
      }
    });
  }

  /** It may give up, and says why; returns how many calls failed. */
  async function startInTrouble(scenario: Scenario, configDir: string, trouble: Trouble): Promise<number> {
    const hit: DiskCall[] = [];
    const restore = await injectFaults(configDir, faultOf(trouble, hit));
    try {
      const result = await applierFor(where(configDir), proxyOf(scenario, configDir)).start(forever);
      assert.notEqual(result?.type, 'failed');
    } catch (error) {
      assert.match(String(error), new RegExp(trouble.code));
    } finally {
      restore();
    }
    return hit.length;
  }

  /** Returns how many calls there were to fail. */
  async function everyCall(scenario: Scenario, trouble: (at: number) => Trouble): Promise<number> {
    for (let at = 1; ; at++) {
      const configDir = join(root, String(at));
      const seen = await applyInTrouble(scenario, configDir, trouble(at));
      if (seen.hit.length === 0) return at - 1;
      const { name, path } = seen.hit[0] ?? { name: '', path: '' };
      const what = `${trouble(at).code} at call ${at}, ${name} ${path}`;
      assertHarmless(configDir, seen, what);
      await assertSucceeds(scenario, configDir, what);
      await rm(configDir, { recursive: true });
    }
  }

  async function applyInTrouble(scenario: Scenario, configDir: string, trouble: Trouble): Promise<Seen> {
    await prepare(scenario, where(configDir));
    const proxy = proxyOf(scenario, configDir);
    const applier = applierFor(where(configDir), proxy);
    await applier.start(forever);
    const [before, wasRunning] = [stateOf(configDir), proxy.running];
    const hit: DiskCall[] = [];
    const restore = await injectFaults(configDir, faultOf(trouble, hit));
    try {
      const { result } = await applier.apply(scenario.next, forever);
      return { result, hit, before, damaged: scenario.harm === undefined ? [] : [2], wasRunning };
    } finally {
      restore();
    }
  }
});

function where(configDir: string): { readonly configDir: string; readonly owner: undefined } {
  return { configDir, owner: undefined };
}

function faultOf({ code, at, lasts, strikes }: Trouble, hit: DiskCall[]): Fault {
  let calls = 0;
  return (call) => {
    if (!strikes(call)) return;
    calls += 1;
    if (calls !== at && !(lasts && calls > at)) return;
    hit.push(call);
    throw diskError(code, call);
  };
}

/** A proxy that starts now finds something complete; and what came to nothing left no trace where a proxy looks. */
function assertHarmless(configDir: string, seen: Seen, what: string): void {
  const { result, damaged } = seen;
  const state = stateOf(configDir);
  if (state.current !== undefined) assertComplete(configDir, state.current);
  for (const number of generationsIn(configDir)) if (!damaged.includes(number)) assertComplete(configDir, number);
  assertSecretsClosed(configDir, undefined);
  if (result.type === 'failed') {
    assertUndone(configDir, { ...seen, message: result.message }, what);
  } else if (result.type === 'applied') {
    const { running } = new SurvivingProxy(configDir);
    assert.deepEqual([state.current, running], [result.generation, result.generation], what);
  } else {
    assert.match(result.type, /^(rolled-back|unacknowledged)$/, what);
  }
}

function assertUndone(
  configDir: string,
  { message, hit, before, wasRunning }: Seen & { readonly message: string },
  what: string,
): void {
  assert.match(message, /^cannot (write|install|list|read|check).*(ENOSPC|EROFS|EACCES|EIO|EMFILE)/, what);
  assert.deepEqual(stateOf(configDir), before, what);
  // Unless it was the removal that failed.
  if (hit.length === 1 && hit[0]?.name !== 'rm') assert.deepEqual(leftovers(configDir), [], what);
  const { running } = new SurvivingProxy(configDir);
  assert.ok(running === wasRunning || running === 0, what);
}

/** The trouble is over: the same applier's successor and the one after it have the disk as it should be. */
async function assertSucceeds(scenario: Scenario, configDir: string, what: string): Promise<void> {
  const logger = recordingLogger();
  const applier = applierFor(where(configDir), proxyOf({ ...scenario, refuses: [] }, configDir), logger);
  for (const bundle of [scenario.next, worldOf('last')]) {
    let { result } = await applier.apply(bundle, forever);
    // What could be neither loaded nor taken back is taken back now; sluice tries again after that.
    if (result.type === 'rolled-back') ({ result } = await applier.apply(bundle, forever));
    assert.ok(result.type === 'applied' || result.type === 'unchanged', `${what}: ${JSON.stringify(result)}`);
    assert.deepEqual(stateOf(configDir), { current: result.generation, acknowledged: result.generation }, what);
  }
  assert.deepEqual(leftovers(configDir), [], what);
  assert.equal((await applier.start(forever))?.type, 'unchanged', what);
  assert.deepEqual(
    logger.messages.filter((message) => message.includes('damaged')),
    [],
    what,
  );
}
