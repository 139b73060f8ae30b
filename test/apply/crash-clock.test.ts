import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applierFor, worldOf } from './support/crash-scenarios.ts';
import { assertComplete, quickDirectory, stateOf } from './support/disk-state.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { forever } from './support/wait.ts';

const JUMPS: readonly { readonly name: string; readonly seconds: number }[] = [
  { name: 'back to 1970', seconds: 1 },
  { name: 'a hundred years ahead', seconds: 4_900_000_000 },
];

describe('clocks that jump', () => {
  let configDir: string;
  let proxy: SurvivingProxy;
  const { Date: RealDate } = globalThis;

  beforeEach(async () => {
    configDir = await mkdtemp(join(quickDirectory(), 'sluice-clock-'));
    proxy = new SurvivingProxy(configDir);
  });
  afterEach(async () => {
    globalThis.Date = RealDate;
    await rm(configDir, { recursive: true });
  });

  function jump(seconds: number): void {
    globalThis.Date = class extends RealDate {
      static override now(): number {
        return seconds * 1_000;
      }
    } as DateConstructor;
  }

  /** As if everything had been written when another clock was in force. */
  async function redate(seconds: number): Promise<void> {
    const entries = await readdir(configDir, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isSymbolicLink()) await utimes(join(entry.parentPath, entry.name), seconds, seconds);
    }
  }

  for (const { name, seconds } of JUMPS) {
    it(`do not matter to the order of generations: ${name}`, async () => {
      const applier = applierFor({ configDir, owner: undefined }, proxy);
      await applier.start(forever);
      await applier.apply(worldOf('1'), forever);
      jump(seconds);
      const { result } = await applier.apply(worldOf('2'), forever);
      assert.deepEqual([result.type, stateOf(configDir)], ['applied', { current: 2, acknowledged: 2 }]);
      globalThis.Date = RealDate;
      await applier.apply(worldOf('3'), forever);
      assert.deepEqual(stateOf(configDir), { current: 3, acknowledged: 3 });
    });

    it(`do not make a start or an apply doubt what is on disk: ${name}`, async () => {
      const first = applierFor({ configDir, owner: undefined }, proxy);
      await first.start(forever);
      await first.apply(worldOf('1'), forever);
      await redate(seconds);
      const applier = applierFor({ configDir, owner: undefined }, proxy);
      assert.deepEqual(await applier.start(forever), { type: 'unchanged', generation: 1 });
      assert.equal((await applier.apply(worldOf('2'), forever)).result.type, 'applied');
      assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 2 });
      assertComplete(configDir, 2);
    });

    it(`do not hide that a file was edited: ${name}`, async () => {
      const applier = applierFor({ configDir, owner: undefined }, proxy);
      await applier.start(forever);
      await applier.apply(worldOf('1'), forever);
      const path = join(configDir, 'generations/00000001/certs/a.pem');
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.toUpperCase());
      await utimes(path, seconds, seconds);
      await applier.apply(worldOf('2'), forever);
      assertComplete(configDir, 2);
    });
  }

  it('leave a file that did not change its inode and its time, from one generation to the next', async () => {
    const applier = applierFor({ configDir, owner: undefined }, proxy);
    await applier.start(forever);
    await applier.apply(worldOf('1'), forever);
    jump(1);
    await applier.apply(worldOf('2'), forever);
    jump(4_900_000_000);
    await applier.apply(worldOf('3'), forever);
    const [one, three] = await Promise.all(
      ['00000002', '00000003'].map((name) => stat(join(configDir, 'generations', name, 'certs/a.pem'))),
    );
    assert.deepEqual([one?.ino, one?.mtimeMs], [three?.ino, three?.mtimeMs]);
  });
});
