import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectorySource, type DirectoryOptions } from '../../src/sources/manifests/directory.ts';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { eventually, ingressText, problemsOf, temporaryDirectory, type ManifestOptions } from './support.ts';

/** So long that no test passes only because the files are looked at without a change. */
const NEVER_MS = 3_600_000;

describe('DirectorySource', () => {
  const directory = temporaryDirectory();
  let controller = new AbortController();
  let sources: DirectorySource[] = [];
  /** Names of the Ingresses after every change of the store: nothing that was there for a moment is missed. */
  let seen: string[] = [];
  let store = new ObjectStore(() => undefined);

  beforeEach(() => {
    controller = new AbortController();
    sources = [];
    seen = [];
    store = new ObjectStore(() => seen.push(names().join(' ')));
  });
  afterEach(async () => {
    controller.abort();
    await Promise.all(sources.map((source) => source.stopped));
  });

  function start(options: Partial<DirectoryOptions> = {}, into = store): DirectorySource {
    const source = new DirectorySource(
      into,
      { path: directory(), rescanMs: NEVER_MS, quietMs: 100, ...options },
      controller.signal,
    );
    sources.push(source);
    return source;
  }

  function names(): string[] {
    return [...store.snapshot().objects.Ingress.keys()].sort();
  }

  function host(name = 'web'): string | undefined {
    return store.snapshot().objects.Ingress.get(`shop/${name}`)?.rules[0]?.host;
  }

  function problems(): string[] {
    return problemsOf(store.snapshot().diagnostics);
  }

  function write(file: string, ...objects: readonly ManifestOptions[]): void {
    writeText(file, objects.map((object) => ingressText(object)).join('---\n'));
  }

  function writeText(file: string, text: string): void {
    mkdirSync(join(directory(), file, '..'), { recursive: true });
    writeFileSync(join(directory(), file), text);
  }

  it('has reported everything that exists when it is synced', async () => {
    write('a.yaml', { name: 'a' }, { name: 'b' });
    write('deep/er/c.json', { name: 'c' });
    writeText('deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n');
    await start().synced;
    assert.deepEqual(names(), ['shop/a', 'shop/b', 'shop/c']);
    assert.deepEqual(problems(), []);
  });

  it('follows new, changed and deleted files, in new folders too', async () => {
    await start().synced;
    write('a.yaml', { host: 'one.example' });
    await eventually('the new file', () => host() === 'one.example');
    write('a.yaml', { host: 'two.example' });
    await eventually('the changed file', () => host() === 'two.example');
    write('x/y/z.yaml', { name: 'deep' });
    await eventually('the file in new folders', () => names().includes('shop/deep'));
    write('x/y/z.yaml', { name: 'deep', host: 'two.example' });
    await eventually('the changed file in new folders', () => host('deep') === 'two.example');
    rmSync(join(directory(), 'x'), { recursive: true });
    unlinkSync(join(directory(), 'a.yaml'));
    await eventually('the deletions', () => names().length === 0);
  });

  it('keeps the last good objects of a half-written file, says where it breaks, and takes the rest when it is there', async () => {
    write('a.yaml', { host: 'one.example' });
    await start().synced;
    const text = ingressText({ host: 'two.example' });
    writeText('a.yaml', text.slice(0, 60));
    await eventually('a diagnostic', () => problems().length > 0);
    const [diagnostic] = store.snapshot().diagnostics;
    assert.equal(diagnostic?.code, 'InvalidManifest');
    assert.deepEqual(diagnostic.location, { file: join(directory(), 'a.yaml'), line: 3, column: 19 });
    assert.equal(host(), 'one.example');
    writeText('a.yaml', text);
    await eventually('the whole file', () => host() === 'two.example');
    assert.deepEqual(problems(), []);
    assert.deepEqual(new Set(seen), new Set(['shop/web']));
  });

  it('serves the other files while one is broken from the start', async () => {
    write('a.yaml', { name: 'a' });
    writeText('b.yaml', '{ half');
    await start().synced;
    assert.deepEqual(names(), ['shop/a']);
    assert.deepEqual(problems(), ['InvalidManifest ']);
    unlinkSync(join(directory(), 'b.yaml'));
    await eventually('the diagnostic to go with the file', () => problems().length === 0);
  });

  it('clears the diagnostic of a field when the field is fixed', async () => {
    writeText('a.yaml', ingressText().replace('80', '80000'));
    await start().synced;
    assert.equal(store.snapshot().diagnostics[0]?.location?.line, 21);
    assert.deepEqual(names(), ['shop/web']);
    write('a.yaml', {});
    await eventually('the diagnostic to go', () => problems().length === 0);
  });

  const saves: readonly { name: string; begin: (path: string) => void; end: (path: string, text: string) => void }[] = [
    { name: 'unlinks and creates', begin: unlinkSync, end: writeFileSync },
    {
      name: 'moves the old file away and writes a new one',
      begin: (path) => renameSync(path, `${path}~`),
      end: writeFileSync,
    },
    { name: 'empties and writes', begin: (path) => writeFileSync(path, ''), end: writeFileSync },
  ];
  for (const { name, begin, end } of saves) {
    it(`sees no deletion when an editor ${name}`, async () => {
      write('a.yaml', { name: 'kept' }, { host: 'one.example' });
      await start({ quietMs: 4000 }).synced;
      // Deletes at once: tells when the file has been seen without its content.
      const witness = new ObjectStore(() => undefined);
      await start({ quietMs: 0 }, witness).synced;
      const kept = store.snapshot().objects.Ingress.get('shop/kept');
      seen = [];
      begin(join(directory(), 'a.yaml'));
      await eventually('the loss to be noticed', () => witness.snapshot().objects.Ingress.size === 0);
      end(join(directory(), 'a.yaml'), `${ingressText({ name: 'kept' })}---\n${ingressText({ host: 'two.example' })}`);
      await eventually('the new content', () => host() === 'two.example');
      assert.deepEqual(seen, ['shop/kept shop/web']);
      assert.equal(store.snapshot().objects.Ingress.get('shop/kept'), kept);
    });
  }

  it('takes a file that was renamed over the old one', async () => {
    write('a.yaml', { host: 'one.example' });
    await start().synced;
    seen = [];
    write('a.yaml.tmp', { host: 'two.example' });
    renameSync(join(directory(), 'a.yaml.tmp'), join(directory(), 'a.yaml'));
    await eventually('the new content', () => host() === 'two.example');
    assert.deepEqual(seen, ['shop/web']);
  });

  it('sees no change at all when a file is renamed', async () => {
    write('b.yaml', {});
    await start().synced;
    seen = [];
    renameSync(join(directory(), 'b.yaml'), join(directory(), 'a.yaml'));
    write('z.yaml', { name: 'z' });
    await eventually('the file that came after it', () => names().includes('shop/z'));
    unlinkSync(join(directory(), 'z.yaml'));
    await eventually('the quiet period to be over', () => !names().includes('shop/z'));
    assert.deepEqual(seen, ['shop/web shop/z', 'shop/web']);
  });

  it('follows the swap of a ConfigMap volume, again and again, without a deletion', async () => {
    const volume = (version: number): void => {
      write(`..2024_${version}/x.yaml`, { name: 'x', host: `v${version}.example` });
      write(`..2024_${version}/y.yaml`, { name: 'y' });
      symlinkSync(`..2024_${version}`, join(directory(), '..data_tmp'));
      renameSync(join(directory(), '..data_tmp'), join(directory(), '..data'));
      rmSync(join(directory(), `..2024_${version - 1}`), { recursive: true, force: true });
    };
    volume(1);
    for (const file of ['x.yaml', 'y.yaml']) symlinkSync(`..data/${file}`, join(directory(), file));
    await start().synced;
    assert.deepEqual(names(), ['shop/x', 'shop/y']);
    const y = store.snapshot().objects.Ingress.get('shop/y');
    seen = [];
    for (let version = 2; version <= 6; version += 1) {
      volume(version);
      await eventually(`version ${version}`, () => host('x') === `v${version}.example`);
    }
    assert.deepEqual(new Set(seen), new Set(['shop/x shop/y']));
    assert.equal(store.snapshot().objects.Ingress.get('shop/y'), y);
    assert.deepEqual(problems(), []);
  });

  it('follows the swap of a ConfigMap volume with folders, whose links are to folders', async () => {
    write('..2024_1/sub/x.yaml', { host: 'v1.example' });
    symlinkSync('..2024_1', join(directory(), '..data'));
    symlinkSync('..data/sub', join(directory(), 'sub'));
    await start().synced;
    assert.equal(host(), 'v1.example');
    write('..2024_2/sub/x.yaml', { host: 'v2.example' });
    symlinkSync('..2024_2', join(directory(), '..data_tmp'));
    renameSync(join(directory(), '..data_tmp'), join(directory(), '..data'));
    await eventually('the second version', () => host() === 'v2.example');
  });

  it('waits for a directory that does not exist, and says so', async () => {
    const path = join(directory(), 'not/yet');
    const source = start({ path });
    await eventually('a diagnostic', () => problems().length > 0);
    assert.match(store.snapshot().diagnostics[0]?.message ?? '', /not\/yet: does not exist; waiting for it$/);
    write('not/yet/a.yaml', {});
    await source.synced;
    assert.deepEqual(names(), ['shop/web']);
    assert.deepEqual(problems(), []);
  });

  it('keeps the last good objects when the directory goes away, until it is back', async () => {
    write('in/a.yaml', { host: 'one.example' });
    await start({ path: join(directory(), 'in'), quietMs: 0 }).synced;
    rmSync(join(directory(), 'in'), { recursive: true });
    await eventually('a diagnostic', () => problems().includes('UnreadablePath '));
    write('in/b.yaml', { host: 'two.example' });
    await eventually('the directory to be back', () => host() === 'two.example');
    await eventually('the diagnostic to go', () => problems().length === 0);
    assert.deepEqual(new Set(seen), new Set(['shop/web']));
  });

  it('keeps the last good objects of a file that becomes unreadable', async () => {
    write('a.yaml', {});
    write('sub/b.yaml', { name: 'b' });
    await start({ quietMs: 0 }).synced;
    for (const [path, target] of [
      ['a.yaml', 'a.yaml'],
      ['sub', 'sub'],
    ] as const) {
      rmSync(join(directory(), path), { recursive: true });
      symlinkSync(target, join(directory(), path));
    }
    await eventually('two diagnostics', () => problems().length === 2);
    assert.deepEqual(names(), ['shop/b', 'shop/web']);
    for (const path of ['a.yaml', 'sub']) unlinkSync(join(directory(), path));
    await eventually('the deletion', () => names().length === 0);
    assert.deepEqual(problems(), []);
  });

  it('reports an object that two files hold, for as long as they do', async () => {
    write('a.yaml', { host: 'a.example' });
    write('b.yaml', { host: 'b.example' });
    await start().synced;
    assert.equal(host(), 'a.example');
    assert.deepEqual(problems(), ['DuplicateObject ']);
    assert.equal(store.snapshot().diagnostics[0]?.location?.file, join(directory(), 'b.yaml'));
    unlinkSync(join(directory(), 'a.yaml'));
    await eventually('the other file to win', () => host() === 'b.example');
    assert.deepEqual(problems(), []);
  });

  it('watches a single file', async () => {
    write('one.conf', { host: 'one.example' });
    write('other.yaml', { name: 'other' });
    await start({ path: join(directory(), 'one.conf') }).synced;
    write('new.conf', { host: 'two.example' });
    renameSync(join(directory(), 'new.conf'), join(directory(), 'one.conf'));
    await eventually('the new content', () => host() === 'two.example');
    assert.deepEqual(names(), ['shop/web']);
  });

  it('looks at the files from time to time, for file systems that send no events', async () => {
    write('a.yaml', {});
    await start({ path: `${directory()}/.`, rescanMs: 20 }).synced;
    mkdirSync(join(directory(), 'b'));
    write('b/c.yaml', { name: 'c' });
    await eventually('the new file', () => names().includes('shop/c'));
  });

  it('writes nothing after it has stopped, and rejects synced when it never was', async () => {
    const source = start({ path: join(directory(), 'none') });
    controller.abort();
    await source.stopped;
    await assert.rejects(source.synced, /stopped before it had synced/);
    seen = [];
    write('none/a.yaml', {});
    const later = new ObjectStore(() => undefined);
    controller = new AbortController();
    await start({ path: join(directory(), 'none') }, later).synced;
    assert.equal(later.snapshot().objects.Ingress.size, 1);
    assert.deepEqual(seen, []);
  });

  it('stops at once when it is started with an aborted signal', async () => {
    controller.abort();
    await start().stopped;
  });
});
