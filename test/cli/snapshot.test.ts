import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { call } from './call.ts';

const BINARY = installedNginx()[0]?.binary ?? 'nginx';
const PAIR = makeCertificate({ names: ['a.example.com'] });

function manifests(path: string): string {
  const tls = [{ hosts: ['a.example.com'], secretName: 'a' }];
  const rules = [{ host: 'a.example.com', paths: [{ path, service: 'web' }] }];
  return yaml(ingress({ name: 'a', tls, rules }), ...service('web', [9001]), tlsSecret('a', PAIR));
}

describe('sluice snapshot', () => {
  let folder: string;
  let file: string;
  const kept = () => join(folder, 'snapshots', 'nginx');
  const snapshot = (...flags: readonly string[]) =>
    call('snapshot', '-f', file, '--dir', join(folder, 'snapshots'), '--proxy-binary', BINARY, ...flags);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-snapshot-'));
    file = join(folder, 'web.yaml');
    await writeFile(file, manifests('/one'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('fails without a snapshot, and says how to make one', async () => {
    const { code, stdout } = await snapshot();
    assert.equal(code, 1);
    assert.match(stdout, /there is no snapshot in .*nginx yet; sluice snapshot --update makes it/);
  });

  it('writes, and finds the same', async () => {
    assert.equal((await snapshot('--update')).code, 0);
    assert.deepEqual(await snapshot(), { code: 0, stdout: `${kept()}: 7 files, as rendered\n`, stderr: '' });
  });

  it('never writes keys, nor their hash', async () => {
    await snapshot('--update');
    const texts: string[] = [];
    for (const entry of await readdir(kept(), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
    }
    assert.ok(texts.includes('# key material is not kept in snapshots\n'));
    assert.ok(texts.every((text) => !text.includes('PRIVATE KEY') && !text.includes(PAIR.key.split('\n')[1] ?? 'x')));
  });

  it('shows what differs as a unified diff', async () => {
    await snapshot('--update');
    await writeFile(file, manifests('/two'));
    const { code, stdout } = await snapshot();
    assert.equal(code, 1);
    assert.match(stdout, /^--- .*snapshots\/nginx\/hosts\.conf.*\n\+\+\+ rendered\/hosts\.conf/m);
    assert.match(stdout, /^- {4}location "\/one\/" \{$/m);
    assert.match(stdout, /^\+ {4}location "\/two\/" \{$/m);
    assert.match(stdout, /1 files? differs?; --update accepts it\n$/);
    assert.equal((await snapshot('--update')).code, 0);
    assert.equal((await snapshot()).code, 0);
  });

  it('tells of stale files, and removes them when it writes', async () => {
    await snapshot('--update');
    await writeFile(join(kept(), 'old.conf'), 'stale\n');
    const { code, stdout } = await snapshot();
    assert.equal(code, 1);
    assert.match(stdout, /--- .*old\.conf.*\n\+\+\+ \/dev\/null.*\n@@ -1,1 \+0,0 @@\n-stale/);
    await snapshot('--update');
    assert.ok(!(await readdir(kept())).includes('old.conf'));
  });

  it('does not remove files of a directory that is no snapshot', async () => {
    await mkdir(kept(), { recursive: true });
    await writeFile(join(kept(), 'precious'), 'x');
    const { code, stderr } = await snapshot('--update');
    assert.equal(code, 1);
    assert.match(stderr, /holds files that are no snapshot/);
    assert.deepEqual(await readdir(kept()), ['precious']);
  });

  it('keeps diagnostics, and does not depend on the day', async () => {
    await writeFile(file, manifests('/bad;'));
    await snapshot('--update');
    assert.match(await readFile(join(kept(), 'diagnostics.txt'), 'utf8'), /^error InvalidPath Ingress shop\/a/);
  });

  it('has the proxy check the configuration when asked to', async () => {
    const good = await snapshot('--update', '--check');
    assert.match(good.stdout, /nginx [\d.]+ accepts the configuration\n$/);
    assert.equal(good.code, 0);
    const templates = join(folder, 'templates');
    await mkdir(join(templates, 'partials'), { recursive: true });
    await writeFile(join(templates, 'partials', 'server.hbs'), '    retrun 200;\n');
    const bad = await snapshot('--update', '--check', '--templates', templates);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /unknown directive "retrun"/);
  });
});
