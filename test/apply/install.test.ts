import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { movePointer, readPointer, superfluous } from '../../src/apply/install.ts';
import { layoutOf, listGenerations, prepareLayout, type Layout } from '../../src/apply/layout.ts';

describe('superfluous', () => {
  const cases: readonly {
    name: string;
    generations: readonly number[];
    keep: number;
    pointers: { current: number; acknowledged: number };
    want: readonly number[];
  }[] = [
    {
      name: 'keeps the last ones',
      generations: [1, 2, 3, 4, 5],
      keep: 2,
      pointers: { current: 5, acknowledged: 5 },
      want: [1, 2, 3],
    },
    {
      name: 'keeps the acknowledged one even when none are to be kept',
      generations: [1, 2],
      keep: 0,
      pointers: { current: 2, acknowledged: 2 },
      want: [1],
    },
    {
      name: 'lets failed ones not push out proven ones, and keeps the newest for its number',
      generations: [3, 4, 5, 6, 7],
      keep: 2,
      pointers: { current: 4, acknowledged: 4 },
      want: [5, 6],
    },
    {
      name: 'keeps what is installed before it is proven',
      generations: [3, 4, 5, 6],
      keep: 1,
      pointers: { current: 5, acknowledged: 4 },
      want: [3],
    },
  ];
  for (const { name, generations, keep, pointers, want } of cases) {
    it(name, () => assert.deepEqual(superfluous(generations, keep, pointers), want));
  }
});

describe('pointers', () => {
  let layout: Layout;

  beforeEach(async () => {
    layout = layoutOf(await mkdtemp(join(tmpdir(), 'sluice-')));
    await prepareLayout(layout, join(layout.configDir, 'run'), undefined);
  });
  afterEach(() => rm(layout.configDir, { recursive: true }));

  it('are relative links that move in one step', async () => {
    assert.equal(await readPointer(layout, 'current'), undefined);
    await symlink('/nowhere', join(layout.configDir, '.current.new'));
    await movePointer(layout, 'current', 41, undefined);
    await movePointer(layout, 'current', 42, undefined);
    assert.equal(await readlink(join(layout.configDir, 'current')), 'generations/00000042');
    assert.equal(await readPointer(layout, 'current'), 42);
    assert.deepEqual((await readdir(layout.configDir)).sort(), ['current', 'generations', 'run']);
  });

  it('that lead elsewhere are none', async () => {
    await symlink('../../etc', join(layout.configDir, 'current'));
    assert.equal(await readPointer(layout, 'current'), undefined);
  });

  it('whose name something else has are reported', async () => {
    await mkdir(join(layout.configDir, 'current'));
    await assert.rejects(readPointer(layout, 'current'), /current is not a symbolic link: move it away/);
  });

  it('count only complete generations, in order of their numbers', async () => {
    for (const name of ['00000009', '00000010', '100000000', '.staging-00000011', 'notes']) {
      await mkdir(join(layout.generations, name));
    }
    assert.deepEqual(await listGenerations(layout), [9, 10, 100_000_000]);
    await prepareLayout(layout, join(layout.configDir, 'run'), undefined);
    assert.deepEqual((await readdir(layout.generations)).includes('.staging-00000011'), false);
  });
});
