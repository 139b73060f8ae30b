import assert from 'node:assert/strict';
import type { BehaviourTable } from './case.ts';
import { AUTH, configMap, decided, NGINX, questionOf } from './external-auth-support.ts';

const PATHS = [
  { path: '/foo', service: 'alpha' },
  { path: '/bar', service: 'alpha' },
];

/** Of test/e2e/settings/global_external_auth.go of ingress-nginx. */
export const GLOBAL_AUTH_SETTINGS: BehaviourTable = {
  family: 'settings-auth',
  flags: ['--configmap', 'shop/settings'],
  objects: [
    configMap('settings', {
      'global-auth-url': `${AUTH}:80/status`,
      'global-auth-method': 'GET',
      'global-auth-signin': 'http://foo.com/global-error-page',
      'global-auth-response-headers': 'Foo, Bar',
      'global-auth-request-redirect': 'Foo-Redirect',
      'global-auth-cache-key': 'foo',
      'global-auth-cache-duration': '200 201 401 30m',
      'global-auth-snippet': 'proxy_set_header My-Custom-Header 42;',
      'no-auth-locations': '/bar',
    }),
  ],
  cases: [
    {
      name: 'who is not known is sent to the sign-in, but not from no-auth-locations',
      keys: [],
      ...NGINX,
      paths: PATHS,
      requests: [
        {
          path: '/foo',
          headers: decided(401),
          want: { status: 302, headers: { location: /^http:\/\/foo\.com\/global-error-page\?rd=http/ } },
        },
        { path: '/bar', headers: decided(401), want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'the question has the method and the redirect of the ConfigMap',
      keys: [],
      ...NGINX,
      run: async (reach) => {
        const { method, headers } = await questionOf(reach, { method: 'POST', path: '/ask', headers: decided(200) });
        assert.equal(method, 'GET');
        assert.equal(headers['x-auth-request-redirect'], 'Foo-Redirect');
      },
    },
    {
      name: 'endpoints get the headers of the answer',
      keys: [],
      ...NGINX,
      requests: [{ headers: decided(200, { foo: '1', bar: '2' }), want: { upstreamHeaders: { foo: '1', bar: '2' } } }],
    },
    {
      name: 'answers are kept',
      keys: [],
      ...NGINX,
      paths: PATHS,
      requests: [
        { path: '/foo', headers: decided(200), want: { backend: 'alpha' } },
        { path: '/foo', headers: decided(500), want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'HAProxy, which cannot ask, serves no-auth-locations, and what opts out',
      keys: ['enable-global-auth'],
      only: 'haproxy',
      paths: PATHS,
      requests: [
        { path: '/foo', want: { status: 503 } },
        { path: '/bar', want: { backend: 'alpha' } },
      ],
    },
  ],
};
