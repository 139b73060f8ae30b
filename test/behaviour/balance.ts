import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { startBackend } from '../support/backend.ts';
import { service } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';
import type { BackendName, BehaviourCase, BehaviourTable, CaseWorld, Reach } from './case.ts';
import { backendsOf, THREE } from './endpoints.ts';
import { SESSION_DATES } from './session-dates.ts';
import { SESSIONS } from './sessions.ts';

/** Where endpoints are while a case runs. */
const SIX = await Promise.all(Array.from({ length: 6 }, () => freePort()));

/** How many of some requests, each of which begins when the one before it is answered or waits, wait for a backend. */
async function waitingFor(name: BackendName, { host, httpPort, backends }: Reach, requests: number): Promise<number> {
  const waiting = (): number => backends[name].seen.filter(({ headers }) => headers.host === host).length;
  const sockets: Socket[] = [];
  const text = `GET / HTTP/1.1\r\nhost: ${host}\r\nx-want: ${JSON.stringify({ only: name, delay: 5000 })}\r\n\r\n`;
  let answered = 0;
  try {
    while (sockets.length < requests) {
      const socket = connect(httpPort, '127.0.0.1');
      sockets.push(socket.on('error', () => undefined).once('data', () => (answered += 1)));
      socket.write(text);
      await waitFor('the request to be answered or to wait', () => answered + waiting() >= sockets.length);
    }
    return waiting();
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

const ALGORITHMS: readonly BehaviourCase[] = [
  {
    name: 'what has the same text goes to the same endpoint',
    keys: ['upstream-hash-by', 'load-balance'],
    annotations: { 'upstream-hash-by': '$http_x_key-${request_method}', 'load-balance': 'round_robin' },
    paths: THREE,
    run: async (reach) => {
      const seen = new Set<string>();
      for (let key = 0; key < 12; key++) {
        const backend = await backendsOf(reach, 4, { 'x-key': `key-${key}` });
        assert.match(backend, /^\w+$/);
        seen.add(backend);
      }
      assert.ok(seen.size > 1);
    },
  },
  ...['$request_uri', '$uri$args', '$host', '$remote_addr', '$cookie_a$arg_b', '$scheme$server_name', 'constant'].map(
    (text): BehaviourCase => ({
      name: `${text} is the same for the same request`,
      keys: ['upstream-hash-by'],
      annotations: { 'upstream-hash-by': text },
      paths: THREE,
      run: async (reach) => {
        assert.match(await backendsOf(reach, 8, { cookie: 'a=1' }), /^\w+$/);
      },
    }),
  ),
  {
    name: 'different paths go to different endpoints, also when they are rewritten',
    keys: ['upstream-hash-by'],
    annotations: { 'upstream-hash-by': '$request_uri', 'rewrite-target': '/same' },
    paths: [{ path: '/.*', pathType: 'ImplementationSpecific', service: 'three' }],
    run: async (reach) => {
      const seen = new Set<string>();
      for (let page = 0; page < 16; page++) seen.add((await reach.echo({ path: `/page/${page}` })).backend);
      assert.ok(seen.size > 1);
    },
  },
  {
    name: 'requests for the same path go to the same subset of the endpoints',
    keys: ['upstream-hash-by', 'upstream-hash-by-subset', 'upstream-hash-by-subset-size'],
    annotations: {
      'upstream-hash-by': '$request_uri',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '3',
    },
    paths: [{ path: '/', service: 'six' }],
    objects: () => service('six', SIX),
    run: async (reach) => {
      const backends = await Promise.all(SIX.map((port) => startBackend(`six-${port}`, '127.0.0.1', port)));
      try {
        for (const path of ['/', '/another', '/third']) {
          const seen = new Set<string>();
          for (let count = 0; count < 50; count++) seen.add((await reach.echo({ path })).backend);
          assert.equal(seen.size, 3, path);
        }
      } finally {
        await Promise.all(backends.map((backend) => backend.close()));
      }
    },
  },
  {
    name: 'a subset may be of two endpoints',
    keys: ['upstream-hash-by-subset-size'],
    annotations: {
      'upstream-hash-by': '$request_uri',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '2',
    },
    paths: THREE,
    run: async (reach) => assert.match(await backendsOf(reach, 40), /^\w+ \w+$/),
  },
  {
    name: 'a subset that is as large as there are endpoints is all of them',
    keys: ['upstream-hash-by-subset-size'],
    annotations: {
      'upstream-hash-by': '$request_uri',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '30',
      'enable-cors': 'true',
    },
    paths: THREE,
    run: async (reach) => assert.equal(await backendsOf(reach, 40), 'alpha beta gamma'),
  },
  ...['ewma', 'chash'].map((algorithm): BehaviourCase => ({
    name: `${algorithm} serves from all endpoints`,
    keys: ['load-balance'],
    annotations: { 'load-balance': algorithm },
    paths: THREE,
    run: async (reach) => assert.equal(await backendsOf(reach, 40), 'alpha beta gamma'),
  })),
  {
    name: 'ewma spares an endpoint that is busy',
    keys: ['load-balance'],
    annotations: { 'load-balance': 'ewma' },
    paths: THREE,
    run: async (reach) => {
      // In turns, a third of them would wait for it; HAProxy draws it twice in a ninth of all draws.
      assert.ok((await waitingFor('alpha', reach, 60)) < 19);
    },
  },
  {
    name: 'requests go to the cluster IP and port of the Service, whatever its endpoints',
    keys: ['service-upstream'],
    annotations: { 'service-upstream': 'true' },
    paths: [
      { path: '/', service: 'clustered', port: 18_977 },
      { path: '/headless', service: 'headless' },
    ],
    objects: (world) => [
      ...clustered(world),
      ...service('headless', [world.backends.gamma.port]).map((object) =>
        'spec' in object ? { ...object, spec: { ...(object.spec as object), clusterIP: 'None' } } : object,
      ),
    ],
    run: async (reach) => {
      const backend = await startBackend('cluster', '127.0.0.77', 18_977);
      try {
        assert.equal((await reach.echo({})).backend, 'cluster');
        assert.equal((await reach.echo({ path: '/headless' })).backend, 'gamma');
      } finally {
        await backend.close();
      }
    },
  },
];

function clustered(world: CaseWorld): readonly object[] {
  const spec = {
    type: 'ClusterIP',
    clusterIP: '127.0.0.77',
    ports: [{ name: 'http', port: 18_977, targetPort: world.backends.alpha.port }],
  };
  const slices = service('clustered', [world.backends.alpha.port]).slice(1);
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'clustered', namespace: 'shop' }, spec }, ...slices];
}

export const BALANCE: BehaviourTable = { family: 'balance', cases: [...SESSIONS, ...SESSION_DATES, ...ALGORITHMS] };
