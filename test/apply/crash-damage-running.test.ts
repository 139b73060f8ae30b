import assert from 'node:assert/strict';
import { appendFile, chmod, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleOf } from './support/bundles.ts';
import { applierFor, worldOf, type Disturbed } from './support/crash-scenarios.ts';
import { assertComplete, quickDirectory, stateOf } from './support/disk-state.ts';
import { injectFaults } from './support/faults.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever } from './support/wait.ts';

describe('a disk that is damaged while sluice runs', () => {
  let configDir: string;
  let proxy: SurvivingProxy;

  const here = (): Disturbed => ({ configDir, owner: undefined, keepGenerations: 3 });

  beforeEach(async () => {
    configDir = await mkdtemp(join(quickDirectory(), 'sluice-damage-'));
    proxy = new SurvivingProxy(configDir);
  });
  afterEach(() => rm(configDir, { recursive: true }));

  const cases: readonly { readonly name: string; readonly harm: (current: string) => Promise<unknown> }[] = [
    { name: 'a file that was edited', harm: (current) => appendFile(join(current, 'main.conf'), 'x') },
    { name: 'a file that is gone', harm: (current) => rm(join(current, 'certs/b.pem')) },
    { name: 'a manifest that cannot be used', harm: (current) => writeFile(join(current, 'manifest.json'), '') },
    { name: 'all files that are gone', harm: (current) => rm(current, { recursive: true }) },
    { name: 'current that is gone', harm: () => rm(join(configDir, 'current')) },
  ];
  for (const { name, harm } of cases) {
    it(`is written anew: ${name}`, async () => {
      const applier = applierFor(here(), proxy);
      await applier.start(forever);
      await applier.apply(worldOf('1'), forever);
      await harm(join(configDir, 'generations/00000001'));
      assert.equal((await applier.verify(forever))?.type, 'applied');
      assert.deepEqual(stateOf(configDir), { current: 2, acknowledged: 2 });
      assertComplete(configDir, 2);
      assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 2 });
    });
  }

  it('is not one when only the time of a file changed', async () => {
    const applier = applierFor(here(), proxy);
    await applier.start(forever);
    await applier.apply(worldOf('1'), forever);
    await utimes(join(configDir, 'current/main.conf'), 1, 1);
    assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 1 });
  });

  it('is told when sluice does not have what was installed', async () => {
    const applier = applierFor(here(), proxy);
    await applier.start(forever);
    await applier.apply(worldOf('1'), forever);
    await appendFile(join(configDir, 'current/main.conf'), 'x');
    const other = applierFor(here(), proxy);
    const message = 'generation 1 is damaged on disk: main.conf has another content than was installed';
    assert.deepEqual(await other.verify(forever), { type: 'failed', message });
  });

  it('is found in one of many files, of which a hundred are looked at each time', async () => {
    const files = Object.fromEntries(Array.from({ length: 249 }, (_, index) => [`f${index}`, `${index}`]));
    const applier = applierFor(here(), proxy);
    await applier.start(forever);
    await applier.apply(bundleOf(files), forever);
    await chmod(join(configDir, 'current/f248'), 0o600);
    const looks: string[] = [];
    const restore = await injectFaults(configDir, ({ path }) => void looks.push(path));
    try {
      for (let round = 0; round < 3; round++) assert.equal((await applier.verify(forever))?.type, 'unchanged');
    } finally {
      restore();
    }
    const seen = looks.filter((path) => /\/(f\d+|generation\.conf)$/.test(path));
    assert.deepEqual([seen.length, new Set(seen).size], [250, 250]);
    await appendFile(join(configDir, 'current/f248'), 'x');
    const results = [];
    for (let round = 0; round < 3; round++) results.push((await applier.verify(forever))?.type);
    assert.equal(results.filter((type) => type === 'applied').length, 1);
  });
});
