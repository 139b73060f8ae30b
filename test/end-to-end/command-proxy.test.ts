import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { echoOf, send } from '../support/client.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const PACK = join(import.meta.dirname, '..', 'fixtures', 'packs', 'apache');
const HOST = 'a.example.com';
const CERTIFICATE = makeCertificate({ names: ['secure.example.com'] });

const INGRESS = ingress({
  name: 'paths',
  rules: [
    {
      host: HOST,
      paths: [
        { path: '/foo', service: 'alpha' },
        { path: '/foo/bar', service: 'beta' },
        { path: '/exact', pathType: 'Exact', service: 'beta' },
        { path: '/none', service: 'empty' },
        { path: '/missing', service: 'missing' },
        { path: '/a%20b', service: 'beta' },
        { path: '/a%22b.c', service: 'alpha' },
        { path: '/twin', pathType: 'Exact', service: 'beta' },
        { path: '/twin', service: 'alpha' },
      ],
    },
    { host: '*.wild.example.com', paths: [{ path: '/', service: 'beta' }] },
    { host: '*.deep.wild.example.com', paths: [{ path: '/', service: 'alpha' }] },
    { host: 'own.wild.example.com', paths: [{ path: '/only', service: 'alpha' }] },
    { paths: [{ path: '/any', service: 'alpha' }] },
  ],
});

const SECURE = ingress({
  name: 'secure',
  tls: [{ hosts: ['secure.example.com'], secretName: 'secure' }],
  rules: [{ host: 'secure.example.com', paths: [{ path: '/', service: 'alpha' }] }],
});

const ROWS: readonly { readonly host: string; readonly path: string; readonly want: string | number }[] = [
  { host: HOST, path: '/foo', want: 'alpha' },
  { host: HOST, path: '/foo/x?y=1', want: 'alpha' },
  { host: HOST, path: '/foobar', want: 404 },
  { host: HOST, path: '/foo/bar/x', want: 'beta' },
  { host: HOST, path: '/exact', want: 'beta' },
  { host: HOST, path: '/exact/', want: 404 },
  { host: HOST, path: '/', want: 404 },
  { host: HOST, path: '/none/x', want: 503 },
  { host: HOST, path: '/missing', want: 503 },
  { host: HOST, path: '/a%20b/c', want: 'beta' },
  { host: HOST, path: '/a%22b.c/d', want: 'alpha' },
  { host: HOST, path: '/a%22bxc/d', want: 404 },
  { host: HOST, path: '/twin', want: 'beta' },
  { host: HOST, path: '/twin/x', want: 'alpha' },
  { host: HOST, path: '/foo/a%2Fb//c?d=%20', want: 'alpha' },
  { host: `${HOST.toUpperCase()}:8080`, path: '/foo', want: 'alpha' },
  { host: HOST, path: '/any', want: 404 },
  { host: 'b.wild.example.com', path: '/x', want: 'beta' },
  { host: 'c.b.wild.example.com', path: '/x', want: 404 },
  { host: 'c.b.wild.example.com', path: '/any', want: 'alpha' },
  { host: 'x.deep.wild.example.com', path: '/x', want: 'alpha' },
  { host: 'y.x.deep.wild.example.com', path: '/x', want: 404 },
  { host: 'deep.wild.example.com', path: '/x', want: 'beta' },
  { host: 'wild.example.com', path: '/x', want: 404 },
  { host: 'own.wild.example.com', path: '/only', want: 'alpha' },
  { host: 'own.wild.example.com', path: '/x', want: 404 },
  { host: 'nobody.example.org', path: '/any', want: 'alpha' },
  { host: 'secure.example.com', path: '/x?y=1', want: 308 },
  { host: 'nobody.example.org', path: '/foo', want: 404 },
];

describe('a proxy that is known by its pack alone: Apache httpd', function () {
  this.timeout(120_000);
  let templates: string;
  let alpha: Backend;
  let beta: Backend;
  let sluice: RunningSluice;

  before(async () => {
    templates = join(await mkdtemp(join(tmpdir(), 'sluice-pack-')), 'apache');
    await cp(PACK, templates, { recursive: true });
    [alpha, beta] = [await startBackend('alpha'), await startBackend('beta')];
    const services = [service('alpha', [alpha.port]), service('beta', [beta.port]), service('empty', [])].flat();
    sluice = await RunningSluice.start({
      manifests: {
        'ingress.yaml': yaml(INGRESS, SECURE),
        'services.yaml': yaml(...services),
        'secrets.yaml': yaml(tlsSecret('secure', CERTIFICATE)),
      },
      proxy: 'apache2',
      binary: '/usr/sbin/apache2',
      flags: ['--templates', templates, '--acknowledge-port', String(await freePort()), '--acknowledge-timeout', '3s'],
    });
  });

  after(async () => {
    await sluice.stop();
    await Promise.all([alpha.close(), beta.close(), rm(join(templates, '..'), { recursive: true })]);
  });

  const pidFile = () => join(sluice.configDir, 'run', 'apache2.pid');
  const answerFrom = async (host: string) => echoOf(await send({ port: sluice.httpPort, host, path: '/foo' })).backend;

  for (const { host, path, want } of ROWS) {
    it(`answers ${host}${path} with ${want}`, async () => {
      const answer = await send({ port: sluice.httpPort, host, path });
      if (typeof want === 'number') assert.equal(answer.status, want, answer.body);
      else assert.deepEqual([echoOf(answer).backend, echoOf(answer).url], [want, path]);
    });
  }

  it('serves TLS with the certificate of the host', async () => {
    const host = 'secure.example.com';
    const answer = await send({ port: sluice.httpsPort, host, servername: host, path: '/x' });
    assert.equal(echoOf(answer).headers['x-forwarded-proto'], 'https');
    assert.equal(answer.fingerprint, new X509Certificate(CERTIFICATE.certificate).fingerprint256);
  });

  it('redirects to TLS, and keeps path and query', async () => {
    const { headers } = await send({ port: sluice.httpPort, host: 'secure.example.com', path: '/x?y=1' });
    assert.equal(headers.location, `https://secure.example.com:${sluice.httpsPort}/x?y=1`);
  });

  it('tells the backend who asked, and does not believe the client', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    const echo = echoOf(await send({ port: sluice.httpPort, host: HOST, path: '/foo', headers }));
    assert.equal(echo.headers.host, HOST);
    assert.equal(echo.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(echo.headers['x-forwarded-proto'], 'http');
  });

  it('takes over a change without a restart, and proves it', async () => {
    const running = await readFile(pidFile(), 'utf8');
    const more = ingress({
      name: 'more',
      rules: [{ host: 'more.example.com', paths: [{ path: '/', service: 'alpha' }] }],
    });
    await sluice.change(() => sluice.write('more.yaml', yaml(more)));
    assert.equal(echoOf(await send({ port: sluice.httpPort, host: 'more.example.com' })).backend, 'alpha');
    assert.equal(await readFile(pidFile(), 'utf8'), running);
  });

  it('keeps the old configuration when Apache refuses the new one', async () => {
    const [path, before] = [join(templates, 'httpd.conf.hbs'), sluice.lastGeneration];
    const good = await readFile(path, 'utf8');
    await writeFile(path, `${good}NoSuchDirective On\n`);
    const { reason } = await sluice.logged('a refusal', ({ code }) => code === 'InvalidPack');
    assert.match(String(reason), /the proxy refuses what they render: .*Invalid command 'NoSuchDirective'/s);
    assert.equal(sluice.lastGeneration, before);
    assert.equal(await answerFrom(HOST), 'alpha');
    await sluice.change(() => writeFile(path, `${good}# Good again.\n`));
    assert.equal(await answerFrom(HOST), 'alpha');
  });

  it('goes back to the old configuration when Apache cannot load what its check accepts', async () => {
    const path = join(templates, 'httpd.conf.hbs');
    const good = await readFile(path, 'utf8');
    await writeFile(path, `${good}Listen 127.0.0.1:${alpha.port}\n`);
    await sluice.logged('a rollback', ({ type }) => type === 'rolled-back');
    await waitFor('an answer', () => answerFrom(HOST).catch(() => undefined));
    await sluice.change(() => writeFile(path, `${good}# Better.\n`));
    assert.equal(await answerFrom(HOST), 'alpha');
  });

  it('refuses other commands while it runs', async () => {
    const path = join(templates, 'pack.json');
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.replace('SIGUSR1', 'SIGHUP'));
    await sluice.logged('a refusal', ({ reason }) => String(reason).startsWith('"commands" changed'));
    await writeFile(path, good);
    await sluice.logged('that it is good again', ({ msg }) => msg === 'no longer wrong');
  });

  it('serves again after kill -9 of Apache, although its children hold the ports', async () => {
    const killed = Number(await readFile(pidFile(), 'utf8'));
    process.kill(killed, 'SIGKILL');
    const isNew = async () => Number(await readFile(pidFile(), 'utf8')) !== killed;
    await waitFor('another Apache', isNew);
    await waitFor('an answer', () => answerFrom(HOST).catch(() => undefined));
    assert.equal(await answerFrom(HOST), 'alpha');
  });

  it('ends Apache when sluice is told to stop', async () => {
    const running = Number(await readFile(pidFile(), 'utf8'));
    assert.equal(await sluice.kill('SIGTERM'), 0);
    assert.throws(() => process.kill(running, 0));
  });
});
