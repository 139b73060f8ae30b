import assert from 'node:assert/strict';
import { startFastCgi } from '../support/fastcgi.ts';
import { service } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { AUTHORITY, callGrpc, CLIENT, withGrpc } from './backend-servers.ts';
import type { BehaviourCase } from './case.ts';

/* After the end-to-end tests of ingress-nginx: test/e2e/annotations/{grpc,fastcgi,proxyssl}.go */

const [GRPC, FASTCGI] = [await freePort(), await freePort()];
const CALLED = [{ path: '/', service: 'grpcbin' }];

function timeouts(seconds: string): Readonly<Record<string, string>> {
  const names = ['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'];
  return { 'backend-protocol': 'GRPC', ...Object.fromEntries(names.map((name) => [name, seconds])) };
}

function withoutTls(only: 'nginx' | 'haproxy', since?: string): BehaviourCase {
  return {
    name: 'backend-protocol: GRPC is there for clients without TLS',
    keys: ['backend-protocol'],
    only,
    ...(since === undefined ? {} : { since }),
    paths: CALLED,
    annotations: timeouts('10'),
    run: async (reach) =>
      withGrpc(GRPC, async () => {
        const { status, headers, trailers } = await callGrpc(reach, {}, false);
        assert.equal(status, 200);
        assert.equal(headers[':authority'] ?? headers['host'], reach.host);
        assert.equal(headers['content-type'], 'application/grpc');
        assert.equal(trailers['grpc-status'], '0');
      }),
  };
}

const GRPC_DETAILS: readonly BehaviourCase[] = [
  withoutTls('nginx', '1.25.1'),
  withoutTls('haproxy'),
  {
    name: 'a call that takes too long is given up',
    keys: ['backend-protocol', 'proxy-read-timeout'],
    tls: true,
    paths: CALLED,
    annotations: timeouts('1'),
    objects: () => service('grpcbin', [GRPC]),
    run: async (reach) =>
      withGrpc(GRPC, async () => {
        assert.equal((await callGrpc(reach)).status, 200);
        assert.equal((await callGrpc(reach, { 'x-delay': '3000' })).status, 504);
      }),
  },
  {
    name: 'what auth-url says replaces a header of a call',
    keys: ['auth-response-headers'],
    only: 'nginx',
    tls: true,
    paths: CALLED,
    annotations: {
      'backend-protocol': 'GRPC',
      'auth-url': 'http://gamma.shop.svc.cluster.local/response-headers?authorization=foo',
      'auth-response-headers': 'Authorization',
    },
    run: async (reach) =>
      withGrpc(GRPC, async () => {
        const asked = JSON.stringify({ headers: { authorization: 'foo' } });
        const { headers } = await callGrpc(reach, { authorization: 'bar', 'x-want': asked });
        assert.equal(headers['authorization'], 'foo');
      }),
  },
];

const FASTCGI_DETAILS: readonly BehaviourCase[] = [
  {
    name: 'fastcgi-params-configmap that is not there closes the route',
    keys: ['fastcgi-params-configmap'],
    paths: [{ path: '/hello', service: 'fastcgi-helloserver' }],
    annotations: { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'nowhere' },
    requests: [{ path: '/hello', want: { status: 503 } }],
  },
  {
    name: 'fastcgi-params-configmap of the own namespace needs no namespace',
    keys: ['fastcgi-params-configmap', 'backend-protocol'],
    paths: [{ path: '/hello', service: 'fastcgi-helloserver' }],
    annotations: { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'fastcgi-configmap' },
    objects: () => [
      ...service('fastcgi-helloserver', [FASTCGI]),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'fastcgi-configmap', namespace: 'shop' },
        data: { SCRIPT_FILENAME: '$fastcgi_script_name', REDIRECT_STATUS: '200' },
      },
    ],
    run: async (reach) => {
      const server = await startFastCgi(FASTCGI);
      try {
        const answer = await reach.send({ path: '/hello' });
        assert.equal(answer.status, 200, answer.body);
        const found = JSON.parse(answer.body) as Readonly<Record<string, string>>;
        assert.deepEqual([found['SCRIPT_FILENAME'], found['REDIRECT_STATUS']], ['/hello', '200']);
      } finally {
        await server.close();
      }
    },
  },
];

/** Of a Secret with all three parts, where endpoints speak plain HTTP. */
const UNUSED: readonly BehaviourCase[] = [
  {},
  { 'proxy-ssl-verify': 'on', 'proxy-ssl-verify-depth': '2', 'proxy-ssl-server-name': 'on' },
  { 'proxy-ssl-ciphers': 'HIGH:!AES' },
  { 'proxy-ssl-protocols': 'TLSv1.2 TLSv1.3' },
].map((more: Readonly<Record<string, string>>, index) => ({
  name: `proxy-ssl-secret${Object.keys(more)
    .map((key) => `, ${key}`)
    .join('')} for endpoints without TLS changes nothing`,
  keys: [],
  tls: true,
  annotations: { 'proxy-ssl-secret': `shop/unused-${index}`, ...more },
  objects: () => [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `unused-${index}`, namespace: 'shop' },
      stringData: { 'tls.crt': CLIENT.certificate, 'tls.key': CLIENT.key, 'ca.crt': AUTHORITY.certificate },
    },
  ],
  requests: [{ want: { status: 308 } }, { tls: true, want: { backend: 'alpha' } }],
}));

export const BACKEND_DETAILS: readonly BehaviourCase[] = [...GRPC_DETAILS, ...FASTCGI_DETAILS, ...UNUSED];
