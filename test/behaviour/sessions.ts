import assert from 'node:assert/strict';
import { CANARY_HELPERS } from '../../src/render/helpers/canaries.ts';
import { ingress, service } from '../support/manifests.ts';
import type { BehaviourCase, CaseWorld, Reach } from './case.ts';
import { backendsOf, THREE, three } from './endpoints.ts';

/** Name of a Service of its own for a case. */
function nameOf({ host }: Pick<CaseWorld, 'host'>, name = 'web'): string {
  return `${name}-${host.split('.')[0]}`;
}

/** What a client would send back. */
async function cookieOf(reach: Reach, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { headers: got } = await reach.send({ path, headers });
  const [cookie] = got['set-cookie'] ?? [];
  return cookie?.split(';')[0] ?? '';
}

async function stays(reach: Reach, requests: number): Promise<void> {
  for (let client = 0; client < 6; client++) {
    const cookie = await cookieOf(reach);
    assert.notEqual(cookie, '');
    const { backend } = await reach.echo({ headers: { cookie } });
    assert.equal(await backendsOf(reach, requests, { cookie: `a=b; ${cookie}; c=d` }), backend);
  }
}

/** Whether one of some clients, of which about half are bound to an endpoint that does not answer, gets another cookie. */
async function changesCookie(reach: Reach, name: string): Promise<boolean> {
  const tag = CANARY_HELPERS.sessionTag(`shop_${name}_80`);
  for (let client = 0; client < 30; client++) {
    const key = client.toString(16).padStart(32, '0');
    const value = reach.proxy === 'nginx' ? `${key}.${tag}` : `${tag}.${CANARY_HELPERS.endpointTag('127.0.0.1', 1)}`;
    const { status, headers } = await reach.send({ headers: { cookie: `INGRESSCOOKIE=${value}` } });
    assert.equal(status, 200);
    if (headers['set-cookie'] !== undefined) return true;
  }
  return false;
}

const SESSION = { affinity: 'cookie' } as const;

export const SESSIONS: readonly BehaviourCase[] = [
  {
    name: 'a client stays where its cookie says, and gets it once',
    keys: ['affinity', 'affinity-mode', 'session-cookie-name'],
    annotations: { ...SESSION, 'session-cookie-name': 'SERVERID' },
    paths: THREE,
    // All cases share it.
    objects: three,
    run: async (reach) => {
      const { headers } = await reach.send({});
      assert.match(String(headers['set-cookie']), /^SERVERID=[0-9a-f.]+; Path=\/; HttpOnly$/);
      await stays(reach, 4);
      const cookie = await cookieOf(reach);
      assert.equal((await reach.send({ headers: { cookie } })).headers['set-cookie'], undefined);
      assert.notEqual((await reach.send({ headers: { cookie: 'SERVERID=x' } })).headers['set-cookie'], undefined);
      const seen = new Set<string>();
      for (let client = 0; client < 40; client++) seen.add((await reach.echo({})).backend);
      assert.deepEqual([...seen].sort(), ['alpha', 'beta', 'gamma']);
    },
  },
  {
    name: 'a client stays where its cookie says, also when sessions are persistent',
    keys: ['affinity', 'affinity-mode'],
    annotations: { ...SESSION, 'affinity-mode': 'persistent', 'load-balance': 'ewma' },
    paths: THREE,
    run: async (reach) => {
      await stays(reach, 4);
      const cookie = await cookieOf(reach);
      assert.match(cookie, /^INGRESSCOOKIE=/);
      assert.equal((await reach.send({ headers: { cookie } })).headers['set-cookie'], undefined);
    },
  },
  {
    name: 'each path has its cookie, with its own path',
    keys: ['affinity', 'session-cookie-path'],
    annotations: SESSION,
    paths: [
      { path: '/something', service: 'alpha' },
      { path: '/else', service: 'alpha' },
    ],
    requests: [
      { path: '/something/x', want: { headers: { 'set-cookie': /; Path=\/something; HttpOnly$/ } } },
      { path: '/else', want: { headers: { 'set-cookie': /; Path=\/else; HttpOnly$/ } } },
      { path: '/other', want: { status: 404, headers: { 'set-cookie': undefined } } },
    ],
  },
  {
    name: 'paths of an Ingress without affinity set no cookie',
    keys: ['affinity'],
    annotations: SESSION,
    paths: [{ path: '/with', service: 'alpha' }],
    objects: (world) => [
      ingress({
        name: nameOf(world, 'without'),
        rules: [{ host: world.host, paths: [{ path: '/without', service: 'alpha' }] }],
      }),
    ],
    requests: [
      { path: '/with', want: { headers: { 'set-cookie': /^INGRESSCOOKIE=/ } } },
      { path: '/without', want: { headers: { 'set-cookie': undefined } } },
    ],
  },
  {
    name: 'a cookie has its path, domain, lifetime and SameSite',
    keys: [
      'session-cookie-path',
      'session-cookie-domain',
      'session-cookie-max-age',
      'session-cookie-expires',
      'session-cookie-samesite',
    ],
    annotations: {
      ...SESSION,
      'session-cookie-path': '/foo',
      'session-cookie-domain': 'foo.bar.com',
      'session-cookie-expires': '172800',
      'session-cookie-max-age': '259200',
      'session-cookie-samesite': 'strict',
    },
    requests: [
      {
        want: {
          headers: {
            'set-cookie': /; Max-Age=259200; Domain=foo\.bar\.com; Path=\/foo; HttpOnly; SameSite=Strict$/,
          },
        },
      },
    ],
  },
  {
    name: 'a date of expiry',
    keys: ['session-cookie-expires'],
    only: 'haproxy',
    annotations: { ...SESSION, 'session-cookie-expires': '172800' },
    run: async (reach) => {
      const { headers } = await reach.send({});
      const [, date = ''] =
        /; Expires=(\w{3}, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT); Path/.exec(String(headers['set-cookie'])) ?? [];
      const off = Date.parse(date.replaceAll('-', ' ')) - Date.now() - 172_800_000;
      assert.ok(Math.abs(off) < 60_000, `${date}: ${off}`);
    },
  },
  {
    name: 'a lifetime in place of a date of expiry',
    keys: ['session-cookie-expires'],
    only: 'nginx',
    annotations: { ...SESSION, 'session-cookie-expires': '172800' },
    requests: [{ want: { headers: { 'set-cookie': /=[0-9a-f.]+; Max-Age=172800; Path=\/; HttpOnly$/ } } }],
  },
  {
    name: 'regular expressions have their cookie for all paths',
    keys: ['session-cookie-path'],
    annotations: { ...SESSION, 'use-regex': 'true' },
    paths: [{ path: '/foo/.*', pathType: 'ImplementationSpecific', service: 'alpha' }],
    requests: [{ path: '/foo/bar', want: { headers: { 'set-cookie': /; Path=\/; HttpOnly/ } } }],
  },
  {
    name: 'Secure is for https, or for all',
    keys: ['session-cookie-secure'],
    annotations: { ...SESSION, 'session-cookie-secure': 'false', 'ssl-redirect': 'false' },
    tls: true,
    objects: (world) => [
      ingress({
        name: nameOf(world, 'secure'),
        annotations: {
          'nginx.ingress.kubernetes.io/affinity': 'cookie',
          'nginx.ingress.kubernetes.io/session-cookie-secure': 'true',
          'nginx.ingress.kubernetes.io/ssl-redirect': 'false',
        },
        rules: [{ host: world.host, paths: [{ path: '/secure', service: 'alpha' }] }],
      }),
    ],
    requests: [
      { path: '/', want: { headers: { 'set-cookie': /; Path=\/; HttpOnly$/ } } },
      { path: '/', tls: true, want: { headers: { 'set-cookie': /; Path=\/; Secure; HttpOnly$/ } } },
      { path: '/secure', want: { headers: { 'set-cookie': /; Path=\/secure; Secure; HttpOnly$/ } } },
    ],
  },
  {
    name: 'SameSite=None is not for browsers that misread it',
    keys: ['session-cookie-conditional-samesite-none', 'session-cookie-samesite'],
    annotations: {
      ...SESSION,
      'session-cookie-samesite': 'None',
      'session-cookie-conditional-samesite-none': 'true',
    },
    requests: [
      { want: { headers: { 'set-cookie': /; HttpOnly; SameSite=None$/ } } },
      ...[
        'Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Safari/604.1',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_3) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0.3 Safari/605.1.15',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.90 Safari/537.36',
        'Mozilla/5.0 (Linux; U; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.108 UCBrowser/12.8.0.1120 Mobile Safari/537.36',
      ].map((agent) => ({ headers: { 'user-agent': agent }, want: { headers: { 'set-cookie': /; HttpOnly$/ } } })),
      ...[
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.87 Safari/537.36',
        'Mozilla/5.0 (Linux; U; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.108 UCBrowser/12.13.5.1209 Mobile Safari/537.36',
      ].map((agent) => ({ headers: { 'user-agent': agent }, want: { headers: { 'set-cookie': /; SameSite=None$/ } } })),
    ],
  },
  {
    name: 'what an endpoint answers, whatever it is, has the cookie',
    keys: ['affinity'],
    annotations: SESSION,
    requests: [{ path: '/', method: 'POST', body: 'x', want: { headers: { 'set-cookie': /^INGRESSCOOKIE=/ } } }],
  },
  {
    name: 'another cookie is set when the endpoint of a session does not answer and another one does',
    keys: ['session-cookie-change-on-failure'],
    annotations: { ...SESSION, 'session-cookie-change-on-failure': 'true' },
    paths: [{ path: '/', service: 'lame' }],
    objects: (world) => service('lame', [1, world.backends.alpha.port]),
    run: async (reach) => assert.ok(await changesCookie(reach, 'lame')),
  },
  {
    name: 'no other cookie is set when the endpoint of a session does not answer',
    keys: ['session-cookie-change-on-failure'],
    only: 'nginx',
    annotations: SESSION,
    paths: [{ path: '/', service: 'lame-too' }],
    objects: (world) => service('lame-too', [1, world.backends.alpha.port]),
    run: async (reach) => assert.ok(!(await changesCookie(reach, 'lame-too'))),
  },
  {
    name: 'a session keeps its client at the canary, or away from it, whatever the header says',
    keys: ['affinity-canary-behavior'],
    annotations: SESSION,
    objects: (world) => [canary(world, { 'canary-by-header': 'x-c', 'canary-weight': '50' })],
    run: async (reach) => {
      const atCanary = await cookieOf(reach, '/', { 'x-c': 'always' });
      const atMain = await cookieOf(reach, '/', { 'x-c': 'never' });
      assert.equal(await backendsOf(reach, 8, { cookie: atCanary }), 'beta');
      assert.equal(await backendsOf(reach, 8, { cookie: atMain }), 'alpha');
      assert.equal(await backendsOf(reach, 2, { cookie: atCanary, 'x-c': 'never' }), 'beta');
      assert.equal(await backendsOf(reach, 2, { cookie: atMain, 'x-c': 'always' }), 'alpha');
      assert.equal((await reach.send({ headers: { cookie: atCanary } })).headers['set-cookie'], undefined);
    },
  },
  {
    name: 'the same with persistent sessions',
    keys: ['affinity-canary-behavior'],
    annotations: { ...SESSION, 'affinity-mode': 'persistent' },
    objects: (world) => [canary(world, { 'canary-by-header': 'x-c' })],
    run: async (reach) => {
      const atCanary = await cookieOf(reach, '/', { 'x-c': 'always' });
      assert.equal(await backendsOf(reach, 2, { cookie: atCanary, 'x-c': 'never' }), 'beta');
      assert.equal((await reach.send({ headers: { cookie: atCanary } })).headers['set-cookie'], undefined);
    },
  },
  {
    name: 'legacy canaries have no sessions',
    keys: ['affinity-canary-behavior'],
    annotations: SESSION,
    objects: (world) => [canary(world, { 'canary-by-header': 'x-c', 'affinity-canary-behavior': 'legacy' })],
    run: async (reach) => {
      assert.equal(await cookieOf(reach, '/', { 'x-c': 'always' }), '');
      const atMain = await cookieOf(reach, '/', { 'x-c': 'never' });
      assert.notEqual(atMain, '');
      assert.equal(await backendsOf(reach, 2, { cookie: atMain, 'x-c': 'always' }), 'beta');
    },
  },
];

function canary(world: CaseWorld, annotations: Readonly<Record<string, string>>): object {
  const prefixed = Object.entries({ canary: 'true', ...annotations }).map(([key, text]) => [
    `nginx.ingress.kubernetes.io/${key}`,
    text,
  ]);
  return ingress({
    name: nameOf(world, 'canary'),
    created: '2026-02-01T00:00:00Z',
    annotations: Object.fromEntries(prefixed) as Record<string, string>,
    rules: [{ host: world.host, paths: [{ path: '/', service: 'beta' }] }],
  });
}
