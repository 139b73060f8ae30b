import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCommand } from '../../src/cli/check.ts';
import { runProgram } from '../../src/cli/program.ts';
import { renderCommand } from '../../src/cli/render.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';

const BINARY = installedNginx()[0]?.binary ?? 'nginx';
const PAIR = makeCertificate({ names: ['a.example.com'] });
const GOOD = yaml(
  ingress({
    name: 'a',
    tls: [{ hosts: ['a.example.com'], secretName: 'a' }],
    rules: [{ host: 'a.example.com', paths: [{ path: '/', service: 'web' }] }],
  }),
  ...service('web', [9001]),
  tlsSecret('a', PAIR),
);
const BAD = yaml(ingress({ name: 'b', rules: [{ host: 'b.example.com', paths: [{ path: '/b;', service: 'web' }] }] }));

describe('commands that need no cluster', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'));
    await writeFile(join(folder, 'good.yaml'), GOOD);
    await writeFile(join(folder, 'bad.yaml'), BAD);
  });

  after(() => rm(folder, { recursive: true }));

  async function call(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    let [stdout, stderr] = ['', ''];
    const surroundings = {
      environment: {},
      stdout: (text: string) => (stdout += text),
      stderr: (text: string) => (stderr += text),
      signal: new AbortController().signal,
    };
    const unused = () => Promise.resolve(9);
    const commands = {
      render: renderCommand,
      check: checkCommand,
      run: unused,
      snapshot: unused,
      pack: unused,
      annotations: unused,
      audit: unused,
    };
    const code = await runProgram(argv, commands, surroundings, '0');
    return { code, stdout, stderr };
  }

  it('render prints every file, and no key', async () => {
    const { code, stdout } = await call('render', '-f', join(folder, 'good.yaml'), '--proxy-version', '1.22.1');
    assert.equal(code, 0);
    assert.match(stdout, /^# ===== certs\/[0-9a-f]{32}\.pem =====\n# secret: \d+ characters/);
    assert.match(stdout, /# ===== hosts\.conf =====\n[^]*server_name "a\.example\.com";/);
    const key = PAIR.key.split('\n')[1] ?? 'x';
    assert.ok(!stdout.includes(key));
  });

  it('render writes the files, keys for their owner only', async () => {
    const out = join(folder, 'out');
    const { code } = await call('render', '-f', join(folder, 'good.yaml'), '--out', out, '--proxy-version', '1.22.1');
    assert.equal(code, 0);
    assert.deepEqual((await readdir(out)).sort(), [
      'certs',
      'generation-http.conf',
      'generation.conf',
      'hosts.conf',
      'nginx.conf',
      'upstreams.conf',
    ]);
    const [name = ''] = await readdir(join(out, 'certs'));
    assert.equal((await stat(join(out, 'certs', name))).mode & 0o777, 0o600);
    assert.match(await readFile(join(out, 'generation.conf'), 'utf8'), /return 200 "0\\n"/);
  });

  it('check accepts what is right', async () => {
    const { code, stdout } = await call('check', '-f', join(folder, 'good.yaml'), '--proxy-binary', BINARY);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^1 host, 1 route, 1 upstream; 0 errors, 0 warnings; nginx [\d.]+ accepts the configuration\n$/,
    );
  });

  it('check exits with 1 for errors, and names them', async () => {
    const { code, stdout } = await call('check', '-f', folder, '--proxy-binary', BINARY);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /error InvalidPath Ingress shop\/b spec\.rules\[0\]\.http\.paths\[0\]\.path: "\/b;" holds ";"/,
    );
  });

  it('check --json prints one object', async () => {
    const { code, stdout } = await call('check', '-f', folder, '--json', '--proxy-binary', BINARY);
    assert.equal(code, 1);
    const report = JSON.parse(stdout) as { ok: boolean; accepted: boolean; diagnostics: { code: string }[] };
    assert.deepEqual([report.ok, report.accepted], [false, true]);
    assert.deepEqual(
      report.diagnostics.map((item) => item.code),
      ['InvalidPath'],
    );
  });

  it('check tells who wrote the line that the proxy refuses', async () => {
    const wrapper = join(folder, 'refusing');
    const lines = ['#!/bin/sh', `[ "$1" = -t ] || exec ${BINARY} "$@"`, 'shift 5', 'd=$(dirname "$1")'];
    lines.push('n=$(grep -n "location / {" "$d/hosts.conf" | tail -n 1 | cut -d: -f1)');
    lines.push(
      'echo "nginx: [emerg] no good in $d/hosts.conf:$n" >&2',
      'echo "nginx: configuration file $1 test failed" >&2',
      'exit 1',
    );
    await writeFile(wrapper, `${lines.join('\n')}\n`, { mode: 0o755 });
    const { code, stdout } = await call('check', '-f', join(folder, 'good.yaml'), '--proxy-binary', wrapper);
    assert.equal(code, 1);
    assert.match(stdout, /no good in hosts\.conf:\d+/);
    assert.match(stdout, /hosts\.conf:\d+ was written for Ingress shop\/a spec\.rules\[0\]\.http\.paths\[0\]/);
  });

  it('says what is missing when there is no proxy to check with', async () => {
    const { code, stderr } = await call('check', '-f', folder, '--proxy-binary', '/no/such/nginx');
    assert.equal(code, 1);
    assert.match(stderr, /\/no\/such\/nginx/);
  });

  it('says what to do for a proxy that it has no templates for', async () => {
    const { code, stderr } = await call('check', '-f', folder, '--proxy', 'caddy');
    assert.equal(code, 1);
    assert.match(stderr, /for caddy, name some with --templates/);
  });

  it('says which path cannot be read', async () => {
    const { code, stderr } = await call('render', '-f', '/no/such/dir', '--proxy-version', '1.22.1');
    assert.equal(code, 1);
    assert.match(stderr, /cannot read manifests from \/no\/such\/dir: no such file or directory/);
  });
});
