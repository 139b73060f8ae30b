import assert from 'node:assert/strict';
import { ingress, type IngressSpec } from '../support/manifests.ts';
import type { BehaviourCase, BehaviourRequest, CaseWorld, Reach } from './case.ts';

interface CanarySpec {
  readonly name: string;
  readonly service?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly created?: string;
  readonly paths?: NonNullable<IngressSpec['rules']>[number]['paths'];
}

export function canary(world: CaseWorld, spec: CanarySpec): object {
  const { name, service: to = 'beta', annotations, created = '2026-02-01T00:00:00Z' } = spec;
  const paths = spec.paths ?? [{ path: '/', service: to }];
  const prefixed = Object.entries({ canary: 'true', ...annotations }).map(([key, text]) => [
    `nginx.ingress.kubernetes.io/${key}`,
    text,
  ]);
  return ingress({
    name: `${name}-${world.host.split('.')[0]}`,
    created,
    annotations: Object.fromEntries(prefixed) as Record<string, string>,
    rules: [{ host: world.host, paths }],
  });
}

export function only(annotations: Readonly<Record<string, string>>): NonNullable<BehaviourCase['objects']> {
  return (world) => [canary(world, { name: 'canary', annotations })];
}

export function to(backend: string, headers: Readonly<Record<string, string>> = {}): BehaviourRequest {
  return { headers, want: { backend } };
}

/** How many of some requests each backend answers. */
export async function shares(reach: Reach, requests: number): Promise<Readonly<Record<string, number>>> {
  const answers = await Promise.all(Array.from({ length: requests }, () => reach.echo({})));
  const counts: Record<string, number> = {};
  for (const { backend } of answers) counts[backend] = (counts[backend] ?? 0) + 1;
  return counts;
}

/** What makes a request go to the canary of its path. */
export const CANARY_CHOICE: readonly BehaviourCase[] = [
  {
    name: 'a header says always or never, and goes before cookie and weight',
    keys: ['canary', 'canary-by-header', 'canary-by-cookie'],
    objects: only({ 'canary-by-header': 'X-Canary', 'canary-by-cookie': 'go-canary', 'canary-weight': '0' }),
    requests: [
      to('alpha'),
      to('beta', { 'x-canary': 'always' }),
      to('alpha', { 'x-canary': 'never' }),
      to('alpha', { 'x-canary': 'Always' }),
      to('alpha', { 'x-canary': 'always, never' }),
      to('alpha', { 'x-canary': 'never', cookie: 'go-canary=always' }),
      to('beta', { 'x-canary': 'other', cookie: 'a=b; go-canary=always; c=d' }),
      to('alpha', { cookie: 'go-canary=never' }),
      to('alpha', { cookie: 'go-canary=other' }),
      to('alpha', { cookie: 'no-go-canary=always' }),
      to('beta', { cookie: 'go-canary=always' }),
    ],
  },
  {
    name: 'header and cookie never go before a weight of 100',
    keys: ['canary-weight', 'canary-by-header', 'canary-by-cookie'],
    objects: only({ 'canary-by-header': 'X-Canary', 'canary-by-cookie': 'go_canary', 'canary-weight': '100' }),
    requests: [
      to('beta'),
      to('alpha', { 'x-canary': 'never' }),
      to('alpha', { cookie: 'go_canary=never' }),
      to('beta', { cookie: 'go_canary=other' }),
      to('beta', { 'x-canary': 'always', cookie: 'go_canary=never' }),
    ],
  },
  {
    name: 'a value of the header is for the canary, and all others say nothing',
    keys: ['canary-by-header-value'],
    objects: only({ 'canary-by-header': 'X_Canary', 'canary-by-header-value': 'Do Canary', 'canary-by-cookie': 'c' }),
    requests: [
      to('beta', { 'x-canary': 'Do Canary' }),
      to('alpha', { 'x-canary': 'do canary' }),
      to('alpha', { 'x-canary': 'Do Canary!' }),
      to('alpha', { 'x-canary': 'always' }),
      to('alpha', { 'x-canary': 'never' }),
      to('beta', { 'x-canary': 'never', cookie: 'c=always' }),
    ],
  },
  {
    name: 'special words of the proxies are plain values of the header',
    keys: ['canary-by-header-value'],
    objects: only({ 'canary-by-header': 'X-Canary', 'canary-by-header-value': 'default' }),
    requests: [to('alpha'), to('beta', { 'x-canary': 'default' }), to('alpha', { 'x-canary': 'x' })],
  },
  {
    name: 'a pattern finds something in the header',
    keys: ['canary-by-header-pattern'],
    objects: only({ 'canary-by-header': 'X-Canary', 'canary-by-header-pattern': '^v[0-9]+$|ca.?ary' }),
    requests: [
      to('beta', { 'x-canary': 'v12' }),
      to('beta', { 'x-canary': 'do canary now' }),
      to('alpha', { 'x-canary': 'v12a' }),
      to('alpha', { 'x-canary': 'always' }),
      to('alpha'),
    ],
  },
  {
    name: 'a pattern goes behind a value',
    keys: ['canary-by-header-pattern', 'canary-by-header-value'],
    objects: only({
      'canary-by-header': 'X-Canary',
      'canary-by-header-value': 'one',
      'canary-by-header-pattern': 'two',
    }),
    requests: [to('beta', { 'x-canary': 'one' }), to('alpha', { 'x-canary': 'two' })],
  },
  {
    name: 'with a pattern that is none, every request with the header stays away',
    keys: ['canary-by-header-pattern'],
    objects: only({
      'canary-by-header': 'X-Canary',
      'canary-by-header-pattern': '[][**da?$&*',
      'canary-weight': '100',
    }),
    requests: [to('beta'), to('alpha', { 'x-canary': 'always' }), to('alpha', { 'x-canary': 'DoCanary' })],
  },
  {
    name: 'not even a cookie sends a request with the header to the canary then',
    keys: ['canary-by-header-pattern', 'canary-by-cookie'],
    objects: only({
      'canary-by-header': 'CanaryByHeader',
      'canary-by-header-pattern': '[][**da?$&*',
      'canary-by-cookie': 'CanaryByCookie',
    }),
    requests: [
      to('alpha', { CanaryByHeader: 'DoCanary', cookie: 'CanaryByCookie=always' }),
      to('beta', { cookie: 'CanaryByCookie=always' }),
    ],
  },
  {
    name: 'a weight is a part of 100, or of a total above',
    keys: ['canary-weight', 'canary-weight-total'],
    objects: (world) => [
      canary(world, {
        name: 'a',
        annotations: { 'canary-weight': '500', 'canary-weight-total': '1000' },
        paths: [{ path: '/', service: 'beta' }],
      }),
    ],
    run: async (reach) => {
      const { alpha = 0, beta = 0 } = await shares(reach, 200);
      assert.equal(alpha + beta, 200);
      // Less likely than one of ten million by chance.
      assert.ok(alpha > 60 && beta > 60, `${alpha} and ${beta}`);
    },
  },
  {
    name: 'a total below 100 is 100',
    keys: ['canary-weight-total'],
    objects: only({ 'canary-weight': '50', 'canary-weight-total': '50' }),
    run: async (reach) => {
      const { alpha = 0 } = await shares(reach, 100);
      assert.ok(alpha > 10, `${alpha}`);
    },
  },
  {
    name: 'a weight above the total is all, and below zero is nothing',
    keys: ['canary-weight'],
    paths: [
      { path: '/all', service: 'alpha' },
      { path: '/none', service: 'alpha' },
    ],
    objects: (world) => [
      canary(world, {
        name: 'all',
        annotations: { 'canary-weight': '250' },
        paths: [{ path: '/all', service: 'beta' }],
      }),
      canary(world, {
        name: 'none',
        annotations: { 'canary-weight': '-5' },
        paths: [{ path: '/none', service: 'beta' }],
      }),
    ],
    requests: [
      { path: '/all', want: { backend: 'beta' } },
      { path: '/all/x', want: { backend: 'beta' } },
      { path: '/none', want: { backend: 'alpha' } },
    ],
  },
];
