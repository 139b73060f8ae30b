import assert from 'node:assert/strict';
import type { Answer } from '../support/client.ts';
import { BAR_SHA512, basicAuth, usersSecret } from './basic-auth.ts';
import { canary } from './canary-choice.ts';
import type { BehaviourCase } from './case.ts';

const SESSION = { affinity: 'cookie' } as const;

/** That a cookie expires in so many seconds from now. */
function expires(cookie: string, seconds: number): void {
  const [, date = ''] = /; Expires=(\w{3}, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT);/.exec(cookie) ?? [];
  const off = Date.parse(date.replaceAll('-', ' ')) - Date.now() - seconds * 1000;
  assert.ok(Math.abs(off) < 60_000, `${cookie}: ${off}`);
}

function cookieOf({ headers }: Answer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** When the cookies of sessions expire. */
export const SESSION_DATES: readonly BehaviourCase[] = [
  {
    name: 'a date of expiry',
    keys: ['session-cookie-expires'],
    annotations: { ...SESSION, 'session-cookie-expires': '172800' },
    run: async (reach) => {
      for (const request of [{}, { method: 'POST', body: 'x'.repeat(3000) }]) {
        const { status, headers } = await reach.send(request);
        assert.equal(status, 200);
        expires(String(headers['set-cookie']), 172_800);
      }
      const cookie = cookieOf(await reach.send({}));
      assert.equal((await reach.send({ headers: { cookie } })).headers['set-cookie'], undefined);
      const other = await reach.send({ headers: { cookie: 'INGRESSCOOKIE=0123456789abcdef.00000000' } });
      expires(String(other.headers['set-cookie']), 172_800);
    },
  },
  {
    name: 'a date of expiry besides a lifetime, also for persistent sessions and at a canary',
    keys: ['session-cookie-expires', 'session-cookie-max-age'],
    annotations: {
      ...SESSION,
      'affinity-mode': 'persistent',
      'session-cookie-name': 'ExpiresCookie',
      'session-cookie-expires': '172800',
      'session-cookie-max-age': '259200',
    },
    objects: (world) => [canary(world, { name: 'dates', annotations: { 'canary-by-header': 'x-c' } })],
    run: async (reach) => {
      for (const choice of ['always', 'never']) {
        const { headers } = await reach.send({ headers: { 'x-c': choice } });
        assert.match(String(headers['set-cookie']), /^ExpiresCookie=.*; Max-Age=259200; Path=/);
        expires(String(headers['set-cookie']), 172_800);
      }
    },
  },
  {
    name: 'a date of expiry in the past',
    keys: ['session-cookie-expires'],
    annotations: { ...SESSION, 'session-cookie-expires': '-86400' },
    run: async (reach) => expires(String((await reach.send({})).headers['set-cookie']), -86_400),
  },
  {
    name: 'a date of expiry lets nobody in who is asked for a password',
    keys: ['session-cookie-expires'],
    annotations: {
      ...SESSION,
      ...basicAuth('session-users'),
      'session-cookie-expires': '172800',
      satisfy: 'any',
      'whitelist-source-range': '192.0.2.0/24',
    },
    objects: () => [usersSecret('session-users', { auth: `foo:${BAR_SHA512}` })],
    requests: [
      { want: { status: 401 } },
      { headers: { authorization: `Basic ${btoa('foo:bar')}` }, want: { headers: { 'set-cookie': /; Path=\/;/ } } },
    ],
  },
  {
    name: 'a date of expiry besides a password',
    keys: ['session-cookie-expires'],
    annotations: { ...SESSION, ...basicAuth('session-users'), 'session-cookie-expires': '172800' },
    run: async (reach) => {
      assert.equal((await reach.send({})).status, 401);
      const { headers } = await reach.send({ headers: { authorization: `Basic ${btoa('foo:bar')}` } });
      expires(String(headers['set-cookie']), 172_800);
    },
  },
  {
    name: 'a lifetime in place of a date of expiry where somebody else decides who may come in',
    keys: ['session-cookie-expires'],
    only: 'nginx',
    annotations: {
      ...SESSION,
      'session-cookie-expires': '172800',
      'auth-url': 'http://beta.shop.svc.cluster.local/auth',
    },
    requests: [{ want: { headers: { 'set-cookie': /=[0-9a-f.]+; Max-Age=172800; Path=\/; HttpOnly$/ } } }],
  },
];
