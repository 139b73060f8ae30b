import assert from 'node:assert/strict';
import { startBackend } from '../support/backend.ts';
import { service } from '../support/manifests.ts';
import type { BehaviourCase, BehaviourTable, CaseWorld } from './case.ts';
import { backendsOf, THREE } from './endpoints.ts';
import { SESSIONS } from './sessions.ts';

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
    name: 'a subset is of one endpoint',
    keys: ['upstream-hash-by-subset', 'upstream-hash-by-subset-size'],
    annotations: {
      'upstream-hash-by': '$request_uri',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '3',
    },
    paths: THREE,
    run: async (reach) => assert.match(await backendsOf(reach, 8), /^\w+$/),
  },
  ...['ewma', 'chash'].map((algorithm): BehaviourCase => ({
    name: `${algorithm} serves from all endpoints`,
    keys: ['load-balance'],
    annotations: { 'load-balance': algorithm },
    paths: THREE,
    run: async (reach) => assert.equal(await backendsOf(reach, 40), 'alpha beta gamma'),
  })),
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

export const BALANCE: BehaviourTable = { family: 'balance', cases: [...SESSIONS, ...ALGORITHMS] };
