import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplier, type Applier } from '../../src/apply/apply.ts';
import { movePointer } from '../../src/apply/install.ts';
import { layoutOf } from '../../src/apply/layout.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import { bundleOf } from './support/bundles.ts';
import { FakeProxy } from './support/fake-proxy.ts';
import { recordingLogger } from './support/logger.ts';
import { forever } from './support/wait.ts';

/** What comes of a reload. */
function applied(generation: number, changedFiles: readonly string[]): ApplyResult {
  return { type: 'applied', by: 'reload', generation, changedFiles };
}

describe('applier', () => {
  let configDir: string;
  let proxy: FakeProxy;
  let applier: Applier;

  beforeEach(async () => {
    configDir = await mkdtemp(join(tmpdir(), 'sluice-'));
    proxy = new FakeProxy(configDir);
    applier = newApplier();
    await applier.start(forever);
  });
  afterEach(() => rm(configDir, { recursive: true }));

  function newApplier(): Applier {
    const runDirectory = join(configDir, 'run');
    const settings = { owner: undefined, keepGenerations: 3, acknowledgeTimeoutMs: 60, logger: recordingLogger() };
    return createApplier({ driver: proxy, configDir, runDirectory, ...settings });
  }

  async function apply(text: string): Promise<ApplyResult> {
    return (await applier.apply(bundleOf({ 'a.conf': text, 'same.conf': '' }), forever)).result;
  }

  /** What the two pointers name, and which generations are on disk. */
  async function disk(): Promise<{ current: number; acknowledged: number | undefined; generations: number[] }> {
    const read = (name: string): Promise<number | undefined> =>
      readlink(join(configDir, name)).then(
        (to) => Number(to.slice('generations/'.length)),
        () => undefined,
      );
    const names = await readdir(join(configDir, 'generations'));
    return {
      current: (await read('current')) ?? 0,
      acknowledged: await read('acknowledged'),
      generations: names.map(Number).sort((left, right) => left - right),
    };
  }

  it('applies, does nothing for equal bytes, and times what it does', async () => {
    const first = await applier.apply(bundleOf({ 'a.conf': '1' }), forever);
    assert.deepEqual(first.result, applied(1, ['a.conf']));
    assert.deepEqual(Object.keys(first.timings).sort(), ['check', 'install', 'reload', 'seal', 'stage']);
    const second = await applier.apply(bundleOf({ 'a.conf': '1' }), forever);
    assert.deepEqual(second, { result: { type: 'unchanged', generation: 1 }, timings: {} });
    assert.deepEqual(proxy.reloads, [1]);
  });

  it('reloads what runs already when it is told to, and goes back when that is not taken over', async () => {
    const bundle = bundleOf({ 'a.conf': '1' });
    await applier.apply(bundle, forever);
    assert.deepEqual((await applier.renew(bundle, forever)).result, applied(2, []));
    proxy.refuses.add(3);
    assert.equal((await applier.renew(bundle, forever)).result.type, 'rolled-back');
    const { current, acknowledged } = await disk();
    assert.deepEqual({ current, acknowledged }, { current: 2, acknowledged: 2 });
  });

  it('names the files that changed', async () => {
    await apply('1');
    assert.deepEqual(await apply('2'), applied(2, ['a.conf']));
    assert.deepEqual(await disk(), { current: 2, acknowledged: 2, generations: [1, 2] });
  });

  it('installs nothing that the checker refuses', async () => {
    await apply('1');
    const places = [{ path: 'a.conf', line: 3 }];
    proxy.verdict = { accepted: false, message: 'no', places };
    assert.deepEqual(await apply('2'), { type: 'refused', message: 'no', places });
    assert.deepEqual(await disk(), { current: 1, acknowledged: 1, generations: [1] });
    assert.deepEqual(proxy.reloads, [1]);
  });

  it('tells a checker that cannot run from a verdict', async () => {
    proxy.verdict = new Error('no such program');
    assert.deepEqual(await apply('1'), { type: 'failed', message: 'cannot check the configuration: no such program' });
    assert.deepEqual((await disk()).generations, []);
  });

  it('rolls back what the proxy does not take over, and tries it again under a new number', async () => {
    await apply('1');
    proxy.refuses.add(2);
    const result = await apply('2');
    assert.equal(result.type, 'rolled-back');
    assert.match(
      'message' in result ? result.message : '',
      /did not acknowledge generation 2 within 60 ms: it runs generation 1/,
    );
    assert.deepEqual(await disk(), { current: 1, acknowledged: 1, generations: [1, 2] });
    assert.deepEqual(proxy.reloads, [1, 2, 1]);
    assert.deepEqual(await apply('2'), applied(3, ['a.conf']));
  });

  it('does not pile up generations that failed', async () => {
    await apply('1');
    for (const generation of [2, 3, 4, 5]) proxy.refuses.add(generation);
    for (let attempt = 0; attempt < 4; attempt++) await apply('2');
    assert.deepEqual(await disk(), { current: 1, acknowledged: 1, generations: [1, 5] });
  });

  it('says so when the proxy does not go back either', async () => {
    await apply('1');
    proxy.running = 99;
    proxy.refuses.add(1).add(100);
    const result = await apply('2');
    assert.ok(result.type === 'rolled-back');
    assert.match(result.message, /did not acknowledge generation 100 .* and then: .* generation 1 /);
  });

  it('keeps the last generations', async () => {
    for (const text of ['1', '2', '3', '4', '5']) await apply(text);
    assert.deepEqual(await disk(), { current: 5, acknowledged: 5, generations: [3, 4, 5] });
  });

  it('installs for a proxy that is yet to start, and notes when it answers', async () => {
    proxy.up = false;
    const waiting: ApplyResult = { type: 'unacknowledged', generation: 1, message: 'fake is not running' };
    assert.deepEqual(await apply('1'), waiting);
    assert.deepEqual(await apply('1'), waiting);
    assert.deepEqual(await disk(), { current: 1, acknowledged: undefined, generations: [1] });
    await proxy.startUp();
    assert.deepEqual(await apply('1'), applied(1, ['a.conf', 'same.conf']));
    assert.deepEqual(await disk(), { current: 1, acknowledged: 1, generations: [1] });
  });

  it('leaves the newest for a proxy that was away all the time', async () => {
    await apply('1');
    proxy.up = false;
    assert.equal((await apply('2')).type, 'unacknowledged');
    await proxy.startUp();
    assert.deepEqual(await applier.verify(forever), applied(2, ['a.conf']));
    assert.deepEqual(await disk(), { current: 2, acknowledged: 2, generations: [1, 2] });
  });

  it('goes back when a proxy that was away comes with something else', async () => {
    await apply('1');
    proxy.up = false;
    await apply('2');
    proxy.up = true;
    proxy.refuses.add(2);
    assert.deepEqual(await applier.verify(forever), {
      type: 'rolled-back',
      generation: 1,
      message: 'the proxy runs generation 1',
    });
  });

  it('loads the installed generation again into a proxy that lost it', async () => {
    await apply('1');
    await apply('2');
    proxy.running = 1;
    assert.deepEqual(await applier.verify(forever), applied(2, []));
    assert.equal(proxy.running, 2);
    assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 2 });
  });

  it('does not take equal bytes on disk for a proof that they run', async () => {
    await apply('1');
    proxy.running = 7;
    proxy.refuses.add(1);
    assert.equal((await apply('1')).type, 'unacknowledged');
    proxy.refuses.clear();
    assert.deepEqual(await apply('1'), applied(1, []));
  });

  it('never gives a number that the proxy may answer for something else', async () => {
    proxy.running = 57;
    assert.equal((await apply('1')).type, 'applied');
    assert.equal((await disk()).current, 58);
  });

  it('has nothing to verify before the first', async () => {
    assert.equal(await applier.verify(forever), undefined);
  });

  it('does one thing at a time', async () => {
    const results = await Promise.all([apply('1'), apply('2'), applier.verify(forever), apply('2')]);
    assert.deepEqual(
      results.map((result) => result?.type),
      ['applied', 'applied', 'unchanged', 'unchanged'],
    );
  });

  it('rejects on abort, and the next start cleans up', async () => {
    await apply('1');
    const abort = new AbortController();
    const applied = applier.apply(bundleOf({ b: '' }), abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(applied, /enough/);
    assert.deepEqual(await newApplier().start(forever), { type: 'unchanged', generation: 1 });
  });

  const unwritable: readonly { name: string; harm: () => Promise<unknown>; message: RegExp }[] = [
    {
      name: 'the directory of generations is a file',
      harm: async () => {
        await rm(join(configDir, 'generations'), { recursive: true });
        await writeFile(join(configDir, 'generations'), '');
      },
      message: /cannot list the generations: ENOTDIR/,
    },
    {
      name: 'current is a directory',
      harm: () => mkdir(join(configDir, 'current')),
      message: /current is not a symbolic link/,
    },
    {
      name: 'the pointer cannot be replaced',
      harm: () => mkdir(join(configDir, '.current.new')),
      message: /cannot install generation 1: /,
    },
  ];
  for (const { name, harm, message } of unwritable) {
    it(`fails without a trace when ${name}`, async () => {
      await harm();
      const result = await apply('1');
      assert.ok(result.type === 'failed');
      assert.match(result.message, message);
      const left = await readdir(join(configDir, 'generations')).catch(() => []);
      assert.deepEqual(left, []);
    });
  }

  describe('on start', () => {
    it('throws when the directory cannot be used', async () => {
      await rm(join(configDir, 'generations'), { recursive: true });
      await writeFile(join(configDir, 'generations'), '');
      await assert.rejects(newApplier().start(forever), /EEXIST/);
    });

    it('removes what was being staged, and does not count it', async () => {
      await apply('1');
      await mkdir(join(configDir, 'generations', '.staging-00000002'));
      assert.deepEqual(await newApplier().start(forever), { type: 'unchanged', generation: 1 });
      assert.deepEqual((await disk()).generations, [1]);
    });

    it('keeps the generation that the proxy runs although its acknowledgement was lost', async () => {
      await apply('1');
      await apply('2');
      await movePointer(layoutOf(configDir), 'acknowledged', 1, undefined);
      assert.deepEqual(await newApplier().start(forever), applied(2, ['a.conf']));
      assert.equal((await disk()).acknowledged, 2);
    });

    for (const up of [true, false]) {
      it(`goes back to the proven one when the proxy ${up ? 'runs that' : 'says nothing'}`, async () => {
        await apply('1');
        await apply('2');
        await movePointer(layoutOf(configDir), 'acknowledged', 1, undefined);
        Object.assign(proxy, { up, running: 1 });
        const result = await newApplier().start(forever);
        assert.equal(result?.type, up ? 'unchanged' : 'unacknowledged');
        assert.deepEqual(await disk(), { current: 1, acknowledged: 1, generations: [1, 2] });
      });
    }

    it('goes back to the proven one when the installed one cannot be read', async () => {
      await apply('1');
      await apply('2');
      await movePointer(layoutOf(configDir), 'acknowledged', 1, undefined);
      await rm(join(configDir, 'generations', '00000002', 'manifest.json'));
      assert.equal((await newApplier().start(forever))?.type, 'unacknowledged');
      assert.deepEqual((await disk()).current, 1);
    });

    it('starts a proxy that it supervises on the installed generation, without a reload', async () => {
      await apply('1');
      proxy.up = false;
      proxy.reloads.length = 0;
      proxy.ensureStarted = () => proxy.startUp();
      assert.deepEqual(await newApplier().start(forever), { type: 'unchanged', generation: 1 });
      assert.deepEqual(proxy.reloads, []);
    });

    it('creates a run directory where workers of another user reach the names they know', async () => {
      assert.equal((await stat(join(configDir, 'run'))).mode & 0o777, 0o711);
    });
  });
});
