import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ingress } from '../support/manifests.ts';
import type { BehaviourCase, BehaviourTable } from './case.ts';

/* After the end-to-end tests of ingress-nginx: test/e2e/ingress and test/e2e/security */

const PREFIX = 'nginx.ingress.kubernetes.io';

/** An Ingress whose backend sees that it was chosen. */
function another(host: string, index: number, path: string, pathType: string): object {
  return ingress({
    name: `${host.replaceAll('.', '-')}-${index}`,
    created: `2026-02-0${index}T00:00:00Z`,
    annotations: { [`${PREFIX}/upstream-vhost`]: `chosen-${index}` },
    rules: [{ host, paths: [{ path, pathType, service: 'beta' }] }],
  });
}

function chosen(path: string, index: number): NonNullable<BehaviourCase['requests']>[number] {
  return { path, want: { backend: 'beta', upstreamHeaders: { host: `chosen-${index}` } } };
}

/** All that comes back until the connection is closed. */
async function answersTo(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answers;
}

const CASES: readonly BehaviourCase[] = [
  {
    name: 'a prefix is one of whole elements',
    keys: [],
    paths: [{ path: '/aaa', service: 'alpha' }],
    requests: [
      { path: '/aaa', want: { status: 200 } },
      { path: '/aaacccc', want: { status: 404 } },
      { path: '/aaa/cccc', want: { status: 200 } },
      { path: '/aaa/', want: { status: 200 } },
    ],
  },
  {
    name: 'exact paths go before prefixes, and of the same path the older Ingress has it',
    keys: [],
    paths: [{ path: '/', pathType: 'Exact', service: 'alpha' }],
    objects: ({ host }) => [
      another(host, 1, '/', 'Prefix'),
      another(host, 2, '/foo', 'Exact'),
      another(host, 3, '/foo', 'Prefix'),
      another(host, 4, '/foo', 'Prefix'),
    ],
    requests: [
      { path: '/', want: { backend: 'alpha' } },
      chosen('/bar', 1),
      chosen('/foo', 2),
      chosen('/foo/bar', 3),
      chosen('/foobar', 1),
    ],
  },
  {
    name: 'a path with configuration in it is left out, and harms no other Ingress of the host',
    keys: [],
    paths: [
      {
        path: '/bla{alias /var/run/secrets/;}location ~* ^/abcd',
        pathType: 'ImplementationSpecific',
        service: 'alpha',
      },
    ],
    objects: ({ host }) => [another(host, 1, '/xpto', 'Prefix')],
    requests: [chosen('/xpto', 1), { path: '/bla', want: { status: 404 } }, { path: '/abcd/', want: { status: 404 } }],
  },
  {
    name: 'a path that looks like an expression means itself where none is asked for',
    keys: [],
    paths: [
      { path: '/foo/bar/(.+)', service: 'alpha' },
      { path: '/foo/bar/;xpto', service: 'alpha' },
      { path: '/xpto/~user/t-e_st.exe', service: 'alpha' },
    ],
    requests: [
      { path: '/foo/bar/lalala', want: { status: 404 } },
      { path: '/foo/bar/;xpto', want: { status: 404 } },
      { path: '/xpto/~user/t-e_st.exe', want: { backend: 'alpha' } },
    ],
  },
  {
    name: 'it is one with use-regex',
    keys: ['use-regex'],
    annotations: { 'use-regex': 'true' },
    paths: [{ path: '/foo/bar/(.+)', service: 'alpha' }],
    requests: [{ path: '/foo/bar/lalala', want: { backend: 'alpha' } }],
  },
  {
    name: 'a host without paths has the default backend of its Ingress',
    keys: [],
    objects: ({ host }) => [
      ingress({
        name: host.replaceAll('.', '-'),
        defaultBackend: { service: 'beta', port: 80 },
        rules: [{ host: `only-backend.${host}`, paths: [] }],
      }),
    ],
    run: async ({ echo, host }) => {
      assert.equal((await echo({ host: `only-backend.${host}`, path: '/' })).backend, 'beta');
    },
  },
  {
    name: 'a request within the body of another one is not served',
    keys: [],
    annotations: {
      'auth-signin': 'https://signin.example.com/uuid',
      'auth-url': 'http://gamma.shop.svc.cluster.local/basic-auth/user/passwd',
    },
    run: async ({ host, httpPort, proxy }) => {
      const inner = `GET /_hidden HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
      const text = await answersTo(
        httpPort,
        `GET /echo HTTP/1.1\r\nhost: ${host}\r\nx-want: {"status":401}\r\ncontent-length: ${inner.length}\r\n\r\n${inner}GET /last HTTP/1.1\r\nhost: ${host}\r\nx-want: {"status":401}\r\nconnection: close\r\n\r\n`,
      );
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
      // HAProxy has no auth-url: the route is closed, and so may be the connection.
      assert.equal(statuses[0], proxy === 'nginx' ? '302' : '503');
      assert.ok(statuses.length <= 2, text);
      assert.doesNotMatch(text, /_hidden/);
    },
  },
  {
    name: 'rules without a host are for every name that has none of its own',
    keys: [],
    objects: ({ host }) => [
      ingress({ name: host.replaceAll('.', '-'), rules: [{ paths: [{ path: '/without-host', service: 'gamma' }] }] }),
    ],
    run: async ({ echo, send, host }) => {
      assert.equal((await echo({ host: 'anything.test', path: '/without-host' })).backend, 'gamma');
      assert.equal((await echo({ path: '/' })).backend, 'alpha');
      assert.equal((await send({ host: `x.${host}`, path: '/' })).status, 404);
    },
  },
];

export const PATHS: BehaviourTable = { family: 'paths', cases: CASES };

/** The same with the defaults of ingress-nginx. */
export const PATHS_COMPAT: BehaviourTable = {
  family: 'paths-compat',
  flags: ['--compat', 'ingress-nginx', '--ingress-class=sluice', '--watch-ingress-without-class'],
  cases: CASES,
};
