import assert from 'node:assert/strict';
import { CANARY_HELPERS } from '../../src/render/helpers/canaries.ts';
import { ingress, service } from '../support/manifests.ts';
import { waitFor } from '../support/wait.ts';
import { canary as canaryOf } from './canary-choice.ts';
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

const CLIENTS = Array.from({ length: 40 }, (_, client) => client);

/** How many of some sessions of two endpoints move when a third one comes; all to that. */
async function movedSessions(reach: Reach, name: string): Promise<number> {
  const cookies = await Promise.all(CLIENTS.map(() => cookieOf(reach)));
  const placesOf = (): Promise<readonly string[]> =>
    Promise.all(cookies.map(async (cookie) => (await reach.echo({ headers: { cookie } })).backend));
  const before = await placesOf();
  const { alpha, beta, gamma } = reach.backends;
  await reach.add(service(name, [alpha.port, beta.port, gamma.port]).slice(-1));
  await waitFor('a client at the third', async () => (await reach.echo({})).backend === 'gamma');
  const after = await placesOf();
  const moved = after.filter((place, client) => place !== before[client]);
  assert.deepEqual([...new Set(moved)].join(), moved.length === 0 ? '' : 'gamma');
  return moved.length;
}

/** Sessions whose Service gets another endpoint. */
function growing(mode: 'balanced' | 'persistent', only: 'nginx' | 'haproxy', since?: string): BehaviourCase {
  return {
    name: `${mode === 'balanced' ? 'some balanced' : 'no persistent'} sessions move when an endpoint comes`,
    keys: ['affinity-mode'],
    only,
    ...(since === undefined ? {} : { since }),
    annotations: { ...SESSION, 'affinity-mode': mode },
    paths: [{ path: '/', service: `growing-${mode}` }],
    objects: ({ backends: { alpha, beta } }) => service(`growing-${mode}`, [alpha.port, beta.port]),
    run: async (reach) => {
      const moved = await movedSessions(reach, `growing-${mode}`);
      if (mode === 'persistent') assert.equal(moved, 0);
      else assert.ok(moved > 0 && moved < CLIENTS.length, `${moved} moved`);
    },
  };
}

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
  growing('balanced', 'nginx'),
  growing('persistent', 'nginx', '1.29.6'),
  growing('persistent', 'haproxy'),
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
    name: 'of two paths below each other only that with affinity has a cookie',
    keys: ['affinity', 'server-alias'],
    annotations: { ...SESSION, 'server-alias': 'a1.sessions.test,a2.sessions.test' },
    paths: [{ path: '/foo/bar', service: 'alpha' }],
    objects: (world) => [
      ingress({
        name: nameOf(world, 'above'),
        created: '2026-02-01T00:00:00Z',
        rules: [{ host: world.host, paths: [{ path: '/foo', service: 'alpha' }] }],
      }),
      ingress({
        name: nameOf(world, 'any-host'),
        annotations: { 'nginx.ingress.kubernetes.io/affinity': 'cookie' },
        rules: [{ paths: [{ path: '/any-host', service: 'alpha' }] }],
      }),
    ],
    requests: [
      { path: '/foo', want: { headers: { 'set-cookie': undefined } } },
      { path: '/foo/bar', want: { headers: { 'set-cookie': /; Path=\/foo\/bar;/ } } },
      { host: 'a2.sessions.test', path: '/foo/bar', want: { headers: { 'set-cookie': /^INGRESSCOOKIE=/ } } },
      { host: 'whoever.test', path: '/any-host', want: { headers: { 'set-cookie': /^INGRESSCOOKIE=/ } } },
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
  return canaryOf(world, { name: 'canary', annotations });
}
