import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplier, type Applied, type Applier } from '../../src/apply/apply.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import type { RuntimeChange, RuntimeUpdate } from '../../src/proxies/driver.ts';
import { bundleOf } from './support/bundles.ts';
import { FakeProxy } from './support/fake-proxy.ts';
import { recordingLogger } from './support/logger.ts';
import { forever } from './support/wait.ts';

/** Endpoints, which the proxy takes while it runs, and everything else. */
function world(endpoints: string, rest = ''): ConfigBundle {
  return bundleOf({ 'runtime/backends.conf': endpoints, 'main.conf': rest });
}

describe('applier with a proxy that takes changes while it runs', () => {
  let configDir: string;
  let proxy: FakeProxy;
  let applier: Applier;
  /** What the proxy was given. */
  let changes: RuntimeChange[];

  beforeEach(async () => {
    configDir = await mkdtemp(join(tmpdir(), 'sluice-'));
    proxy = new FakeProxy(configDir);
    changes = [];
    proxy.update = (change) => Promise.resolve(take(change));
    applier = newApplier();
    await applier.start(forever);
    await applier.apply(world('one'), forever);
  });
  afterEach(() => rm(configDir, { recursive: true }));

  function newApplier(acknowledgeTimeoutMs = 60): Applier {
    const runDirectory = join(configDir, 'run');
    const settings = { owner: undefined, keepGenerations: 3, acknowledgeTimeoutMs, logger: recordingLogger() };
    return createApplier({ driver: proxy, configDir, runDirectory, ...settings });
  }

  function take(change: RuntimeChange): RuntimeUpdate {
    changes.push(change);
    proxy.running = 0;
    const confirm = (generation: number): Promise<void> => {
      // Another process does not know of it.
      if (proxy.running === 0) proxy.running = generation;
      return Promise.resolve();
    };
    return { type: 'updated', confirm };
  }

  const apply = async (bundle: ConfigBundle): Promise<ApplyResult> => (await applier.apply(bundle, forever)).result;

  it('gives it the texts before and after, and then writes, checks and installs them', async () => {
    const { result, timings }: Applied = await applier.apply(world('two'), forever);
    const changedFiles = ['runtime/backends.conf'];
    assert.deepEqual(result, { type: 'applied', by: 'runtime', generation: 2, changedFiles });
    assert.deepEqual(Object.keys(timings).sort(), ['check', 'install', 'reload', 'seal', 'stage', 'update']);
    const given = changes.map(({ files, text }) => ({ files, texts: [text('main.conf'), text('none')] }));
    const files = [{ path: 'runtime/backends.conf', before: 'one', after: 'two' }];
    assert.deepEqual(given, [{ files, texts: ['', undefined] }]);
    assert.equal(await proxy.installed(), 2);
    assert.deepEqual(proxy.reloads, [1]);
    assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 2 });
  });

  it('starts from what was acknowledged last, again and again, and back', async () => {
    for (const text of ['two', 'three', 'one']) assert.equal((await apply(world(text))).type, 'applied');
    const texts = changes.flatMap(({ files }) => files.map(({ before, after }) => [before, after]));
    assert.deepEqual(texts, [
      ['one', 'two'],
      ['two', 'three'],
      ['three', 'one'],
    ]);
    assert.deepEqual(proxy.reloads, [1]);
  });

  const reloads: readonly {
    readonly name: string;
    readonly given: () => unknown;
    readonly next?: ConfigBundle;
  }[] = [
    { name: 'another file changed, too', given: () => undefined, next: world('two', 'more') },
    {
      name: 'it says that it cannot',
      given: () => (proxy.update = () => Promise.resolve({ type: 'needs-reload', reason: 'no' })),
    },
    { name: 'the driver has no way to', given: () => delete proxy.update },
    { name: 'it runs another generation', given: () => (proxy.running = 7) },
    { name: 'an update before was not finished', given: () => (proxy.running = 0) },
    {
      name: 'somebody edited the file',
      given: () => appendFile(join(configDir, 'current', 'runtime/backends.conf'), '#'),
    },
    {
      name: 'files with the number are written in another way',
      given: () => undefined,
      next: { ...world('two'), stamp: () => [{ path: 'generation.conf', text: 'other' }] },
    },
  ];
  for (const { name, given, next = world('two') } of reloads) {
    it(`reloads it when ${name}`, async () => {
      await given();
      const result = await apply(next);
      assert.ok(result.type === 'applied' && result.by === 'reload', JSON.stringify(result));
      assert.deepEqual(changes, []);
      assert.equal(proxy.running, result.generation);
    });
  }

  it('reloads one that was started again before it was given the number', async () => {
    proxy.update = async (change) => {
      const update = take(change);
      await proxy.startUp();
      return update;
    };
    const result = await apply(world('two'));
    assert.ok(result.type === 'applied' && result.by === 'reload');
    assert.deepEqual(proxy.reloads, [1, 2]);
    assert.equal(proxy.running, 2);
  });

  it('says that the endpoints are there when the checker refuses them, and has what is installed loaded', async () => {
    proxy.verdict = { accepted: false, message: 'no', places: [] };
    const refused = await apply(world('two'));
    assert.ok(refused.type === 'refused');
    assert.equal(refused.message, 'no; the running proxy has the new endpoints already');
    assert.deepEqual(await applier.verify(forever), { type: 'applied', by: 'reload', generation: 1, changedFiles: [] });
  });

  it('does not take equal bytes on disk for what runs after a failure', async () => {
    proxy.verdict = new Error('no such program');
    const failed = await apply(world('two'));
    assert.ok(failed.type === 'failed');
    assert.match(failed.message, /no such program; the running proxy has the new endpoints already$/);
    assert.deepEqual(await apply(world('one')), { type: 'applied', by: 'reload', generation: 1, changedFiles: [] });
    assert.deepEqual(proxy.reloads, [1, 1]);
  });

  it('reloads what is installed when a sluice was killed in between, at once', async () => {
    proxy.verdict = new Error('killed');
    await apply(world('two'));
    proxy.ensureStarted = () => Promise.resolve();
    const started = performance.now();
    const result = await newApplier(30_000).start(forever);
    assert.deepEqual(result, { type: 'applied', by: 'reload', generation: 1, changedFiles: [] });
    assert.ok(performance.now() - started < 30_000, 'it waits for an answer that cannot come');
  });
});
