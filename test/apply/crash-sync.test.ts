import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { applierFor, worldOf } from './support/crash-scenarios.ts';
import { quickDirectory } from './support/disk-state.ts';
import { injectFaults } from './support/faults.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever } from './support/wait.ts';

describe('before a link leads to a generation', () => {
  let configDir: string;

  beforeEach(async () => {
    configDir = await mkdtemp(join(quickDirectory(), 'sluice-sync-'));
  });
  afterEach(() => rm(configDir, { recursive: true }));

  /** Changes of the disk by an apply, in their order; paths are relative. */
  async function changes(): Promise<readonly string[]> {
    const applier = applierFor({ configDir, owner: undefined }, new SurvivingProxy(configDir));
    await applier.start(forever);
    await applier.apply(worldOf('1'), forever);
    const calls: string[] = [];
    const restore = await injectFaults(configDir, ({ name, path, isChange }) => {
      const short = path.slice(configDir.length + 1).replace(/\/\.$/, '');
      if (isChange || name === 'open') calls.push(`${name} ${short}`);
    });
    try {
      await applier.apply(worldOf('2'), forever);
    } finally {
      restore();
    }
    return calls;
  }

  it('every file and every directory of it is safe against loss of power', async () => {
    const calls = await changes();
    const staging = 'generations/.staging-00000002';
    const renamed = calls.indexOf(`rename ${staging}`);
    const written = calls.filter((call) => call.startsWith('handle.writeFile ')).map((call) => call.split(' ')[1]);
    const [changed, same] = [`${staging}/certs/b.pem`, `${staging}/certs/a.pem`];
    assert.ok(written.includes(changed) && written.includes(`${staging}/manifest.json`));
    assert.ok(!written.includes(same));
    for (const path of [...written, `${staging}/certs`, `${staging}/runtime`, staging]) {
      const synced = calls.indexOf(`handle.sync ${path}`);
      assert.ok(synced > calls.indexOf(`handle.writeFile ${path}`), `${path} is synced`);
      assert.ok(synced < renamed, `${path} is synced before it counts`);
    }
    const swap = calls.indexOf('rename .current.new');
    assert.ok(renamed < calls.indexOf('handle.sync generations'));
    assert.ok(calls.indexOf('handle.sync generations') < swap);
    assert.equal(calls[swap + 2], 'handle.sync ');
    assert.ok(swap + 2 < calls.indexOf('rename .acknowledged.new'), 'the swap is safe before it counts as proven');
  });

  it('the manifest is the last of its files', async () => {
    const calls = await changes();
    const writes = calls.filter((call) => call.startsWith('handle.writeFile '));
    assert.match(writes.at(-1) ?? '', /manifest\.json$/);
  });

  it('each file has its mode before it has its text', async () => {
    const calls = await changes();
    for (const call of calls.filter((one) => one.startsWith('handle.writeFile '))) {
      const path = call.split(' ')[1];
      assert.ok(calls.indexOf(`handle.chmod ${path}`) < calls.indexOf(call), path);
    }
  });
});
