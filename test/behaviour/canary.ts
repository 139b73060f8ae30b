import assert from 'node:assert/strict';
import { ingress, service } from '../support/manifests.ts';
import { canary, CANARY_CHOICE, only, shares, to } from './canary-choice.ts';
import type { BehaviourCase, BehaviourTable } from './case.ts';

const CASES: readonly BehaviourCase[] = [
  {
    name: 'a canary only takes requests of its host, path and pathType, and makes none',
    keys: ['canary'],
    paths: [
      { path: '/served', service: 'alpha' },
      { path: '/exact', pathType: 'Exact', service: 'alpha' },
    ],
    objects: (world) => [
      canary(world, {
        name: 'paths',
        annotations: { 'canary-weight': '100' },
        paths: [
          { path: '/served', service: 'beta' },
          { path: '/exact', service: 'beta' },
          { path: '/other', service: 'beta' },
        ],
      }),
      ingress({
        name: `host-${world.host.split('.')[0]}`,
        annotations: {
          'nginx.ingress.kubernetes.io/canary': 'true',
          'nginx.ingress.kubernetes.io/canary-weight': '100',
        },
        rules: [{ host: `other.${world.host}`, paths: [{ path: '/', service: 'beta' }] }],
      }),
      ingress({
        name: `catch-all-${world.host.split('.')[0]}`,
        annotations: {
          'nginx.ingress.kubernetes.io/canary': 'true',
          'nginx.ingress.kubernetes.io/canary-weight': '100',
        },
        defaultBackend: { service: 'beta', port: 80 },
      }),
    ],
    requests: [
      { path: '/served/x', want: { backend: 'beta' } },
      { path: '/exact', want: { backend: 'alpha' } },
      { path: '/other', want: { status: 404 } },
    ],
    run: async (reach) => {
      assert.equal((await reach.send({ host: `other.${reach.host}` })).status, 404);
      assert.equal((await reach.send({ host: 'nobody.example.com' })).status, 404);
    },
  },
  {
    name: 'it does not matter which of the two was there first',
    keys: ['canary', 'canary-by-header'],
    objects: (world) => [
      canary(world, {
        name: 'older',
        created: '2025-01-01T00:00:00Z',
        annotations: { 'canary-by-header': 'CanaryByHeader' },
      }),
    ],
    requests: [
      { want: { backend: 'alpha' } },
      { headers: { CanaryByHeader: 'always' }, want: { backend: 'beta' } },
      { headers: { CanaryByHeader: 'never' }, want: { backend: 'alpha' } },
    ],
  },
  {
    name: 'a canary of other paths, whose Service is not there, harms nobody',
    keys: ['canary'],
    objects: (world) => [
      canary(world, {
        name: 'elsewhere',
        annotations: { 'canary-by-header': 'CanaryByHeader' },
        paths: [
          { path: '/foo', service: 'httpy-svc-canary' },
          { path: '/bar', service: 'httpy-svc-canary' },
        ],
      }),
    ],
    requests: [
      { want: { backend: 'alpha' } },
      { path: '/foo', headers: { CanaryByHeader: 'always' }, want: { backend: 'alpha' } },
    ],
  },
  {
    name: 'a host of a canary alone is none, also where the canary is the older one',
    keys: ['canary'],
    objects: (world) => [
      ingress({
        name: `alone-${world.host.split('.')[0]}`,
        created: '2025-01-01T00:00:00Z',
        annotations: {
          'nginx.ingress.kubernetes.io/canary': 'true',
          'nginx.ingress.kubernetes.io/canary-by-header': 'CanaryByHeader',
        },
        rules: [{ host: `alone.${world.host}`, paths: [{ path: '/', service: 'beta' }] }],
      }),
    ],
    run: async (reach) => {
      const headers = { CanaryByHeader: 'always' };
      assert.equal((await reach.send({ host: `alone.${reach.host}`, headers })).status, 404);
    },
  },
  {
    name: 'without canary: true the other annotations say nothing: the oldest Ingress has the path',
    keys: ['canary'],
    objects: only({ canary: 'false', 'canary-weight': '100' }),
    requests: [to('alpha')],
  },
  {
    name: 'a canary without endpoints gets no request',
    keys: ['canary'],
    objects: (world) => [
      canary(world, {
        name: 'empty',
        service: 'empty',
        annotations: { 'canary-by-header': 'x-c', 'canary-weight': '100' },
      }),
    ],
    requests: [to('alpha'), to('alpha', { 'x-c': 'always' })],
  },
  {
    name: 'a canary does not answer for a Service without endpoints',
    keys: ['canary'],
    paths: [{ path: '/', service: 'empty' }],
    objects: only({ 'canary-by-header': 'x-c', 'canary-weight': '100' }),
    requests: [{ want: { status: 503 } }, { headers: { 'x-c': 'always' }, want: { status: 503 } }],
  },
  {
    name: 'the same Service is no canary',
    keys: ['canary'],
    objects: (world) => [
      canary(world, {
        name: 'same',
        service: 'alpha',
        annotations: { 'canary-weight': '100', 'load-balance': 'ewma' },
      }),
    ],
    requests: [to('alpha')],
  },
  {
    name: 'of several canaries each has its header, its cookie and its share',
    keys: ['canary'],
    objects: (world) => [
      canary(world, {
        name: 'first',
        annotations: { 'canary-by-header': 'x-region', 'canary-by-header-value': 'us', 'canary-weight': '60' },
      }),
      canary(world, {
        name: 'second',
        service: 'gamma',
        created: '2026-03-01T00:00:00Z',
        annotations: {
          'canary-by-header': 'x-region',
          'canary-by-header-value': 'asia',
          'canary-by-cookie': 'second',
          'canary-weight': '60',
        },
      }),
    ],
    requests: [
      to('beta', { 'x-region': 'us' }),
      to('gamma', { 'x-region': 'asia' }),
      to('beta', { 'x-region': 'us', cookie: 'second=always' }),
      to('gamma', { cookie: 'second=always' }),
      to('alpha', { cookie: 'second=never' }),
    ],
    run: async (reach) => {
      const { alpha = 0, beta = 0, gamma = 0 } = await shares(reach, 200);
      assert.ok(alpha === 0 && beta > 70 && gamma > 30, JSON.stringify({ alpha, beta, gamma }));
    },
  },
  {
    name: 'a canary has the annotations of the Ingress that it belongs to, and not its own',
    keys: ['canary'],
    annotations: { 'service-upstream': 'false', affinity: 'cookie', 'session-cookie-name': 'main' },
    objects: only({
      'canary-by-header': 'x-c',
      'session-cookie-name': 'own',
      'permanent-redirect': 'http://x.example/',
    }),
    requests: [
      { headers: { 'x-c': 'always' }, want: { backend: 'beta', headers: { 'set-cookie': /^main=/ } } },
      { want: { backend: 'alpha', headers: { 'set-cookie': /^main=/ } } },
    ],
  },
  {
    name: 'regular expressions have canaries, too',
    keys: ['canary'],
    annotations: { 'use-regex': 'true' },
    paths: [{ path: '/a[0-9]+', pathType: 'ImplementationSpecific', service: 'alpha' }],
    objects: (world) => [
      canary(world, {
        name: 'regex',
        annotations: { 'use-regex': 'true', 'canary-by-header': 'x-c' },
        paths: [{ path: '/a[0-9]+', pathType: 'ImplementationSpecific', service: 'beta' }],
      }),
    ],
    requests: [
      { path: '/a12/b', headers: { 'x-c': 'always' }, want: { backend: 'beta', url: '/a12/b' } },
      { path: '/a12/b', want: { backend: 'alpha', url: '/a12/b' } },
    ],
  },
];

export const CANARY: BehaviourTable = { family: 'canary', cases: [...CANARY_CHOICE, ...CASES] };

/** The default backend of everything, which is one for all cases of a world. */
export const CANARY_OF_DEFAULT: BehaviourTable = {
  family: 'canary-of-default',
  flags: ['--default-backend', 'shop/fallback:80'],
  objects: [],
  cases: [
    {
      name: 'the default backend has canaries, for every host',
      keys: ['canary'],
      paths: [{ path: '/known', service: 'alpha' }],
      objects: (world) => [
        ...service('fallback', [world.backends.alpha.port]),
        ingress({
          name: 'canary-of-fallback',
          annotations: {
            'nginx.ingress.kubernetes.io/canary': 'true',
            'nginx.ingress.kubernetes.io/canary-by-header': 'x-c',
          },
          defaultBackend: { service: 'beta', port: 80 },
        }),
      ],
      requests: [
        { path: '/unknown', want: { backend: 'alpha' } },
        { path: '/unknown', headers: { 'x-c': 'always' }, want: { backend: 'beta' } },
        { host: 'nobody.example.com', want: { backend: 'alpha' } },
        { host: 'nobody.example.com', headers: { 'x-c': 'always' }, want: { backend: 'beta' } },
      ],
    },
  ],
};
