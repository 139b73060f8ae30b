import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { echoOf, send } from '../support/client.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedNginx, installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

/** How a checker is called, and what it says when it refuses. */
const REFUSAL = {
  nginx: [
    '-t',
    'nginx: [emerg] refused for the test in $PWD/hosts.conf:3',
    'nginx: configuration file nginx.conf test failed',
  ],
  haproxy: ['-c', '[ALERT]    (1) : config : parsing [haproxy.cfg:3] : refused for the test.'],
} as const;

const GOOD = ingress({ name: 'good', rules: [{ host: 'good.example.com', paths: [{ path: '/', service: 'alpha' }] }] });

for (const { name: proxy, binary, version } of installedProxies()) {
  describe(`changes while ${proxy} ${version} runs`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let beta: Backend;
    let sluice: RunningSluice;
    let folder: string;
    /** While this file exists, the checker refuses everything. */
    let refusal: string;

    before(async () => {
      [alpha, beta] = [await startBackend('alpha'), await startBackend('beta')];
      folder = await mkdtemp(join(tmpdir(), 'sluice-proxy-'));
      await chmod(folder, 0o755);
      refusal = join(folder, 'refuse');
      const wrapper = join(folder, proxy);
      const [flag, ...complaint] = REFUSAL[proxy];
      const script = [
        '#!/bin/sh',
        `if [ "$1" = ${flag} ] && [ -e ${refusal} ]; then`,
        ...complaint.map((line) => `  echo "${line}" >&2`),
        '  exit 1',
        'fi',
        `exec ${binary} "$@"`,
      ];
      await writeFile(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
      const manifests = { 'good.yaml': yaml(GOOD), 'services.yaml': services(alpha.port) };
      sluice = await RunningSluice.start({ manifests, proxy, binary: wrapper });
    });

    after(async () => {
      await sluice.stop();
      await Promise.all([alpha.close(), beta.close(), rm(folder, { recursive: true })]);
    });

    const ask = (host: string, path = '/') => send({ port: sluice.httpPort, host, path });

    it('serves a new Ingress, moves it, and forgets it', async () => {
      const at = (path: string) =>
        ingress({ name: 'new', rules: [{ host: 'new.example.com', paths: [{ path, service: 'alpha' }] }] });
      assert.equal((await ask('new.example.com', '/one')).status, 404);
      await sluice.change(() => sluice.write('new.yaml', yaml(at('/one'))));
      assert.equal(echoOf(await ask('new.example.com', '/one')).backend, 'alpha');
      await sluice.change(() => sluice.write('new.yaml', yaml(at('/two'))));
      assert.equal((await ask('new.example.com', '/one')).status, 404);
      assert.equal(echoOf(await ask('new.example.com', '/two')).backend, 'alpha');
      await sluice.change(() => sluice.remove('new.yaml'));
      assert.equal((await ask('new.example.com', '/two')).status, 404);
    });

    it('follows endpoints', async () => {
      await sluice.change(() => sluice.write('services.yaml', services(beta.port)));
      assert.equal(echoOf(await ask('good.example.com')).backend, 'beta');
      await sluice.change(() => sluice.write('services.yaml', services(alpha.port)));
      assert.equal(echoOf(await ask('good.example.com')).backend, 'alpha');
    });

    it('does nothing when a manifest changes that means the same', async () => {
      const before = sluice.lastGeneration;
      const lines = sluice.log.length;
      await sluice.write('good.yaml', `# a comment\n${yaml(GOOD)}`);
      await waitFor(
        'a pass without a change',
        () => sluice.log.slice(lines).some((line) => line['type'] === 'unchanged') || sluice.log.length === lines,
      );
      assert.equal(sluice.lastGeneration, before);
    });

    it('keeps the last good objects of a file that is broken, and says where', async () => {
      await sluice.write('good.yaml', 'kind: Ingress\n  spec: [broken\n');
      const line = await sluice.logged('InvalidManifest', (item) => item['code'] === 'InvalidManifest');
      assert.match(String(line['where']), /good\.yaml:\d+:\d+$/);
      assert.equal(echoOf(await ask('good.example.com')).backend, 'alpha');
      await sluice.write('good.yaml', yaml(GOOD));
      await sluice.logged(
        'the end of it',
        (item) => item.msg === 'no longer wrong' && item['code'] === 'InvalidManifest',
      );
    });

    it('keeps the last good configuration when the proxy refuses a new one, and tries again', async () => {
      await writeFile(refusal, '');
      const blocked = ingress({
        name: 'late',
        rules: [{ host: 'late.example.com', paths: [{ path: '/', service: 'alpha' }] }],
      });
      const before = await readlink(join(sluice.configDir, 'current'));
      await sluice.write('late.yaml', yaml(blocked));
      const line = await sluice.logged('a refusal', (item) => item['type'] === 'refused');
      assert.match(String(line['message']), /refused for the test/);
      assert.equal(await readlink(join(sluice.configDir, 'current')), before);
      assert.equal(echoOf(await ask('good.example.com')).backend, 'alpha');
      await sluice.change(() => rm(refusal));
      assert.equal(echoOf(await ask('late.example.com')).backend, 'alpha');
      await sluice.change(() => sluice.remove('late.yaml'));
    });

    it('has the proxy serving again after it was killed', async () => {
      const pidFile = join(sluice.configDir, 'run', `${proxy}.pid`);
      const killed = Number(await readFile(pidFile, 'utf8'));
      process.kill(killed, 'SIGKILL');
      await waitFor('another proxy', async () => Number(await readFile(pidFile, 'utf8')) !== killed);
      const answer = await waitFor('an answer', () => ask('good.example.com').catch(() => undefined));
      assert.equal(echoOf(answer).backend, 'alpha');
    });

    it('takes over the running proxy, without a reload, when sluice itself was killed', async () => {
      const generation = sluice.lastGeneration;
      const pidFile = join(sluice.configDir, 'run', `${proxy}.pid`);
      const running = await readFile(pidFile, 'utf8');
      await sluice.kill('SIGKILL');
      assert.equal(echoOf(await ask('good.example.com')).backend, 'alpha');
      const lines = sluice.log.length;
      sluice.launch();
      const settled = await waitFor('a pass', () => sluice.log.slice(lines).find((line) => line['type'] !== undefined));
      assert.deepEqual([settled['type'], settled['generation']], ['unchanged', generation]);
      assert.equal(await readFile(pidFile, 'utf8'), running);
    });
  });
}

function services(port: number): string {
  return yaml(...service('alpha', [port]));
}

const WRONG_PAIR = {
  certificate: makeCertificate({ names: ['a'] }).certificate,
  key: makeCertificate({ names: ['b'] }).key,
};

const HOSTILE: readonly {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly field: RegExp;
}[] = [
  { name: 'invalid YAML', text: 'a: [', code: 'InvalidManifest', field: /^$/ },
  {
    name: 'an unknown pathType',
    text: withPath({ path: '/', pathType: 'Regex' }),
    code: 'InvalidPathType',
    field: /paths\[0\]\.pathType$/,
  },
  {
    name: 'a host with a newline',
    text: withHost('a\nserver_name b'),
    code: 'InvalidHost',
    field: /rules\[0\]\.host$/,
  },
  { name: 'a path with ;', text: withPath({ path: '/a;b' }), code: 'InvalidPath', field: /paths\[0\]\.path$/ },
  {
    name: 'a path with {',
    text: withPath({ path: '/a{return 200;}' }),
    code: 'InvalidPath',
    field: /paths\[0\]\.path$/,
  },
  {
    name: 'a path with $',
    text: withPath({ path: '/$document_root' }),
    code: 'InvalidPath',
    field: /paths\[0\]\.path$/,
  },
  {
    name: 'a path with a quote',
    text: withPath({ path: '/a" {} #' }),
    code: 'InvalidPath',
    field: /paths\[0\]\.path$/,
  },
  {
    name: 'a port out of range',
    text: withPath({ path: '/', port: 70_000 }),
    code: 'InvalidField',
    field: /service\.port\.number$/,
  },
  {
    name: 'a Secret with the wrong key',
    text: yaml(
      tlsSecret('wrong', WRONG_PAIR),
      ingress({
        name: 'bad',
        tls: [{ hosts: ['bad.example.com'], secretName: 'wrong' }],
        rules: [{ host: 'bad.example.com', paths: [{ path: '/', service: 'alpha' }] }],
      }),
    ),
    code: 'InvalidCertificate',
    field: /tls\[0\]\.secretName$/,
  },
  {
    name: 'an endpoint with an invalid address',
    text: yaml(
      ...service('bad', [1]).map(
        (item) => JSON.parse(JSON.stringify(item).replace('"127.0.0.1"', '"10.0.0.1; }"')) as object,
      ),
      ingress({ name: 'bad', rules: [{ host: 'bad.example.com', paths: [{ path: '/', service: 'bad' }] }] }),
    ),
    code: 'InvalidEndpoint',
    field: /endpoints\[0\]\.addresses\[0\]$/,
  },
];

function withPath(path: { readonly path: string; readonly pathType?: string; readonly port?: number }): string {
  const rules = [{ host: 'bad.example.com', paths: [{ service: 'alpha', ...path }] }];
  return yaml(ingress({ name: 'bad', rules }));
}

function withHost(host: string): string {
  return yaml(ingress({ name: 'bad', rules: [{ host, paths: [{ path: '/', service: 'alpha' }] }] }));
}

describe('a bad manifest leaves all other routes served, and is named', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let sluice: RunningSluice;

  before(async () => {
    alpha = await startBackend('alpha');
    const manifests = { 'good.yaml': yaml(GOOD), 'services.yaml': services(alpha.port) };
    sluice = await RunningSluice.start({ manifests, binary: installedNginx()[0]?.binary ?? 'nginx' });
  });

  after(async () => {
    await sluice.stop();
    await alpha.close();
  });

  for (const { name, text, code, field } of HOSTILE) {
    it(name, async () => {
      const lines = sluice.log.length;
      await sluice.write('bad.yaml', text);
      const told = await waitFor(`${code} in the log`, () =>
        sluice.log.slice(lines).find((line) => line['code'] === code),
      );
      assert.match(String(told['field']), field);
      const path = `/still-there-${lines}`;
      const other = ingress({
        name: 'other',
        rules: [{ host: 'other.example.com', paths: [{ path, service: 'alpha' }] }],
      });
      await sluice.write('other.yaml', yaml(other));
      const ask = (host: string, at: string) => send({ port: sluice.httpPort, host, path: at });
      await waitFor('the new neighbour', async () => (await ask('other.example.com', path)).status === 200);
      assert.equal(echoOf(await ask('good.example.com', '/')).backend, 'alpha');
      await sluice.remove('bad.yaml');
      await waitFor('the end of it', () => sluice.log.slice(lines).find((line) => line.msg === 'no longer wrong'));
    });
  }
});
