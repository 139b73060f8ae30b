import assert from 'node:assert/strict';
import { chmod, mkdtemp, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import { publish } from '../../src/apply/install.ts';
import { layoutOf, prepareLayout, type Layout } from '../../src/apply/layout.ts';
import { readGeneration, type Generation } from '../../src/apply/manifest.ts';
import { StageError } from '../../src/apply/stage-error.ts';
import { stage, type StageRequest } from '../../src/apply/stage.ts';
import { isSafePath } from '../../src/apply/staged-files.ts';
import { bundleOf, sha256 } from './support/bundles.ts';
import { forever } from './support/wait.ts';

describe('isSafePath', () => {
  const cases: readonly { path: string; safe: boolean }[] = [
    { path: 'nginx.conf', safe: true },
    { path: 'certs/a.pem', safe: true },
    { path: 'hosts/_wildcard.example.com.conf', safe: true },
    { path: '..data', safe: true },
    { path: '/etc/passwd', safe: false },
    { path: '../x', safe: false },
    { path: 'a/../../x', safe: false },
    { path: './x', safe: false },
    { path: 'a//b', safe: false },
    { path: 'a/', safe: false },
    { path: '', safe: false },
    { path: 'a\0b', safe: false },
    { path: 'a\nb', safe: false },
  ];
  for (const { path, safe } of cases) {
    it(`${safe ? 'takes' : 'refuses'} ${JSON.stringify(path)}`, () => assert.equal(isSafePath(path), safe));
  }
});

describe('stage', () => {
  let layout: Layout;

  beforeEach(async () => {
    layout = layoutOf(await mkdtemp(join(tmpdir(), 'sluice-')));
    await prepareLayout(layout, join(layout.configDir, 'run'), undefined);
  });
  afterEach(() => rm(layout.configDir, { recursive: true }));

  function request(bundle: ConfigBundle, generation: number, base?: Generation): StageRequest {
    return { layout, bundle, generation, base, owner: undefined };
  }

  /** The directory of a generation that can be installed. */
  async function sealed(of: StageRequest): Promise<string> {
    const staged = await stage(of, forever);
    await staged.seal(forever);
    return staged.directory;
  }

  async function publishedBase(bundle: ConfigBundle): Promise<Generation> {
    await publish(layout, await sealed(request(bundle, 1)), 1);
    const base = await readGeneration(layout, 1);
    assert.ok(base);
    return base;
  }

  async function modifiedOf(directory: string, paths: readonly string[]): Promise<Record<string, number>> {
    const entries = paths.map(async (path) => [path, (await stat(join(directory, path))).mtimeMs] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async function mode(path: string): Promise<string> {
    return ((await stat(path)).mode & 0o777).toString(8);
  }

  it('writes files, modes and the manifest, whatever the umask', async () => {
    const umask = process.umask(0o077);
    const bundle = bundleOf({ 'nginx.conf': 'n', 'certs/a.pem': 'secret', 'deep/er/x': '' });
    const directory = await sealed(request(bundle, 42));
    process.umask(umask);
    assert.match(directory, /generations\/\.staging-00000042$/);
    assert.equal(await readFile(join(directory, 'certs/a.pem'), 'utf8'), 'secret');
    assert.match(await readFile(join(directory, 'generation.conf'), 'utf8'), /return 200 "42\\n"/);
    assert.deepEqual(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')), {
      format: 1,
      generation: 42,
      digest: bundle.digest,
      files: { 'nginx.conf': sha256('n'), 'certs/a.pem': sha256('secret'), 'deep/er/x': sha256('') },
      stamped: { 'generation.conf': sha256(await readFile(join(directory, 'generation.conf'), 'utf8')) },
      modified: await modifiedOf(directory, ['nginx.conf', 'certs/a.pem', 'deep/er/x', 'generation.conf']),
    });
    const modes = { '.': '755', 'nginx.conf': '644', certs: '700', 'certs/a.pem': '600', 'deep/er': '755' };
    for (const [path, want] of Object.entries(modes)) assert.equal(await mode(join(directory, path)), want, path);
  });

  it('gives everything to the owner', async function () {
    if (process.getuid?.() !== 0) return;
    const owner = { uid: 65_534, gid: 65_533 };
    const directory = await sealed({ ...request(bundleOf({ 'certs/a.pem': 's' }), 1), owner });
    for (const path of ['.', 'certs', 'certs/a.pem', 'generation.conf', 'manifest.json']) {
      const { uid, gid } = await stat(join(directory, path));
      assert.deepEqual({ uid, gid }, owner, path);
    }
  });

  it('lets the group of the workers read what is for them, and nothing else', async function () {
    if (process.getuid?.() !== 0) return;
    const bundle = bundleOf({ 'certs/a.pem': 's', 'users/a': 'u' });
    const closed = { 'certs/a.pem': '600', certs: '700' };
    const directory = await sealed({ ...request(bundle, 1), workers: 65_533 });
    for (const [path, want] of Object.entries({ ...closed, users: '750', 'users/a': '640' })) {
      const { gid } = await stat(join(directory, path));
      assert.equal(await mode(join(directory, path)), want, path);
      assert.equal(gid === 65_533, path.startsWith('users'), path);
    }
    const without = await sealed(request(bundle, 2));
    for (const [path, want] of Object.entries({ ...closed, users: '700', 'users/a': '600' })) {
      assert.equal(await mode(join(without, path)), want, path);
    }
  });

  it('writes what is for workers anew when their group is known at last', async () => {
    if (process.getuid?.() !== 0) return;
    const bundle = bundleOf({ 'users/a': 'u' });
    const base = await publishedBase(bundle);
    const directory = await sealed({ ...request(bundle, 2, base), workers: 65_533 });
    assert.equal(await mode(join(directory, 'users/a')), '640');
    assert.equal(await mode(join(base.directory, 'users/a')), '600');
  });

  it('links what did not change, so that inode and time stay', async () => {
    const base = await publishedBase(bundleOf({ 'certs/a.pem': 'a', 'certs/b.pem': 'b' }));
    const next = bundleOf({ 'certs/a.pem': 'a', 'certs/b.pem': 'new' });
    const directory = await sealed(request(next, 2, base));
    const [before, after] = await Promise.all([base.directory, directory].map((at) => stat(join(at, 'certs/a.pem'))));
    assert.deepEqual([after?.ino, after?.mtimeMs], [before?.ino, before?.mtimeMs]);
    assert.equal(await readFile(join(base.directory, 'certs/b.pem'), 'utf8'), 'b');
    assert.equal(await readFile(join(directory, 'certs/b.pem'), 'utf8'), 'new');
  });

  it('links files without secrets only when they are many, so that damage does not reach all generations', async () => {
    for (const [count, links] of [
      [50, 1],
      [150, 2],
    ] as const) {
      const files = Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 'x']));
      const base = await publishedBase(bundleOf(files));
      const directory = await sealed(request(bundleOf({ ...files, 'certs/a.pem': 'a' }), 2, base));
      assert.equal((await stat(join(directory, 'f1'))).nlink, links, `${count} files`);
      await rm(base.directory, { recursive: true });
    }
  });

  /** Seconds; when it is asked, because the tests before this one may take longer than a minute. */
  const later = () => Date.now() / 1_000 + 60;
  const touched: readonly { name: string; touch: (path: string) => Promise<unknown> }[] = [
    { name: 'was edited', touch: (path) => writeFile(path, 'X').then(() => utimes(path, later(), later())) },
    { name: 'has another length', touch: (path) => writeFile(path, 'longer') },
    { name: 'has another mode', touch: (path) => chmod(path, 0o644) },
    { name: 'is gone', touch: (path) => rm(path) },
    { name: 'became a link', touch: (path) => rm(path).then(() => symlink('/etc/hostname', path)) },
  ];
  for (const { name, touch } of touched) {
    it(`writes a file anew when the one before ${name}`, async () => {
      const bundle = bundleOf({ 'certs/a.pem': 'a' });
      const base = await publishedBase(bundle);
      await touch(join(base.directory, 'certs/a.pem'));
      const path = join(await sealed(request(bundle, 2, base)), 'certs/a.pem');
      assert.equal(await readFile(path, 'utf8'), 'a');
      assert.equal(await mode(path), '600');
      assert.equal((await stat(path)).nlink, 1);
    });
  }

  const bad: readonly { name: string; files: Readonly<Record<string, string>>; problem: RegExp }[] = [
    { name: 'a path that leads out', files: { '../x': '' }, problem: /"\.\.\/x" is not a path inside/ },
    {
      name: 'a file in the place of a directory',
      files: { a: '', 'a/b': '' },
      problem: /cannot write generation 3: EEXIST/,
    },
    { name: 'the name of the manifest', files: { 'manifest.json': '' }, problem: /manifest\.json is there twice/ },
    {
      name: 'the name of a stamped file',
      files: { 'generation.conf': '' },
      problem: /generation\.conf is there twice/,
    },
    { name: 'a name that is too long', files: { ['n'.repeat(300)]: '' }, problem: /ENAMETOOLONG/ },
  ];
  for (const { name, files, problem } of bad) {
    it(`refuses ${name} and leaves nothing`, async () => {
      const staged = stage(request(bundleOf({ 'certs/a.pem': 's', ...files }), 3), forever);
      await assert.rejects(staged, (error) => error instanceof StageError && problem.test(error.message));
      assert.deepEqual(await readdir(layout.generations), []);
    });
  }

  it('says why it cannot write', async () => {
    await rm(layout.generations, { recursive: true });
    await writeFile(layout.generations, '');
    await assert.rejects(stage(request(bundleOf({ a: '' }), 1), forever), /cannot write generation 1: ENOTDIR/);
  });

  it('leaves nothing when it is aborted', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, 'x']));
    const abort = new AbortController();
    const staged = stage(request(bundleOf(files), 1), abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(staged, /enough/);
    assert.deepEqual(await readdir(layout.generations), []);
  });

  it('replaces what a sluice that was killed had staged under the same number', async () => {
    await mkdir(join(layout.generations, '.staging-00000001'));
    await writeFile(join(layout.generations, '.staging-00000001', 'old'), '');
    const directory = await sealed(request(bundleOf({ a: '' }), 1));
    assert.deepEqual((await readdir(directory)).sort(), ['a', 'generation.conf', 'manifest.json']);
  });
});
