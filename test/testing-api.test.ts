import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { check, matchSnapshot, render, SnapshotMismatch } from '../src/testing.ts';
import { filesOf, readPage } from './support/docs.ts';
import { ingress, service, yaml } from './support/manifests.ts';
import { installedNginx } from './support/proxies.ts';

const ROOT = join(import.meta.dirname, '..');
const BINARY = installedNginx()[0]?.binary ?? 'nginx';

function manifests(path: string): string {
  const rules = [{ host: 'shop.example.com', paths: [{ path, service: 'web' }] }];
  return yaml(ingress({ name: 'web', rules }), ...service('web', [9001]));
}

describe('sluice/testing', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-testing-'));
    file = join(folder, 'manifests', 'web.yaml');
    await mkdir(dirname(file));
    await writeFile(file, manifests('/shop'));
  });

  after(() => rm(folder, { recursive: true }));

  it('renders the same without asking a proxy', async () => {
    const { proxy, files, diagnostics } = await render({ manifests: [file], flags: { 'http-port': '8080' } });
    assert.equal(proxy, 'nginx');
    assert.deepEqual(diagnostics, []);
    assert.match(files.get('hosts.conf') ?? '', /listen 0\.0\.0\.0:8080/);
    assert.match(files.get('nginx.conf') ?? '', /^# Written by sluice for nginx 1\.30\.0\./);
  });

  it('tells of flags that do not exist, and of values that do not fit', async () => {
    await assert.rejects(render({ manifests: file, flags: { 'http-prot': '1' } }), /no flag --http-prot/);
    await assert.rejects(
      render({ manifests: file, flags: { 'redirect-code': '200' } }),
      /--redirect-code .*expected one of/,
    );
    await assert.rejects(render({ manifests: file, proxy: 'apache' }), /for apache, name some with --templates/);
  });

  it('throws a unified diff', async () => {
    const snapshots = join(folder, 'kept');
    await assert.rejects(matchSnapshot(await render({ manifests: file }), snapshots), SnapshotMismatch);
    await matchSnapshot(await render({ manifests: file }), snapshots, { update: true });
    await matchSnapshot(await render({ manifests: file }), snapshots);
    const other = await render({ manifests: file, flags: { 'max-body-size': '2m' } });
    await assert.rejects(
      matchSnapshot(other, snapshots),
      /nginx\.conf[^]*\n-.*client_max_body_size 1m;\n\+.*client_max_body_size 2m;/,
    );
  });

  it('has the installed proxy check it', async () => {
    const flags = { 'proxy-binary': BINARY };
    const { accepted, report } = await check({ manifests: file, flags });
    assert.ok(accepted, report);
    assert.match(report, /accepts the configuration/);
  });

  it('works as docs/snapshot-tests.md shows it, from the built package', async () => {
    const [[path, text] = ['', '']] = filesOf(await readPage('snapshot-tests.md'));
    const app = join(folder, 'app');
    const sluice = join(app, 'node_modules', 'sluice');
    await mkdir(join(app, dirname(path)), { recursive: true });
    await mkdir(join(app, 'my-templates', 'partials'), { recursive: true });
    await mkdir(sluice, { recursive: true });
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const built = spawnSync(process.execPath, [
      tsc,
      '-p',
      join(ROOT, 'tsconfig.build.json'),
      '--outDir',
      join(sluice, 'dist'),
    ]);
    assert.equal(built.status, 0, String(built.stdout));
    await cp(join(ROOT, 'package.json'), join(sluice, 'package.json'));
    await cp(join(ROOT, 'templates'), join(sluice, 'templates'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(sluice, 'node_modules'));
    await cp(dirname(file), join(app, 'manifests'), { recursive: true });
    await writeFile(join(app, 'my-templates', 'partials', 'server.hbs'), '    add_header X-Served-By sluice always;\n');
    await writeFile(join(app, path), text);
    await writeFile(join(app, 'package.json'), '{ "type": "module" }');
    const mocha = (environment: object) =>
      spawnSync(process.execPath, [join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js'), path], {
        cwd: app,
        encoding: 'utf8',
        env: { ...process.env, PATH: `${dirname(BINARY)}${delimiter}${process.env['PATH'] ?? ''}`, ...environment },
      });
    const first = mocha({});
    assert.match(first.stdout, /1 passing[^]*there is no snapshot in snapshots\/nginx; UPDATE_SNAPSHOTS=1 makes it/);
    assert.equal(mocha({ UPDATE_SNAPSHOTS: '1' }).status, 0);
    assert.match(await readFile(join(app, 'snapshots', 'nginx', 'hosts.conf'), 'utf8'), /X-Served-By/);
    const again = mocha({});
    assert.equal(again.status, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /2 passing/);
  });
});
