import assert from 'node:assert/strict';
import type { BehaviourCase, BehaviourTable } from './case.ts';
import { ANSWERS, QUESTIONS, SIGNIN, WRONG } from './external-auth-details.ts';
import { AUTH, configMap, decided, NGINX, questionOf } from './external-auth-support.ts';

const DECISIONS: readonly BehaviourCase[] = [
  {
    name: 'auth-url lets in for 2xx, hands on 401 and 403, and answers 500 for the rest',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth` },
    requests: [
      { path: '/a?b=c', want: { backend: 'alpha', url: '/a?b=c' } },
      { headers: decided(204), want: { backend: 'alpha' } },
      {
        headers: decided(401, { 'www-authenticate': 'Basic realm="x"' }),
        want: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      },
      { headers: decided(403), want: { status: 403 } },
      { headers: decided(302, { location: '/login' }), want: { status: 500 } },
      { headers: decided(404), want: { status: 500 } },
      { headers: decided(503), want: { status: 500 } },
    ],
  },
  {
    name: 'the question tells about the request, and has no body',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth?from=$arg_from` },
    run: async (reach) => {
      const headers = { cookie: 'a=b', 'x-forwarded-for': '192.0.2.9', 'x-forwarded-host': 'other.example.com' };
      const echo = await questionOf(reach, { method: 'POST', path: '/a?from=x%20y&b', body: 'abc', headers });
      assert.equal(echo.method, 'GET');
      assert.equal(echo.url, '/auth?from=x%20y');
      const { host, cookie } = echo.headers;
      assert.deepEqual({ host, cookie }, { host: 'beta.shop.svc.cluster.local', cookie: 'a=b' });
      assert.equal(echo.headers['content-length'], undefined);
      assert.equal(echo.headers['x-forwarded-host'], undefined);
      assert.equal(echo.headers['x-original-method'], 'POST');
      assert.equal(echo.headers['x-original-url'], `http://${reach.host}/a?from=x%20y&b`);
      assert.equal(echo.headers['x-auth-request-redirect'], '/a?from=x%20y&b');
      assert.equal(echo.headers['x-sent-from'], 'nginx-ingress-controller');
      assert.equal(echo.headers['x-real-ip'], '127.0.0.1');
      assert.equal(echo.headers['x-forwarded-for'], '127.0.0.1');
    },
  },
  {
    name: 'a body larger than the usual limit is not refused by the question',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'proxy-body-size': '4m' },
    requests: [{ method: 'POST', body: 'x'.repeat(2_000_000), want: { backend: 'alpha' } }],
  },
  {
    name: 'the endpoints get the request of the client as it was',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth` },
    requests: [
      {
        method: 'POST',
        body: 'abc',
        path: '/x?y',
        want: {
          backend: 'alpha',
          url: '/x?y',
          upstreamHeaders: { 'content-length': '3', 'x-original-url': undefined },
        },
      },
    ],
  },
  {
    name: 'the location of the question cannot be reached from outside',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth` },
    run: async (reach) => {
      for (const id of ['', 'x']) {
        const headers = decided(401);
        assert.equal((await reach.send({ path: `/_external-auth-${id}`, headers })).status, 401);
      }
    },
  },
  {
    name: 'rules of one host are asked about on their own',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'use-regex': 'true' },
    paths: [
      { path: '/a/.*', pathType: 'ImplementationSpecific', service: 'alpha' },
      { path: '/b', pathType: 'Exact', service: 'gamma' },
      { path: '/', service: 'alpha' },
    ],
    requests: [
      { path: '/a/b', headers: decided(401), want: { status: 401 } },
      { path: '/b', headers: decided(401), want: { status: 401 } },
      { path: '/b', want: { backend: 'gamma' } },
      { path: '/c', headers: decided(403), want: { status: 403 } },
    ],
  },
  {
    name: 'a Service without endpoints lets nobody in',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': 'http://empty.shop.svc.cluster.local/auth' },
    requests: [{ want: { status: 500 } }],
  },
  {
    name: 'a host that cannot be looked up lets nobody in',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': 'https://auth.invalid/auth' },
    requests: [{ want: { status: [500, 503] } }],
  },
  {
    name: 'paths of ACME need no authentication',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth` },
    paths: [
      { path: '/.well-known/acme-challenge/abc', pathType: 'Exact', service: 'gamma' },
      { path: '/', service: 'alpha' },
    ],
    requests: [
      { path: '/.well-known/acme-challenge/abc', headers: decided(401), want: { backend: 'gamma' } },
      { path: '/.well-known/acme-challenge/other', headers: decided(401), want: { status: 401 } },
    ],
  },
  {
    name: 'error pages for 401 and 403 do not let in (CVE-2026-24513)',
    keys: ['auth-url'],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'custom-http-errors': '401,403', 'default-backend': 'gamma' },
    requests: [{ headers: decided(403), want: { backend: 'gamma', upstreamHeaders: { 'x-code': '403' } } }],
  },
  {
    name: 'a preflight request is not asked about',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, 'enable-cors': 'true' },
    requests: [
      { method: 'OPTIONS', headers: { origin: 'http://x.com', ...decided(401) }, want: { status: 204 } },
      { headers: decided(401), want: { status: 401, headers: { 'access-control-allow-origin': '*' } } },
    ],
  },
  {
    name: 'satisfy any takes an address in place of the answer',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, satisfy: 'any', 'whitelist-source-range': '127.0.0.0/8' },
    requests: [{ headers: decided(403), want: { backend: 'alpha' } }],
  },
  {
    name: 'satisfy any takes the answer in place of an address',
    keys: [],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, satisfy: 'any', 'whitelist-source-range': '10.0.0.0/8' },
    requests: [{ want: { backend: 'alpha' } }, { headers: decided(401), want: { status: [401, 403] } }],
  },
  {
    name: 'HAProxy cannot ask, and closes the route',
    keys: [],
    only: 'haproxy',
    annotations: { 'auth-url': `${AUTH}/auth` },
    requests: [{ want: { status: 503 } }],
  },
];

export const EXTERNAL_AUTH: BehaviourTable = {
  family: 'external-auth',
  cases: [...DECISIONS, ...SIGNIN, ...ANSWERS, ...QUESTIONS, ...WRONG],
};

const OPEN: Readonly<Record<string, string>> = { 'enable-global-auth': 'false' };

/** With a service that decides about everything. */
export const GLOBAL_AUTH: BehaviourTable = {
  family: 'global-auth',
  flags: ['--configmap', 'ingress/nginx'],
  objects: [
    configMap('nginx', { 'global-auth-url': `${AUTH}/global`, 'global-auth-response-headers': 'X-User' }, 'ingress'),
  ],
  cases: [
    {
      name: 'global-auth-url decides where there is no auth-url',
      keys: ['enable-global-auth'],
      ...NGINX,
      requests: [
        { headers: decided(200, { 'x-user': 'ann' }), want: { upstreamHeaders: { 'x-user': 'ann' } } },
        { headers: decided(401), want: { status: 401 } },
      ],
    },
    {
      name: 'an auth-url of its own is asked in place of it',
      keys: ['enable-global-auth'],
      ...NGINX,
      annotations: { 'auth-url': `${AUTH}/own`, 'enable-global-auth': 'true' },
      run: async (reach) => {
        assert.equal((await questionOf(reach, {})).url, '/own');
      },
    },
    {
      name: 'enable-global-auth "false" opts out',
      keys: ['enable-global-auth'],
      annotations: OPEN,
      requests: [{ headers: decided(401), want: { backend: 'alpha' } }],
    },
    {
      name: 'HAProxy cannot ask, and closes the routes that do not opt out',
      keys: ['enable-global-auth'],
      only: 'haproxy',
      requests: [{ want: { status: 503 } }],
    },
  ],
};
