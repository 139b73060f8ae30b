import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplier, type Applier } from '../../src/apply/apply.ts';
import { bundleOf } from './support/bundles.ts';
import { FakeProxy } from './support/fake-proxy.ts';
import { recordingLogger } from './support/logger.ts';
import { forever } from './support/wait.ts';

describe('a check without an installation', () => {
  let configDir: string;
  let proxy: FakeProxy;
  let applier: Applier;

  beforeEach(async () => {
    configDir = await mkdtemp(join(tmpdir(), 'sluice-'));
    proxy = new FakeProxy(configDir);
    const settings = { owner: undefined, keepGenerations: 3, acknowledgeTimeoutMs: 60, logger: recordingLogger() };
    applier = createApplier({ driver: proxy, configDir, runDirectory: join(configDir, 'run'), ...settings });
    await applier.start(forever);
    await applier.apply(bundleOf({ 'a.conf': '1' }), forever);
  });
  afterEach(() => rm(configDir, { recursive: true }));

  const refused = { message: 'no good', places: [{ path: 'a.conf', line: 1 }] };
  const cases = [
    { name: 'accepted', verdict: { accepted: true, warnings: '' }, result: { type: 'accepted' } },
    { name: 'refused', verdict: { accepted: false, ...refused }, result: { type: 'refused', ...refused } },
    {
      name: 'failed',
      verdict: new Error('no such program'),
      result: { type: 'failed', message: 'cannot check the configuration: no such program' },
    },
  ] as const;
  for (const { name, verdict, result } of cases) {
    it(`that is ${name} leaves disk and proxy as they are`, async () => {
      proxy.verdict = verdict;
      assert.deepEqual(await applier.check(bundleOf({ 'a.conf': '2' }), forever), result);
      assert.deepEqual(await readdir(join(configDir, 'generations')), ['00000001']);
      assert.deepEqual([proxy.reloads, proxy.running], [[1], 1]);
    });
  }
});
