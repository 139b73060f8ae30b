import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Applier } from '../../src/apply/apply.ts';
import type { CheckResult } from '../../src/proxies/driver.ts';
import { bundleOf } from './support/bundles.ts';
import { applierFor, worldOf } from './support/crash-scenarios.ts';
import { quickDirectory, stateOf } from './support/disk-state.ts';
import { diskError, injectFaults, type Fault } from './support/faults.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever, whenTrue } from './support/wait.ts';

const ACCEPTED: CheckResult = { accepted: true, warnings: '' };
const REFUSED: CheckResult = { accepted: false, message: 'no', places: [] };

/** The test says when the checker ends. */
class SlowChecker extends SurvivingProxy {
  asked: string | undefined;
  readonly verdictOf = Promise.withResolvers<CheckResult>();

  override async check(directory: string, signal?: AbortSignal): Promise<CheckResult> {
    this.asked = directory;
    await super.check(directory);
    signal?.addEventListener('abort', () => this.verdictOf.reject(new Error('killed')));
    return this.verdictOf.promise;
  }
}

describe('a generation that is made safe while it is checked', () => {
  let configDir: string;
  let proxy: SlowChecker;
  let applier: Applier;
  let restore: () => void = () => undefined;

  beforeEach(async () => {
    configDir = await mkdtemp(join(quickDirectory(), 'sluice-seal-'));
    const first = applierFor({ configDir, owner: undefined }, new SurvivingProxy(configDir));
    await first.start(forever);
    await first.apply(worldOf('1'), forever);
    proxy = new SlowChecker(configDir);
    applier = applierFor({ configDir, owner: undefined }, proxy);
    await applier.start(forever);
  });
  afterEach(async () => {
    restore();
    await rm(configDir, { recursive: true });
  });

  async function inject(fault: Fault): Promise<void> {
    restore = await injectFaults(configDir, fault);
  }

  /** Everything is as it was before. */
  function assertUntouched(): void {
    assert.deepEqual(stateOf(configDir), { current: 1, acknowledged: 1 });
    assert.deepEqual(readdirSync(join(configDir, 'generations')), ['00000001']);
    assert.deepEqual([proxy.running, proxy.reloads], [1, []]);
  }

  it('is checked although none of it is safe yet, and installed only when all of it is', async () => {
    const synced = Promise.withResolvers<undefined>();
    const renamed: string[] = [];
    const others = new Set<string>();
    await inject(async ({ name, path }) => {
      if (name === 'handle.sync' && path.endsWith('main.conf')) await synced.promise;
      else if (name === 'handle.sync') others.add(path);
      if (name === 'rename') renamed.push(path);
    });
    const applied = applier.apply(worldOf('2'), forever);
    await whenTrue('a check', () => proxy.asked !== undefined);
    proxy.verdictOf.resolve(ACCEPTED);
    await whenTrue('all other files to be safe', () => others.size === 4);
    assert.ok(!existsSync(join(proxy.asked ?? '', 'manifest.json')));
    assert.deepEqual(renamed, []);
    synced.resolve(undefined);
    assert.equal((await applied).result.type, 'applied');
    assert.deepEqual(stateOf(configDir), { current: 2, acknowledged: 2 });
  });

  const parts = ['main.conf', 'certs/b.pem', 'manifest.json', 'certs', '.'];
  for (const verdict of [ACCEPTED, REFUSED]) {
    const what = verdict.accepted ? 'accepts' : 'refuses';
    for (const part of parts) {
      it(`is not installed when ${part} cannot be made safe while the checker, which ${what} it, reads it`, async () => {
        let failed = false;
        await inject((call) => {
          if (call.name !== 'handle.sync' || call.path !== join(configDir, 'generations/.staging-00000002', part))
            return;
          failed = true;
          throw diskError('EIO', call);
        });
        const applied = applier.apply(worldOf('2'), forever);
        await whenTrue('a failure', () => failed && proxy.asked !== undefined);
        assert.ok(existsSync(join(proxy.asked ?? '', 'main.conf')), 'the checker can go on reading');
        proxy.verdictOf.resolve(verdict);
        const { result } = await applied;
        assert.equal(result.type, 'failed');
        assert.match(result.message, /^cannot write generation 2: EIO/);
        assertUntouched();
      });
    }
  }

  const ends: readonly { name: string; end: () => void; type: string }[] = [
    { name: 'is refused', end: () => proxy.verdictOf.resolve(REFUSED), type: 'refused' },
    { name: 'cannot be checked', end: () => proxy.verdictOf.reject(new Error('no program')), type: 'failed' },
  ];
  for (const { name, end, type } of ends) {
    it(`leaves nothing when it ${name} before it is safe`, async () => {
      const synced = Promise.withResolvers<undefined>();
      await inject(({ name: call }) => (call === 'handle.sync' ? synced.promise : undefined));
      const applied = applier.apply(worldOf('2'), forever);
      await whenTrue('a check', () => proxy.asked !== undefined);
      end();
      synced.resolve(undefined);
      assert.equal((await applied).result.type, type);
      assertUntouched();
    });
  }

  it('leaves nothing when sluice is told to stop meanwhile', async () => {
    const abort = new AbortController();
    const synced = Promise.withResolvers<undefined>();
    await inject(({ name }) => (name === 'handle.sync' ? synced.promise : undefined));
    const applied = applier.apply(worldOf('2'), abort.signal);
    await whenTrue('a check', () => proxy.asked !== undefined);
    abort.abort(new Error('enough'));
    synced.resolve(undefined);
    await assert.rejects(applied, /enough/);
    assertUntouched();
  });

  it('is not made safe when it is checked only', async () => {
    const calls: string[] = [];
    await inject(({ name }) => void calls.push(name));
    proxy.verdictOf.resolve(ACCEPTED);
    assert.deepEqual(await applier.check(worldOf('2'), forever), { type: 'accepted' });
    assert.ok(calls.includes('handle.writeFile') && !calls.includes('handle.sync'));
    assertUntouched();
  });

  it('does not keep all of its files open when they are many', async () => {
    const synced: string[] = [];
    await inject(({ name, path }) => {
      if (name === 'handle.sync' && proxy.asked === undefined) synced.push(path);
    });
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, 'x']));
    proxy.verdictOf.resolve(ACCEPTED);
    const { result } = await applier.apply(bundleOf(files), forever);
    assert.equal(result.type, 'applied');
    assert.ok(synced.length > 100 && synced.length < 300, `${synced.length}`);
  });
});
