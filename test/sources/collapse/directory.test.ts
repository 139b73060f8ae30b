import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectorySource } from '../../../src/sources/manifests/directory.ts';
import { eventually, ingressText, temporaryDirectory } from '../support.ts';
import { GuardScene, HOLD_MS } from './support.ts';

describe('a directory of manifests that is suddenly empty', () => {
  const directory = temporaryDirectory();
  let scene = new GuardScene();
  let source: DirectorySource | undefined;

  const names = (): string => [...scene.store.snapshot().objects.Ingress.keys()].sort().join(' ');
  const write = (file: string, name: string): void => {
    mkdirSync(join(directory(), 'manifests', file, '..'), { recursive: true });
    writeFileSync(join(directory(), 'manifests', file), ingressText({ name }));
  };
  const empty = (): void => {
    rmSync(join(directory(), 'manifests'), { recursive: true });
    mkdirSync(join(directory(), 'manifests'));
  };

  async function start(holdMs = HOLD_MS): Promise<void> {
    scene = new GuardScene(holdMs);
    write('a.yaml', 'a');
    write('deep/b.yaml', 'b');
    const { store, guard, controller } = scene;
    const options = { path: join(directory(), 'manifests'), quietMs: 20, rescanMs: 50, guard };
    source = new DirectorySource(store, options, controller.signal);
    await source.synced;
    assert.equal(names(), 'shop/a shop/b');
  }

  afterEach(async () => {
    scene.controller.abort();
    await source?.stopped;
  });

  it('keeps its objects for a bounded time, and says so', async () => {
    await start();
    empty();
    await eventually('the diagnostic', () => scene.told.length > 0);
    assert.match(scene.told.join(), /^CollapseHeld: manifest files in \S+: 2 of 2 are gone at once;/);
    assert.equal(names(), 'shop/a shop/b');
    await scene.clock.pass(HOLD_MS);
    await eventually('the objects to go', () => names() === '');
    assert.deepEqual(scene.told, []);
  });

  it('is read as it is when there are files again', async () => {
    await start();
    empty();
    await eventually('the diagnostic', () => scene.told.length > 0);
    write('deep/b.yaml', 'b');
    await eventually('what is there', () => names() === 'shop/b');
    assert.deepEqual(scene.told, []);
  });

  it('is not one from which a part is removed', async () => {
    await start();
    rmSync(join(directory(), 'manifests', 'a.yaml'));
    await eventually('the removal', () => names() === 'shop/b');
    assert.deepEqual(scene.told, []);
  });

  it('is believed at once when the guard is off', async () => {
    await start(0);
    empty();
    await eventually('the removal', () => names() === '');
    assert.deepEqual(scene.told, []);
  });

  it('is none when it is gone altogether: then nothing is known', async () => {
    await start();
    renameSync(join(directory(), 'manifests'), join(directory(), 'away'));
    await eventually('the diagnostic', () => scene.told.length > 0);
    assert.match(scene.told.join(), /^UnreadablePath: \S+: does not exist; the last good objects stay in force$/);
    await scene.clock.pass(HOLD_MS);
    assert.equal(names(), 'shop/a shop/b');
  });
});
