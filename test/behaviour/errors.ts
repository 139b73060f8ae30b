import type { BehaviourRequest, BehaviourTable } from './case.ts';
import { BAR_SHA512, basicAuth, usersSecret } from './basic-auth.ts';

/** The upstream answers with this status; the backend for errors, `gamma`, as usual or with another one. */
function failing(
  status: number,
  want: BehaviourRequest['want'],
  more: Partial<BehaviourRequest> = {},
): BehaviourRequest {
  const headers = { ...more.headers, 'x-want': JSON.stringify({ only: 'alpha', status }) };
  return { path: '/a/b?c=d', ...more, headers, want };
}

const GAMMA = { 'default-backend': 'gamma' } as const;
const PAGES = { 'custom-http-errors': '404, 500,503', ...GAMMA } as const;

export const ERRORS: BehaviourTable = {
  family: 'errors',
  cases: [
    {
      name: 'answers with a listed code come from the default backend, with its status, and it is told why',
      keys: ['custom-http-errors', 'default-backend'],
      annotations: PAGES,
      only: 'nginx',
      requests: [
        failing(
          404,
          {
            status: 200,
            backend: 'gamma',
            url: '/?c=d',
            upstreamHeaders: {
              'x-code': '404',
              'x-format': 'text/html',
              'x-original-uri': '/a/b?c=d',
              'x-namespace': 'shop',
              'x-ingress-name': /^errors-\d+$/,
              'x-service-name': 'alpha',
              'x-service-port': '80',
              'x-request-id': /^[0-9a-f]{32}$/,
              'x-forwarded-for': '127.0.0.1',
              host: /^errors-\d+\.example\.com$/,
            },
          },
          { headers: { accept: 'text/html' } },
        ),
        failing(500, { backend: 'gamma', upstreamHeaders: { 'x-code': '500' } }, { method: 'POST', body: 'x=y' }),
        failing(502, { status: 502, body: /"backend":"alpha"/ }),
        { want: { backend: 'alpha', upstreamHeaders: { 'x-code': undefined } } },
      ],
    },
    {
      name: 'the status is that of the default backend',
      keys: ['custom-http-errors'],
      annotations: PAGES,
      only: 'nginx',
      requests: [
        {
          headers: { 'x-want': JSON.stringify({ status: 404 }) },
          want: { status: 404, body: /"backend":"gamma"/ },
        },
      ],
    },
    {
      name: 'without a default backend of its own, it is that of everything, which is 404',
      keys: ['custom-http-errors'],
      annotations: { 'custom-http-errors': '503' },
      only: 'nginx',
      requests: [failing(503, { status: 404, body: /404 Not Found/ }), failing(404, { status: 404, body: /alpha/ })],
    },
    {
      name: 'errors of the proxy itself are replaced, too',
      keys: ['custom-http-errors'],
      annotations: { 'custom-http-errors': '401,413', ...GAMMA, ...basicAuth('errors'), 'proxy-body-size': '1k' },
      objects: () => [usersSecret('errors', { auth: `foo:${BAR_SHA512}` })],
      only: 'nginx',
      requests: [
        { want: { backend: 'gamma', upstreamHeaders: { 'x-code': '401' } } },
        {
          headers: { authorization: `Basic ${btoa('foo:baz')}` },
          want: { backend: 'gamma', upstreamHeaders: { authorization: undefined } },
        },
        { headers: { authorization: `Basic ${btoa('foo:bar')}` }, want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'answers of endpoints may stay as they are',
      keys: ['disable-proxy-intercept-errors'],
      annotations: { ...PAGES, 'disable-proxy-intercept-errors': 'true' },
      requests: [failing(404, { status: 404, body: /"backend":"alpha"/ })],
    },
    {
      name: 'errors of the proxy itself are replaced all the same',
      keys: ['disable-proxy-intercept-errors'],
      annotations: { 'custom-http-errors': '503', ...GAMMA, 'disable-proxy-intercept-errors': 'true' },
      paths: [{ path: '/', service: 'empty' }],
      requests: [{ want: { backend: 'gamma' } }],
    },
    {
      name: 'error pages have the headers of the route',
      keys: ['custom-http-errors'],
      annotations: { ...PAGES, 'enable-cors': 'true', 'cors-allow-origin': 'https://a.com' },
      only: 'nginx',
      requests: [
        failing(
          404,
          { backend: 'gamma', headers: { 'access-control-allow-origin': 'https://a.com' } },
          { headers: { origin: 'https://a.com' } },
        ),
      ],
    },
    {
      name: 'paths of one host have error pages of their own, and expressions for paths, too',
      keys: ['custom-http-errors'],
      annotations: { ...PAGES, 'rewrite-target': '/r$1' },
      paths: [
        { path: '/x(.*)', pathType: 'ImplementationSpecific', service: 'alpha' },
        { path: '/y(.*)', pathType: 'ImplementationSpecific', service: 'beta' },
      ],
      only: 'nginx',
      requests: [
        failing(404, { backend: 'gamma', upstreamHeaders: { 'x-service-name': 'alpha' } }, { path: '/x1' }),
        failing(404, { backend: 'beta', url: '/r1' }, { path: '/y1' }),
      ],
    },
    {
      name: 'the default backend serves while the Service has no endpoint, with the path as it is',
      keys: ['default-backend'],
      annotations: GAMMA,
      paths: [
        { path: '/', service: 'empty' },
        { path: '/missing', service: 'not-there' },
        { path: '/alpha', service: 'alpha' },
      ],
      requests: [
        {
          path: '/a?b=c',
          want: {
            backend: 'gamma',
            url: '/a?b=c',
            upstreamHeaders: {
              'x-code': '503',
              'x-namespace': 'shop',
              'x-service-name': 'empty',
              'x-service-port': '80',
              'x-original-uri': '/a?b=c',
              'x-request-id': /^[0-9a-f]{32}$/,
              'x-forwarded-for': '127.0.0.1',
            },
          },
        },
        {
          path: '/missing',
          headers: { 'x-request-id': 'something-unique' },
          want: {
            backend: 'gamma',
            url: '/missing',
            upstreamHeaders: {
              'x-code': '503',
              'x-ingress-name': /^errors-\d+$/,
              'x-service-name': 'not-there',
              'x-service-port': '80',
              'x-request-id': 'something-unique',
            },
          },
        },
        { path: '/alpha', want: { backend: 'alpha', upstreamHeaders: { 'x-code': undefined } } },
      ],
    },
    {
      name: 'who may come to a Service without endpoints stays the same',
      keys: ['default-backend'],
      annotations: { ...GAMMA, ...basicAuth('stand-in') },
      paths: [{ path: '/', service: 'empty' }],
      objects: () => [usersSecret('stand-in', { auth: `foo:${BAR_SHA512}` })],
      requests: [
        { want: { status: 401 } },
        {
          headers: { authorization: `Basic ${btoa('foo:bar')}` },
          want: { backend: 'gamma', upstreamHeaders: { authorization: undefined } },
        },
      ],
    },
    {
      name: 'a default backend without endpoints, or that is not there, serves nobody',
      keys: ['default-backend'],
      annotations: { 'default-backend': 'not-there' },
      paths: [{ path: '/', service: 'empty' }],
      requests: [{ want: { status: 503 } }],
    },
  ],
};

/** The default backend of everything. */
export const ERRORS_OF_ALL: BehaviourTable = {
  family: 'errors',
  flags: ['--default-backend', 'shop/beta:80'],
  cases: [
    {
      name: 'error pages come from the default backend of everything',
      keys: ['custom-http-errors'],
      annotations: { 'custom-http-errors': '404' },
      only: 'nginx',
      requests: [failing(404, { backend: 'beta', upstreamHeaders: { 'x-code': '404', 'x-service-name': 'alpha' } })],
    },
    {
      name: 'a default backend of its own that has no endpoint is not used',
      keys: ['default-backend'],
      annotations: { 'custom-http-errors': '404', 'default-backend': 'empty' },
      only: 'nginx',
      requests: [failing(404, { backend: 'beta' })],
    },
  ],
};
