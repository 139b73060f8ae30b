import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { echoOf, send, type RequestOptions } from '../support/client.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { installedProxies, type InstalledProxy } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';

/*
 * Where proxies differ by themselves, and sluice makes them answer alike: paths that are written in another way, headers
 * that clients forge, what comes from a proxy in front, endpoints that fail.
 */

const HOST = 'shop.example.com';
const [SECURE, WILD] = [
  makeCertificate({ names: ['secure.example.com'] }),
  makeCertificate({ names: ['*.example.org'] }),
];

async function startWorld(
  { name: proxy, binary }: InstalledProxy,
  backends: ReadonlyMap<string, Backend>,
  flags: readonly string[],
): Promise<RunningSluice> {
  const paths = [
    { path: '/', service: 'root' },
    { path: '/foo', service: 'foo' },
    { path: '/foo/bar', service: 'bar' },
    { path: '/a%20b', service: 'foo' },
    { path: '/100%25', service: 'bar' },
    { path: '/caf%C3%A9', service: 'bar' },
    { path: '/a+b', service: 'foo' },
    { path: '/b%5B1%5D', service: 'bar' },
    { path: '/n%C2%A0b', service: 'bar' },
    { path: '/A', pathType: 'Exact', service: 'bar' },
    { path: '/refused', service: 'refused' },
    { path: '/two', service: 'two' },
  ];
  const host = (at: string, to: string) => ({ host: at, paths: [{ path: '/', service: to }] });
  const objects = [
    ingress({ name: 'shop', rules: [{ host: HOST, paths }] }),
    ingress({ name: 'else', defaultBackend: { service: 'else', port: 80 } }),
    ingress({
      name: 'tls',
      tls: [
        { hosts: ['secure.example.com'], secretName: 'secure' },
        { hosts: ['*.example.org'], secretName: 'wild' },
      ],
      rules: [host('secure.example.com', 'foo'), host('*.example.org', 'bar')],
    }),
    ingress({ name: 'plain', rules: [host('plain.example.net', 'root')] }),
    tlsSecret('secure', SECURE),
    tlsSecret('wild', WILD),
    ...[...backends].flatMap(([at, { port }]) => service(at, [port])),
    ...service('refused', [await freePort()]),
    ...service('two', [await freePort(), backends.get('foo')?.port ?? 0]),
  ];
  return RunningSluice.start({ manifests: { 'all.yaml': yaml(...objects) }, proxy, binary, flags });
}

/** The name of the backend that answers, or the status when none does. */
const PATHS: readonly (readonly [path: string, want: string | number])[] = [
  ['/foo', 'foo'],
  ['//foo', 'foo'],
  ['/foo//bar', 'bar'],
  ['/%66oo', 'foo'],
  ['/foo%2Fbar', 'bar'],
  ['/foo%2fbarx', 'foo'],
  ['/a%20b', 'foo'],
  ['/a%20b/c', 'foo'],
  ['/a%2520b', 'root'],
  ['/100%25', 'bar'],
  ['/100%2525', 'root'],
  ['/caf%C3%A9', 'bar'],
  ['/caf%c3%a9/x', 'bar'],
  ['/a+b', 'foo'],
  ['/b%5B1%5D', 'bar'],
  ['/n%C2%A0b/x', 'bar'],
  ['/a%2Bb', 'foo'],
  ['/a%20b?x=+', 'foo'],
  ['/%41', 'bar'],
  ['/%41/', 'root'],
  ['/foo?a=/../..', 'foo'],
  ['/foo%3Fbar', 'root'],
  ['/foo%23', 'root'],
  ['/./foo', 'foo'],
  ['/foo/.', 'foo'],
  ['/x/../foo', 'foo'],
  ['/foo/..', 'root'],
  ['/foo/../', 'root'],
  ['/x/y/../../foo/bar', 'bar'],
  ['/x/../y/../z/../foo', 'foo'],
  ['/a/b/c/d/e/f/g/../../../../../../../foo', 'foo'],
  ['/x//../foo', 'foo'],
  ['/%2e%2e/foo', 400],
  ['/x/%2E%2e/foo', 'foo'],
  ['/foo%2F..%2Fx', 'root'],
  ['/foo/.bar', 'foo'],
  ['/foo/..bar', 'foo'],
  ['/foo/...', 'foo'],
  ['/foo/..;/bar', 'foo'],
  ['/..', 400],
  ['/../foo', 400],
  ['/foo/../../foo', 400],
  ['/a/b/../../../../foo', 400],
  ['/100%', 400],
  ['/foo%zz', 400],
  ['/foo%4', 400],
  ['/foo%00', 400],
  ['/refused', 502],
  ['/two', 'foo'],
];

for (const proxy of installedProxies()) {
  describe(`the same answers from ${proxy.name} ${proxy.version}`, function () {
    this.timeout(120_000);
    const backends = new Map<string, Backend>();
    let sluice: RunningSluice;

    before(async () => {
      for (const name of ['root', 'foo', 'bar', 'else']) backends.set(name, await startBackend(name));
      sluice = await startWorld(proxy, backends, ['--max-body-size', '4k']);
    });
    after(async () => {
      await sluice.stop();
      for (const backend of backends.values()) await backend.close();
    });

    const ask = (request: Omit<RequestOptions, 'port'>) =>
      send({ ...request, port: request.servername === undefined ? sluice.httpPort : sluice.httpsPort });

    for (const [path, want] of PATHS) {
      it(`${path} is for ${want}`, async () => {
        const answer = await ask({ host: HOST, path });
        if (typeof want === 'number') assert.equal(answer.status, want, answer.body);
        else assert.deepEqual(echoOf(answer), { ...echoOf(answer), backend: want, url: path });
      });
    }

    it('takes no body that is too large', async () => {
      const post = (size: number) => ask({ host: HOST, path: '/foo', method: 'POST', body: 'x'.repeat(size) });
      assert.equal((await post(4096)).status, 200);
      assert.equal((await post(4097)).status, 413);
    });

    it('sends a POST once, but not to an endpoint that refuses it', async () => {
      for (let time = 0; time < 4; time += 1) {
        const answer = await ask({ host: HOST, path: '/two', method: 'POST', body: 'x' });
        assert.equal(echoOf(answer).backend, 'foo');
      }
    });

    it('serves only hosts with a certificate over TLS, whatever the Host header says', async () => {
      const over = async (host: string) => echoOf(await ask({ host, servername: 'secure.example.com' })).backend;
      assert.equal(await over('secure.example.com'), 'foo');
      assert.equal(await over('any.example.org'), 'bar');
      assert.equal(await over('plain.example.net'), 'else');
    });

    it('asks for a Host header', async () => {
      assert.match(await raw(sluice.httpPort, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /);
    });

    it('believes no address, scheme or host that a client tells, in any spelling', async () => {
      const forged = {
        'x-forwarded-for': ['203.0.113.9, 203.0.113.8', '203.0.113.7'],
        'x-original-forwarded-for': '203.0.113.6',
        'x-forwarded-scheme': 'https',
        'x-scheme': 'https',
        'x-forwarded-port': '1',
        x_forwarded_for: '203.0.113.5',
        x_real_ip: '203.0.113.5',
      };
      const { headers } = echoOf(await ask({ host: `${HOST}.`, path: '/h', headers: forged }));
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-original-forwarded-for'], '203.0.113.9, 203.0.113.8, 203.0.113.7');
      assert.equal(headers['x-forwarded-scheme'], 'http');
      assert.equal(headers['x-scheme'], 'http');
      assert.equal(headers['x-forwarded-port'], String(sluice.httpPort));
      assert.deepEqual(
        Object.keys(headers).filter((name) => name.includes('_')),
        [],
      );
    });

    it('makes an id for a request whose id is empty', async () => {
      const { headers } = echoOf(await ask({ host: HOST, headers: { 'x-request-id': '' } }));
      assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/);
    });
  });

  describe(`behind a trusted proxy, ${proxy.name} ${proxy.version}`, function () {
    this.timeout(120_000);
    const backends = new Map<string, Backend>();
    let sluice: RunningSluice;

    before(async () => {
      for (const name of ['root', 'foo', 'bar', 'else']) backends.set(name, await startBackend(name));
      sluice = await startWorld(proxy, backends, ['--trusted-proxies', '127.0.0.0/8,10.0.0.0/8,fd00::/8']);
    });
    after(async () => {
      await sluice.stop();
      for (const backend of backends.values()) await backend.close();
    });

    const clients = [
      { forwarded: '203.0.113.9', client: '203.0.113.9' },
      { forwarded: '198.51.100.1, 203.0.113.9', client: '203.0.113.9' },
      { forwarded: '203.0.113.9, 10.0.0.1', client: '203.0.113.9' },
      { forwarded: '198.51.100.1, 203.0.113.9, 10.0.0.1, 10.0.0.2', client: '203.0.113.9' },
      { forwarded: '2001:db8::1, fd00::1', client: '2001:db8::1' },
      { forwarded: '198.51.100.1, unknown, 10.0.0.1', client: '10.0.0.1' },
      { forwarded: '10.0.0.1', client: '10.0.0.1' },
    ];
    for (const { forwarded, client } of clients) {
      it(`takes ${client} for the client of "${forwarded}"`, async () => {
        const headers = { 'x-forwarded-for': forwarded };
        const echo = echoOf(await send({ port: sluice.httpPort, host: HOST, headers }));
        assert.equal(echo.headers['x-real-ip'], client);
        assert.equal(echo.headers['x-forwarded-for'], client);
        assert.equal(echo.headers['x-original-forwarded-for'], forwarded);
      });
    }

    it('believes its scheme and host, and redirects nothing that came by https', async () => {
      const told = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'front.example.com:8443' };
      const { headers } = echoOf(await send({ port: sluice.httpPort, host: 'secure.example.com', headers: told }));
      assert.equal(headers['x-forwarded-proto'], 'https');
      assert.equal(headers['x-forwarded-host'], 'front.example.com:8443');
      assert.equal(headers['x-forwarded-port'], String(sluice.httpsPort));
    });

    it('believes neither nonsense', async () => {
      const told = { 'x-forwarded-proto': 'gopher', 'x-forwarded-host': 'a b' };
      const { headers } = echoOf(await send({ port: sluice.httpPort, host: HOST, headers: told }));
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.equal(headers['x-forwarded-host'], HOST);
    });
  });

  for (const { trusted, client } of [
    { trusted: '127.0.0.0/8', client: '203.0.113.9' },
    { trusted: '192.0.2.0/24', client: '127.0.0.1' },
    { trusted: '', client: '127.0.0.1' },
  ]) {
    describe(`PROXY protocol, trusted "${trusted}", ${proxy.name} ${proxy.version}`, function () {
      this.timeout(120_000);
      let backend: Backend;
      let sluice: RunningSluice;

      before(async () => {
        backend = await startBackend('root');
        const flags = ['--proxy-protocol', '--trusted-proxies', trusted];
        sluice = await startWorld(proxy, new Map([['root', backend]]), flags);
      });
      after(async () => {
        await sluice.stop();
        await backend.close();
      });

      it(`takes ${client} for the client`, async () => {
        const head = 'PROXY TCP4 203.0.113.9 203.0.113.1 4000 80\r\n';
        const request = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Forwarded-For: 198.51.100.1\r\nConnection: close\r\n\r\n`;
        const answer = await raw(sluice.httpPort, head + request);
        assert.match(answer, new RegExp(`"x-real-ip":"${client}"`));
        assert.match(answer, new RegExp(`"x-forwarded-for":"${client}"`));
      });
    });
  }
}

/** Sends text as it is; all that comes back. */
async function raw(port: number, text: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8').write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
