import assert from 'node:assert/strict';
import { makeCertificate, type CertificatePair } from '../support/certificates.ts';
import { startFastCgi } from '../support/fastcgi.ts';
import { service } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { BACKEND_DETAILS } from './backend-details.ts';
import { AUTHORITY, callGrpc, CLIENT, withGrpc, withHttps, type Seen } from './backend-servers.ts';
import type { BehaviourCase, BehaviourTable, Reach } from './case.ts';

/** Of endpoints that are there while a case runs; one port for each kind. */
const [HTTPS, GRPC, FASTCGI] = [await freePort(), await freePort(), await freePort()];

const PATHS = {
  https: [{ path: '/', service: 'speaks-https' }],
  grpc: [{ path: '/', service: 'speaks-grpc' }],
  fastcgi: [{ path: '/', service: 'speaks-fastcgi' }],
} as const;

/** Cases share a namespace: the first one brings the Services. */
function services(): readonly object[] {
  return [
    ...service('speaks-https', [HTTPS]),
    ...service('speaks-grpc', [GRPC]),
    ...service('speaks-fastcgi', [FASTCGI]),
  ];
}

function secret(name: string, parts: { readonly own?: CertificatePair; readonly authority?: CertificatePair }): object {
  const { own, authority } = parts;
  const texts = {
    ...(own === undefined ? {} : { 'tls.crt': own.certificate, 'tls.key': own.key }),
    ...(authority === undefined ? {} : { 'ca.crt': authority.certificate }),
  };
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, btoa(text)]));
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace: 'shop' }, data };
}

async function seen(reach: Reach, tls = false): Promise<Seen> {
  const answer = await reach.send({ path: '/', tls });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Seen;
}

/** A route to the server that speaks TLS. */
function overTls(item: Omit<BehaviourCase, 'paths'>): BehaviourCase {
  return { ...item, paths: PATHS.https, annotations: { 'backend-protocol': 'HTTPS', ...item.annotations } };
}

const STRANGERS = makeCertificate({ names: [], commonName: 'strangers', authority: true });

const TLS_CASES: readonly BehaviourCase[] = [
  overTls({
    name: 'backend-protocol: HTTPS speaks TLS, to any certificate',
    keys: ['backend-protocol'],
    objects: services,
    annotations: { 'backend-protocol': 'https' },
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        const { headers, subject } = await seen(reach);
        assert.equal(headers.host, reach.host);
        assert.equal(subject, undefined);
      }),
  }),
  overTls({
    name: 'proxy-ssl-secret shows a certificate to endpoints',
    keys: ['proxy-ssl-secret'],
    annotations: { 'proxy-ssl-secret': 'shop/own' },
    objects: () => [secret('own', { own: CLIENT, authority: AUTHORITY })],
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await seen(reach)).subject, 'proxy');
      }),
  }),
  overTls({
    name: 'proxy-ssl-verify takes the certificate of an endpoint by its authority and name',
    keys: ['proxy-ssl-verify', 'proxy-ssl-name'],
    annotations: { 'proxy-ssl-secret': 'shop/right', 'proxy-ssl-verify': 'on', 'proxy-ssl-name': 'web.example.com' },
    objects: () => [secret('right', { authority: AUTHORITY })],
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await seen(reach)).subject, undefined);
      }),
  }),
  overTls({
    name: 'proxy-ssl-verify refuses another name',
    keys: ['proxy-ssl-verify', 'proxy-ssl-name'],
    annotations: { 'proxy-ssl-secret': 'shop/name', 'proxy-ssl-verify': 'on', 'proxy-ssl-name': 'other.example.com' },
    objects: () => [secret('name', { authority: AUTHORITY })],
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await reach.send({})).status, 502);
      }),
  }),
  overTls({
    name: 'proxy-ssl-verify refuses another authority',
    keys: ['proxy-ssl-verify'],
    annotations: { 'proxy-ssl-secret': 'shop/wrong', 'proxy-ssl-verify': 'on', 'proxy-ssl-name': 'web.example.com' },
    objects: () => [secret('wrong', { authority: STRANGERS })],
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await reach.send({})).status, 502);
      }),
  }),
  overTls({
    name: 'proxy-ssl-verify without authorities closes the route',
    keys: ['proxy-ssl-verify'],
    annotations: { 'proxy-ssl-verify': 'on' },
    requests: [{ want: { status: 503 } }],
  }),
  overTls({
    name: 'proxy-ssl-secret that is not there closes the route',
    keys: ['proxy-ssl-secret'],
    annotations: { 'proxy-ssl-secret': 'shop/nowhere' },
    requests: [{ want: { status: 503 } }],
  }),
  overTls({
    name: 'proxy-ssl-server-name sends the name',
    keys: ['proxy-ssl-server-name', 'proxy-ssl-name'],
    annotations: { 'proxy-ssl-server-name': 'on', 'proxy-ssl-name': 'web.example.com' },
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await seen(reach)).servername, 'web.example.com');
      }),
  }),
  overTls({
    name: 'no name is sent otherwise',
    keys: ['proxy-ssl-server-name'],
    annotations: { 'proxy-ssl-name': 'web.example.com' },
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.ok(!(await seen(reach)).servername);
      }),
  }),
  overTls({
    name: 'proxy-ssl-protocols and proxy-ssl-ciphers choose version and cipher',
    keys: ['proxy-ssl-protocols', 'proxy-ssl-ciphers'],
    annotations: { 'proxy-ssl-protocols': 'TLSv1.2', 'proxy-ssl-ciphers': 'ECDHE-ECDSA-AES256-GCM-SHA384:!aNULL' },
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        const { protocol, cipher } = await seen(reach);
        assert.equal(protocol, 'TLSv1.2');
        assert.equal(cipher, 'ECDHE-ECDSA-AES256-GCM-SHA384');
      }),
  }),
  overTls({
    name: 'proxy-ssl-protocols may be the newest only',
    keys: ['proxy-ssl-protocols'],
    annotations: { 'proxy-ssl-protocols': 'TLSv1.3' },
    run: async (reach) =>
      withHttps(HTTPS, async () => {
        assert.equal((await seen(reach)).protocol, 'TLSv1.3');
      }),
  }),
];

const MIDDLE = makeCertificate({ names: [], commonName: 'middle', authority: true, issuer: AUTHORITY });
const DEEPER = makeCertificate({ names: [], commonName: 'deeper', authority: true, issuer: MIDDLE });
const LEAF = makeCertificate({ names: ['web.example.com'], issuer: DEEPER, days: 29 });
const DEEP = { key: LEAF.key, certificate: LEAF.certificate + DEEPER.certificate + MIDDLE.certificate };

function atDepth(depth: string, status: number): BehaviourCase {
  return overTls({
    name: `proxy-ssl-verify-depth ${depth} answers ${status} where two authorities are between`,
    keys: ['proxy-ssl-verify-depth'],
    only: 'nginx',
    annotations: {
      'proxy-ssl-secret': `shop/depth-${depth}`,
      'proxy-ssl-verify': 'on',
      'proxy-ssl-name': 'web.example.com',
      'proxy-ssl-verify-depth': depth,
    },
    objects: () => [secret(`depth-${depth}`, { authority: AUTHORITY })],
    run: async (reach) => withHttps(HTTPS, async () => assert.equal((await reach.send({})).status, status), DEEP),
  });
}

const GRPC_CASES: readonly BehaviourCase[] = [
  {
    name: 'backend-protocol: GRPC carries calls and their trailers',
    keys: ['backend-protocol'],
    tls: true,
    paths: PATHS.grpc,
    annotations: { 'backend-protocol': 'GRPC' },
    run: async (reach) =>
      withGrpc(GRPC, async () => {
        const { status, headers, trailers } = await callGrpc(reach, {
          'x-forwarded-for': '6.6.6.6',
          proxy: 'http://evil',
        });
        assert.equal(status, 200);
        assert.equal(trailers['grpc-status'], '0');
        assert.equal(headers[':path'], '/hello.Greeter/Say');
        assert.equal(headers[':authority'] ?? headers['host'], reach.host);
        assert.equal(headers['x-forwarded-for'], '127.0.0.1');
        assert.equal(headers['x-forwarded-proto'], 'https');
        assert.equal(headers['proxy'], undefined);
      }),
  },
  {
    name: 'backend-protocol: GRPCS does so by TLS',
    keys: ['backend-protocol'],
    tls: true,
    paths: PATHS.grpc,
    annotations: { 'backend-protocol': 'GRPCS', 'proxy-ssl-name': 'web.example.com' },
    run: async (reach) =>
      withGrpc(
        GRPC,
        async () => {
          const { status, trailers } = await callGrpc(reach);
          assert.equal(status, 200);
          assert.equal(trailers['grpc-status'], '0');
        },
        true,
      ),
  },
];

function parameters(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

const FASTCGI_CASES: readonly BehaviourCase[] = [
  {
    name: 'backend-protocol: FCGI speaks FastCGI, with an index and more parameters',
    keys: ['backend-protocol', 'fastcgi-index', 'fastcgi-params-configmap'],
    paths: PATHS.fastcgi,
    annotations: {
      'backend-protocol': 'FCGI',
      'fastcgi-index': 'index.php',
      'fastcgi-params-configmap': 'shop/parameters',
    },
    objects: () => [
      parameters('parameters', {
        SCRIPT_FILENAME: '/srv/www$fastcgi_script_name',
        APP_ENV: 'production',
        APP_HOST: 'x-${host}',
      }),
    ],
    run: async (reach) => {
      const server = await startFastCgi(FASTCGI);
      try {
        const headers = { 'x-forwarded-for': '6.6.6.6', proxy: 'http://evil', 'x-own': 'yes' };
        const answer = await reach.send({ path: '/app/?a=b', headers });
        assert.equal(answer.status, 200, answer.body);
        const found = JSON.parse(answer.body) as Readonly<Record<string, string>>;
        const expected = {
          SCRIPT_FILENAME: '/srv/www/app/index.php',
          APP_ENV: 'production',
          APP_HOST: `x-${reach.host}`,
          REQUEST_METHOD: 'GET',
          QUERY_STRING: 'a=b',
          REQUEST_URI: '/app/?a=b',
          HTTP_HOST: reach.host,
          HTTP_X_FORWARDED_FOR: '127.0.0.1',
          HTTP_X_OWN: 'yes',
        };
        for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, name);
        assert.ok(!found['HTTP_PROXY']);
      } finally {
        await server.close();
      }
    },
  },
];

export const BACKEND: BehaviourTable = {
  family: 'backend',
  cases: [
    ...TLS_CASES,
    atDepth('1', 502),
    atDepth('3', 200),
    ...GRPC_CASES,
    ...FASTCGI_CASES,
    ...BACKEND_DETAILS,
    {
      name: 'backend-protocol: AUTO_HTTP speaks as the client does',
      keys: ['backend-protocol'],
      only: 'nginx',
      tls: true,
      paths: PATHS.https,
      annotations: { 'backend-protocol': 'AUTO_HTTP', 'ssl-redirect': 'false' },
      run: async (reach) =>
        withHttps(HTTPS, async () => {
          assert.equal((await seen(reach, true)).headers.host, reach.host);
          assert.notEqual((await reach.send({})).status, 200);
        }),
    },
    {
      name: 'backend-protocol that is none is HTTP',
      keys: ['backend-protocol'],
      annotations: { 'backend-protocol': 'SPDY' },
      requests: [{ want: { backend: 'alpha' } }],
    },
  ],
};
