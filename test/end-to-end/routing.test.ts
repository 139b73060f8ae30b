import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { WebSocket } from 'ws';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { echoOf, send, type RequestOptions } from '../support/client.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';

const NAMES = ['alpha', 'beta', 'gamma', 'fallback'] as const;

const CERTIFICATES = {
  secure: makeCertificate({ names: ['secure.example.com'] }),
  wildcard: makeCertificate({ names: ['*.wild.example.com'] }),
  default: makeCertificate({ names: ['default.example.com'] }),
};

const INGRESSES = [
  ingress({
    name: 'paths',
    rules: [
      {
        host: 'paths.example.com',
        paths: [
          { path: '/foo', service: 'alpha' },
          { path: '/foo/bar', service: 'beta' },
          { path: '/foo/', pathType: 'Exact', service: 'gamma' },
          { path: '/exact', pathType: 'Exact', service: 'beta' },
          { path: '/slash/', pathType: 'Exact', service: 'beta' },
          { path: '/trailing/', service: 'beta' },
          { path: '/specific', pathType: 'ImplementationSpecific', service: 'gamma' },
          { path: '/a%20b', service: 'gamma' },
          { path: '/none', service: 'empty' },
          { path: '/missing', service: 'no-such-service' },
          { path: '/named', service: 'alpha', port: 'http' },
        ],
      },
    ],
  }),
  ingress({ name: 'root', rules: [{ host: 'root.example.com', paths: [{ path: '/', service: 'alpha' }] }] }),
  ingress({ name: 'wild', rules: [{ host: '*.wild.example.com', paths: [{ path: '/', service: 'beta' }] }] }),
  ingress({
    name: 'not-wild',
    rules: [{ host: 'own.wild.example.com', paths: [{ path: '/only', service: 'gamma' }] }],
  }),
  ingress({ name: 'any-host', rules: [{ paths: [{ path: '/any', service: 'gamma' }] }] }),
  ingress({ name: 'everything-else', defaultBackend: { service: 'fallback', port: 80 } }),
  ingress({
    name: 'own-default',
    defaultBackend: { service: 'beta', port: 80 },
    rules: [{ host: 'own-default.example.com', paths: [{ path: '/alpha', service: 'alpha' }] }],
  }),
  ingress({
    name: 'secure',
    tls: [{ hosts: ['secure.example.com'], secretName: 'secure' }],
    rules: [
      {
        host: 'secure.example.com',
        paths: [
          { path: '/', service: 'alpha' },
          { path: '/.well-known/acme-challenge/token', pathType: 'Exact', service: 'gamma' },
        ],
      },
    ],
  }),
  ingress({
    name: 'secure-wild',
    tls: [{ hosts: ['*.wild.example.com'], secretName: 'wildcard' }],
    rules: [{ host: 'tls.wild.example.com', paths: [{ path: '/', service: 'alpha' }] }],
  }),
  ingress({
    name: 'merged',
    namespace: 'other',
    rules: [
      {
        host: 'root.example.com',
        paths: [
          { path: '/other', service: 'delta' },
          { path: '/', service: 'delta' },
        ],
      },
    ],
    created: '2026-02-02T00:00:00Z',
  }),
];

interface Row {
  readonly name: string;
  readonly request: Omit<RequestOptions, 'port'>;
  /** Name of the backend that answers, or the status when none does. */
  readonly want: string | number;
}

const at = (host: string, path: string): Row['request'] => ({ host, path });
const P = 'paths.example.com';

const ROWS: readonly Row[] = [
  { name: 'a prefix matches itself', request: at(P, '/foo'), want: 'alpha' },
  { name: 'a prefix matches what is below it', request: at(P, '/foo/x'), want: 'alpha' },
  { name: 'a prefix matches whole elements only', request: at(P, '/foobar'), want: 'fallback' },
  { name: 'a query is no part of the path', request: at(P, '/foo?x=/bar'), want: 'alpha' },
  { name: 'the longest prefix wins', request: at(P, '/foo/bar/baz'), want: 'beta' },
  { name: 'the longer prefix, too, matches whole elements only', request: at(P, '/foo/barx'), want: 'alpha' },
  { name: 'exact goes before prefix', request: at(P, '/foo/'), want: 'gamma' },
  { name: 'paths are compared with case', request: at(P, '/FOO'), want: 'fallback' },
  { name: 'exact matches itself', request: at(P, '/exact'), want: 'beta' },
  { name: 'exact does not match a slash more', request: at(P, '/exact/'), want: 'fallback' },
  { name: 'exact does not match what is below it', request: at(P, '/exact/x'), want: 'fallback' },
  { name: 'an exact path with a slash matches itself', request: at(P, '/slash/'), want: 'beta' },
  { name: 'an exact path with a slash does not match without it', request: at(P, '/slash'), want: 'fallback' },
  { name: 'a prefix with a slash matches without it', request: at(P, '/trailing'), want: 'beta' },
  { name: 'a prefix with a slash matches what is below it', request: at(P, '/trailing/x'), want: 'beta' },
  { name: 'ImplementationSpecific is a prefix', request: at(P, '/specific/x'), want: 'gamma' },
  { name: 'a percent-encoded path matches', request: at(P, '/a%20b/c'), want: 'gamma' },
  { name: 'a Service without endpoints answers 503', request: at(P, '/none/x'), want: 503 },
  { name: 'a missing Service answers 503', request: at(P, '/missing'), want: 503 },
  { name: 'a port is found by its name', request: at(P, '/named'), want: 'alpha' },
  { name: 'hosts are compared without case', request: at('PATHS.Example.COM', '/foo'), want: 'alpha' },
  { name: 'the port of the Host header is ignored', request: at(`${P}:8080`, '/foo'), want: 'alpha' },
  { name: 'a dot at the end of the host is ignored', request: at(`${P}.`, '/foo'), want: 'alpha' },
  { name: 'the prefix / matches everything', request: at('root.example.com', '/x/y'), want: 'alpha' },
  { name: 'an Ingress of another namespace adds to a host', request: at('root.example.com', '/other'), want: 'delta' },
  { name: 'a wildcard matches one label', request: at('a.wild.example.com', '/'), want: 'beta' },
  { name: 'a wildcard does not match two labels', request: at('a.b.wild.example.com', '/'), want: 'fallback' },
  { name: 'a wildcard does not match no label', request: at('wild.example.com', '/'), want: 'fallback' },
  { name: 'an exact host goes before a wildcard', request: at('own.wild.example.com', '/only'), want: 'gamma' },
  { name: 'and does not fall back to it', request: at('own.wild.example.com', '/'), want: 'fallback' },
  {
    name: 'a rule without host serves hosts that no rule names',
    request: at('nobody.example.org', '/any'),
    want: 'gamma',
  },
  { name: 'but not hosts that a rule names', request: at(P, '/any'), want: 'fallback' },
  {
    name: 'an Ingress without rules serves what nothing matches',
    request: at('nobody.example.org', '/'),
    want: 'fallback',
  },
  {
    name: 'an Ingress has a default backend for its own hosts',
    request: at('own-default.example.com', '/'),
    want: 'beta',
  },
  { name: 'which leaves its paths alone', request: at('own-default.example.com', '/alpha'), want: 'alpha' },
  { name: 'a host with TLS redirects plain HTTP', request: at('secure.example.com', '/x?y=1'), want: 308 },
  {
    name: 'but not the HTTP-01 challenge',
    request: at('secure.example.com', '/.well-known/acme-challenge/token'),
    want: 'gamma',
  },
  {
    name: 'a host with TLS is served over TLS',
    request: { host: 'secure.example.com', servername: 'secure.example.com' },
    want: 'alpha',
  },
];

/** Where the same objects come from. */
const SOURCES = ['a directory', 'a cluster'] as const;
const WORLDS = installedProxies().flatMap((proxy) => SOURCES.map((source) => ({ ...proxy, source })));

for (const { name: proxy, binary, version, source } of WORLDS) {
  describe(`routing by ${proxy} ${version} from ${source}`, () => {
    const backends = new Map<string, Backend>();
    let sluice: RunningSluice;
    let cluster: RunningCluster | undefined;

    before(async function () {
      this.timeout(120_000);
      for (const name of [...NAMES, 'delta']) backends.set(name, await startBackend(name));
      const portOf = (name: string) => backends.get(name)?.port ?? 0;
      const services = [
        ...NAMES.flatMap((name) => service(name, [portOf(name)])),
        ...service('delta', [portOf('delta')], 'other'),
        ...service('empty', []),
      ];
      const secrets = [tlsSecret('secure', CERTIFICATES.secure), tlsSecret('wildcard', CERTIFICATES.wildcard)];
      if (source === 'a cluster') {
        cluster = await RunningCluster.start({ objects: [...INGRESSES, ...services, ...secrets], proxy, binary });
        sluice = cluster.sluice;
        return;
      }
      const manifests = {
        'ingresses.yaml': yaml(...INGRESSES),
        'services.yaml': yaml(...services),
        'secrets.yaml': yaml(...secrets),
      };
      sluice = await RunningSluice.start({ manifests, proxy, binary });
    });

    after(async () => {
      await (cluster ?? sluice).stop();
      for (const backend of backends.values()) await backend.close();
    });

    for (const { name, request, want } of ROWS) {
      it(name, async () => {
        const isTls = request.servername !== undefined;
        const answer = await send({ ...request, port: isTls ? sluice.httpsPort : sluice.httpPort });
        if (typeof want === 'number') assert.equal(answer.status, want, answer.body);
        else assert.equal(echoOf(answer).backend, want);
      });
    }

    it('redirects to the same host, path and query on the public TLS port', async () => {
      const answer = await send({ port: sluice.httpPort, host: 'secure.example.com', path: '/x?y=1' });
      assert.equal(answer.headers.location, `https://secure.example.com:${sluice.httpsPort}/x?y=1`);
    });

    const presented = [
      { servername: 'secure.example.com', pair: CERTIFICATES.secure },
      { servername: 'tls.wild.example.com', pair: CERTIFICATES.wildcard },
      { servername: 'any.wild.example.com', pair: undefined },
      { servername: 'root.example.com', pair: undefined },
      { servername: 'nobody.example.org', pair: undefined },
    ];
    for (const { servername, pair } of presented) {
      it(`${pair === undefined ? 'refuses the TLS handshake' : 'presents its certificate'} for ${servername}`, async () => {
        const sent = send({ port: sluice.httpsPort, host: servername, servername });
        if (pair === undefined) await assert.rejects(sent, /handshake|unrecognized name|alert/i);
        else assert.equal((await sent).fingerprint, new X509Certificate(pair.certificate).fingerprint256);
      });
    }

    it('speaks HTTP/2 where the client does', async () => {
      const session = connectHttp2(`https://127.0.0.1:${sluice.httpsPort}`, {
        servername: 'secure.example.com',
        rejectUnauthorized: false,
      });
      const stream = session.request({ ':path': '/h2', ':authority': 'secure.example.com' });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      assert.equal(session.alpnProtocol, 'h2');
      assert.match(Buffer.concat(chunks).toString(), /"backend":"alpha"/);
      session.close();
    });

    it('carries WebSockets', async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${sluice.httpPort}/chat`, { headers: { host: 'root.example.com' } });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const answered = new Promise<string>((resolve) =>
        socket.once('message', (data: Buffer) => resolve(data.toString())),
      );
      socket.send('hello');
      assert.equal(await answered, 'alpha: hello');
      socket.terminate();
    });

    it('tells the backend who asked, and does not believe the client', async () => {
      const forged = {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example.com',
        'x-real-ip': '203.0.113.9',
        proxy: 'http://evil.example.com',
      };
      const host = 'root.example.com';
      const { headers } = echoOf(await send({ port: sluice.httpPort, host, path: '/h', headers: forged }));
      assert.equal(headers.host, host);
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-real-ip'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.equal(headers['x-forwarded-host'], host);
      assert.equal(headers['x-forwarded-port'], String(sluice.httpPort));
      assert.equal(headers['x-original-forwarded-for'], '203.0.113.9');
      assert.equal(headers['proxy'], undefined);
      assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/);
    });

    it('hands on the request id of the client', async () => {
      const headers = { 'x-request-id': 'abc-123' };
      const answer = await send({ port: sluice.httpPort, host: 'root.example.com', headers });
      assert.equal(echoOf(answer).headers['x-request-id'], 'abc-123');
    });

    it('sends the path to the backend as the client wrote it', async () => {
      const answer = await send({ port: sluice.httpPort, host: 'root.example.com', path: '/a%2Fb//c?d=%20' });
      assert.equal(echoOf(answer).url, '/a%2Fb//c?d=%20');
    });

    it('ends without an error when told to stop', async () => {
      assert.equal(await sluice.kill('SIGTERM'), 0);
    });
  });
}
