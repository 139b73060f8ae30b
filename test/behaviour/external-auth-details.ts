import assert from 'node:assert/strict';
import { ingress } from '../support/manifests.ts';
import type { BehaviourCase, CaseRequest } from './case.ts';
import { AUTH, closed, configMap, decided, NGINX, questionOf } from './external-auth-support.ts';

export const SIGNIN: readonly BehaviourCase[] = [
  {
    name: 'auth-signin sends a client there with the escaped way back',
    keys: ['auth-signin'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-signin': 'http://$host/auth/start' },
    run: async (reach) => {
      for (const path of ['/', '/a/b%20c?d=e&f=http://x:8/+;(1)', `/${'a=%20'.repeat(20)}`]) {
        const { status, headers } = await reach.send({ path, headers: decided(401, { 'set-cookie': 'c=d' }) });
        assert.equal(status, 302);
        const back = encodeURIComponent(path).replaceAll('(', '%28').replaceAll(')', '%29');
        assert.equal(headers.location, `http://${reach.host}/auth/start?rd=http://${reach.host}${back}`);
        assert.deepEqual(headers['set-cookie'], ['c=d']);
      }
      const long = await reach.send({ path: `/?${'a&'.repeat(80)}`, headers: decided(401) });
      assert.equal(long.headers.location, `http://${reach.host}/auth/start?rd=http://${reach.host}%2F`);
      assert.equal((await reach.send({ headers: decided(403) })).status, 403);
      assert.equal((await reach.send({})).status, 200);
    },
  },
  {
    name: 'auth-signin-redirect-param names the parameter, after those that are there',
    keys: ['auth-signin', 'auth-signin-redirect-param'],
    ...NGINX,
    annotations: {
      'auth-url': `${AUTH}/auth`,
      'auth-signin': 'https://login.example.com/start?a=b',
      'auth-signin-redirect-param': 'orig',
    },
    run: async (reach) => {
      const { headers } = await reach.send({ path: '/x?y=z', headers: decided(401) });
      assert.equal(headers.location, `https://login.example.com/start?a=b&orig=http://${reach.host}%2Fx%3Fy%3Dz`);
    },
  },
  {
    name: 'auth-signin is where clients are sent from paths that no rule has, too, before they are told that there is none',
    keys: ['auth-signin'],
    ...NGINX,
    annotations: {
      'auth-url': `${AUTH}/basic-auth/user/password`,
      'auth-signin': 'http://$host/auth/start',
      'auth-cache-key': 'fixed',
      'auth-cache-duration': '200 201 401 30m',
    },
    paths: [{ path: '/foo', service: 'alpha' }],
    objects: ({ host }) => [
      ingress({
        name: `bar-${host.split('.')[0]}`,
        created: '2026-02-01T00:00:00Z',
        rules: [{ host, paths: [{ path: '/bar', service: 'alpha' }] }],
      }),
    ],
    run: async (reach) => {
      const refused = await reach.send({ path: '/?a=b&c=d', headers: decided(401) });
      assert.equal(refused.status, 302);
      const way = `http://${reach.host}${encodeURIComponent('/?a=b&c=d')}`;
      assert.equal(refused.headers.location, `http://${reach.host}/auth/start?rd=${way}`);
      assert.equal((await reach.send({ path: '/bar', headers: decided(401) })).status, 200);
    },
  },
  {
    name: 'who is signed in is told that no rule has the path',
    keys: ['auth-signin'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-signin': 'http://$host/auth/start' },
    paths: [{ path: '/foo', service: 'alpha' }],
    requests: [
      { path: '/', want: { status: 404, body: /404 Not Found/ } },
      { path: '/sluice-has-no-files', want: { status: 404 } },
      { path: '/x', headers: decided(401), want: { status: 302 } },
    ],
  },
  {
    name: 'auth-signin with the parameter in it stays as it is',
    keys: ['auth-signin'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-signin': 'https://$host/start?rd=$escaped_request_uri' },
    run: async (reach) => {
      const { headers } = await reach.send({ path: '/x?y=z', headers: decided(401) });
      assert.equal(headers.location, `https://${reach.host}/start?rd=%2Fx%3Fy%3Dz`);
    },
  },
];

export const ANSWERS: readonly BehaviourCase[] = [
  {
    name: 'auth-response-headers reach the endpoints in place of those of the client',
    keys: ['auth-response-headers'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-response-headers': 'X-User, X-Group,authorization' },
    requests: [
      {
        headers: {
          ...decided(200, { 'x-user': 'ann', authorization: 'Bearer x' }),
          'x-user': 'root',
          'x-group': 'wheel',
        },
        want: {
          backend: 'alpha',
          upstreamHeaders: {
            'x-user': 'ann',
            'x-group': undefined,
            authorization: 'Bearer x',
            'x-real-ip': '127.0.0.1',
          },
        },
      },
    ],
  },
  {
    name: 'cookies of the answer reach the client when all goes well',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth` },
    requests: [
      { headers: decided(200, { 'set-cookie': 'a=b' }), want: { headers: { 'set-cookie': 'a=b' } } },
      {
        headers: { 'x-want': '{"status":404,"only":"alpha"}', cookie: 'x=y' },
        want: { status: 404, headers: { 'set-cookie': undefined } },
      },
    ],
  },
  {
    name: 'auth-always-set-cookie sets them on errors, too',
    keys: ['auth-always-set-cookie'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-always-set-cookie': 'true' },
    paths: [
      { path: '/', service: 'alpha' },
      { path: '/gone', service: 'alpha' },
    ],
    requests: [
      { headers: decided(403, { 'set-cookie': 'a=b' }), want: { status: 403, headers: { 'set-cookie': 'a=b' } } },
    ],
  },
];

export const QUESTIONS: readonly BehaviourCase[] = [
  {
    name: 'auth-method is how the service is asked',
    keys: ['auth-method'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-method': 'POST' },
    run: async (reach) => {
      const echo = await questionOf(reach, { path: '/a?b' });
      assert.equal(echo.method, 'POST');
      assert.equal(echo.headers['x-original-uri'], '/a?b');
      assert.equal(echo.headers['x-scheme'], 'http');
    },
  },
  {
    name: 'auth-request-redirect is told',
    keys: ['auth-request-redirect'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-request-redirect': 'https://x.example.com/back?a=b' },
    run: async (reach) => {
      const { headers } = await questionOf(reach, {});
      assert.equal(headers['x-auth-request-redirect'], 'https://x.example.com/back?a=b');
    },
  },
  {
    name: 'auth-proxy-set-headers are told, with variables of the request',
    keys: ['auth-proxy-set-headers'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'auth-proxy-set-headers': 'auth-told' },
    objects: () => [
      configMap('auth-told', { 'X-Forwarded-Host': '$host', 'X-Text': 'a "b"; {c} \\', 'X-Real-IP': '192.0.2.1' }),
    ],
    run: async (reach) => {
      const { headers } = await questionOf(reach, {});
      assert.equal(headers['x-forwarded-host'], reach.host);
      assert.equal(headers['x-text'], 'a "b"; {c} \\');
      assert.equal(headers['x-real-ip'], '192.0.2.1');
    },
  },
  {
    name: 'auth-cache-key keeps answers for auth-cache-duration',
    keys: ['auth-cache-key', 'auth-cache-duration'],
    ...NGINX,
    annotations: {
      'auth-url': `${AUTH}/auth`,
      'auth-cache-key': '$remote_user$http_authorization',
      'auth-cache-duration': '200 202 10m, 401 5m',
    },
    run: async (reach) => {
      const as = (user: string, status: number): CaseRequest => ({
        headers: { authorization: user, ...decided(status) },
      });
      const statuses = [as('ann', 200), as('ann', 401), as('bob', 401), as('bob', 200), as('cat', 200)];
      const answers: number[] = [];
      for (const request of statuses) answers.push((await reach.send(request)).status);
      assert.deepEqual(answers, [200, 200, 401, 401, 200]);
    },
  },
  {
    name: 'answers are kept for one host and one rule, and hold when nobody can be asked any more',
    keys: ['auth-cache-key', 'auth-cache-duration'],
    ...NGINX,
    annotations: {
      'auth-url': `${AUTH}/basic-auth/user/password`,
      'auth-signin': 'http://$host/auth/start',
      'auth-cache-key': 'fixed',
      'auth-cache-duration': '200 201 401 30m',
      'server-alias': 'kept.auth.test',
    },
    paths: [
      { path: '/foo', service: 'alpha' },
      { path: '/bar', service: 'alpha' },
    ],
    requests: [
      { path: '/foo', want: { backend: 'alpha' } },
      // As if the service was gone: such an answer is not kept, and is 500 to clients.
      { path: '/foo', headers: decided(502), want: { backend: 'alpha' } },
      { path: '/foo/x', headers: decided(502), want: { backend: 'alpha' } },
      { path: '/bar', headers: decided(502), want: { status: 500 } },
      { path: '/foo', host: 'kept.auth.test', headers: decided(502), want: { status: 500 } },
    ],
  },
  {
    name: 'auth-keepalive and its kin are taken; connections are kept anyway',
    keys: ['auth-keepalive', 'auth-keepalive-requests', 'auth-keepalive-timeout', 'auth-keepalive-share-vars'],
    ...NGINX,
    annotations: {
      'auth-url': `${AUTH}/auth`,
      'auth-keepalive': '10',
      'auth-keepalive-requests': '100',
      'auth-keepalive-timeout': '60',
      'auth-keepalive-share-vars': 'true',
    },
    run: async (reach) => {
      const { headers } = await questionOf(reach, {});
      assert.notEqual(headers.connection, 'close');
      assert.equal((await reach.send({ headers: decided(401) })).status, 401);
    },
  },
];

export const WRONG: readonly BehaviourCase[] = [
  closed('auth-url', 'http://$http_x/auth'),
  closed('auth-signin', 'javascript:x'),
  closed('auth-signin-redirect-param', 'a&b', { 'auth-signin': 'http://a/b' }),
  closed('auth-response-headers', 'X User'),
  closed('auth-method', 'GET;'),
  closed('auth-proxy-set-headers', 'nobody-made-it'),
  closed('auth-request-redirect', 'http://x/#'),
  closed('auth-always-set-cookie', 'maybe'),
  closed('auth-cache-duration', '200 maybe', { 'auth-cache-key': 'x' }),
  closed('auth-cache-key', '$document_root'),
];
