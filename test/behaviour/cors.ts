import type { BehaviourRequest, BehaviourTable } from './case.ts';
import { BAR_SHA512, basicAuth, usersSecret } from './basic-auth.ts';

const ALLOW = 'access-control-allow-origin';
const HEADERS =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
const ON = { 'enable-cors': 'true' } as const;
const ORIGIN = 'https://shop.example.com';

function from(origin: string, want: BehaviourRequest['want'], more: Partial<BehaviourRequest> = {}): BehaviourRequest {
  return { ...more, headers: { origin, ...more.headers }, want };
}

/** What an allowed origin gets, and any other one does not. */
function allowed(origin: string): BehaviourRequest {
  return from(origin, { backend: 'alpha', headers: { [ALLOW]: origin, 'access-control-allow-credentials': 'true' } });
}

function refused(origin: string): BehaviourRequest {
  const none = { [ALLOW]: undefined, 'access-control-allow-methods': undefined, 'access-control-max-age': undefined };
  return from(origin, { backend: 'alpha', headers: none });
}

const OWN = {
  [ALLOW]: 'https://upstream.example.com',
  'access-control-allow-methods': 'TRACE',
  'access-control-max-age': '1',
  'access-control-expose-headers': 'x-upstream',
};

export const CORS: BehaviourTable = {
  family: 'cors',
  cases: [
    {
      name: 'without a list every origin is allowed, with the defaults of ingress-nginx, with and without an origin',
      keys: ['enable-cors'],
      annotations: ON,
      requests: [
        {
          want: {
            headers: {
              [ALLOW]: '*',
              'access-control-allow-credentials': 'true',
              'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
              'access-control-allow-headers': HEADERS,
              'access-control-max-age': '1728000',
              'access-control-expose-headers': undefined,
            },
          },
        },
        from(ORIGIN, { status: 204, headers: { [ALLOW]: '*' } }, { method: 'OPTIONS' }),
        { method: 'OPTIONS', want: { status: 204, headers: { [ALLOW]: '*' } } },
      ],
    },
    {
      name: 'only what is listed is allowed',
      keys: ['cors-allow-origin'],
      annotations: {
        ...ON,
        'cors-allow-origin': `${ORIGIN}, http://*.origin.com:8080, null, https://a.com:9000,not an origin,`,
      },
      requests: [
        allowed(ORIGIN),
        allowed('HTTPS://SHOP.example.com'),
        allowed('http://one.origin.com:8080'),
        allowed('null'),
        allowed('https://a.com:9000'),
        refused('https://shop.example.com.evil.com'),
        refused('https://evil.com/https://shop.example.com'),
        refused('https://shopXexample.com'),
        refused('https://shop.example.com:8443'),
        refused('http://two.one.origin.com:8080'),
        refused('http://.origin.com:8080'),
        refused('http://one.origin.com'),
        refused('https://a.com'),
        refused('nullx'),
        { want: { backend: 'alpha', headers: { [ALLOW]: undefined, vary: /Origin/ } } },
      ],
    },
    {
      name: 'a preflight request of an allowed origin never reaches the upstream, and that of another one does',
      keys: ['enable-cors', 'cors-allow-origin'],
      annotations: { ...ON, 'cors-allow-origin': ORIGIN },
      requests: [
        from(ORIGIN, { status: 204, headers: { [ALLOW]: ORIGIN, vary: /Origin/ } }, { method: 'OPTIONS' }),
        from('https://evil.com', { backend: 'alpha', headers: { [ALLOW]: undefined } }, { method: 'OPTIONS' }),
      ],
    },
    {
      name: 'every header can be set',
      keys: [
        'cors-allow-methods',
        'cors-allow-headers',
        'cors-expose-headers',
        'cors-allow-credentials',
        'cors-max-age',
      ],
      annotations: {
        ...ON,
        'cors-allow-methods': 'GET, POST',
        'cors-allow-headers': 'X-One, X_Two',
        'cors-expose-headers': '*, X-Three',
        'cors-allow-credentials': 'false',
        'cors-max-age': '600',
      },
      requests: ['GET', 'OPTIONS'].map((method) => ({
        method,
        want: {
          status: [200, 204],
          headers: {
            'access-control-allow-methods': 'GET, POST',
            'access-control-allow-headers': 'X-One, X_Two',
            'access-control-expose-headers': '*, X-Three',
            'access-control-allow-credentials': undefined,
            'access-control-max-age': '600',
          },
        },
      })),
    },
    {
      name: 'every header can be set for a list of origins, too',
      keys: ['cors-allow-methods', 'cors-expose-headers', 'cors-max-age', 'cors-allow-headers'],
      annotations: {
        ...ON,
        'cors-allow-origin': ORIGIN,
        'cors-allow-methods': 'GET, POST',
        'cors-allow-headers': 'X-One',
        'cors-expose-headers': 'X-Three',
        'cors-max-age': '0',
      },
      requests: [
        from(ORIGIN, {
          headers: {
            'access-control-allow-methods': 'GET, POST',
            'access-control-allow-headers': 'X-One',
            'access-control-expose-headers': 'X-Three',
            'access-control-max-age': '0',
          },
        }),
        refused('https://evil.com'),
      ],
    },
    {
      name: 'what the upstream says is replaced',
      keys: ['enable-cors'],
      annotations: { ...ON, 'cors-allow-origin': ORIGIN },
      requests: [ORIGIN, 'https://evil.com'].map((origin) => ({
        headers: { origin, 'x-want': JSON.stringify({ headers: OWN }) },
        want: {
          headers: {
            [ALLOW]: origin === ORIGIN ? ORIGIN : undefined,
            'access-control-expose-headers': undefined,
            'access-control-max-age': origin === ORIGIN ? '1728000' : undefined,
          },
        },
      })),
    },
    {
      name: 'answers of the proxy say it, too: 401',
      keys: ['enable-cors'],
      annotations: { ...ON, 'cors-allow-origin': ORIGIN, ...basicAuth('cors') },
      objects: () => [usersSecret('cors', { auth: `foo:${BAR_SHA512}` })],
      requests: [
        from(ORIGIN, { status: 401, headers: { [ALLOW]: ORIGIN } }),
        from(ORIGIN, { status: 204, headers: { [ALLOW]: ORIGIN } }, { method: 'OPTIONS' }),
        from('https://evil.com', { status: 401, headers: { [ALLOW]: undefined } }),
      ],
    },
    {
      name: 'answers of the proxy say it, too: 503 without endpoints, and redirects',
      keys: ['enable-cors'],
      annotations: ON,
      tls: true,
      paths: [{ path: '/', service: 'empty' }],
      requests: [
        { tls: true, want: { status: 503, headers: { [ALLOW]: '*' } } },
        { want: { status: 308, headers: { [ALLOW]: '*' } } },
        { method: 'OPTIONS', want: { status: 204, headers: { [ALLOW]: '*' } } },
      ],
    },
    {
      name: 'a list without one origin allows none, and one * allows all',
      keys: ['cors-allow-origin'],
      annotations: { ...ON, 'cors-allow-origin': 'shop.example.com:8080, a;b' },
      requests: [refused(ORIGIN), { method: 'OPTIONS', want: { backend: 'alpha' } }],
    },
    {
      name: 'a list of spaces is none: all are allowed',
      keys: ['cors-allow-origin'],
      annotations: { ...ON, 'cors-allow-origin': '      ' },
      requests: [
        from('http://origin.com', { headers: { [ALLOW]: '*' } }),
        from('test.origin.com', { headers: { [ALLOW]: '*' } }),
      ],
    },
    {
      name: 'items that are empty, or no origin, are left out',
      keys: ['cors-allow-origin'],
      annotations: {
        ...ON,
        'cors-allow-origin':
          'https://origin-123.cors.com:8080, ,https://origin-321.cors.com:8080, origin.cors.com:8080, tauri://localhost:3000,',
      },
      requests: [
        allowed('https://origin-123.cors.com:8080'),
        allowed('https://origin-321.cors.com:8080'),
        allowed('tauri://localhost:3000'),
        refused('tauri://localhost'),
        refused('origin.cors.com:8080'),
        refused('https://unknown.origin.com:8080'),
        { want: { headers: { [ALLOW]: undefined, 'access-control-allow-methods': undefined } } },
      ],
    },
    {
      name: 'wildcards are for one label, with the port that is there',
      keys: ['cors-allow-origin'],
      annotations: { ...ON, 'cors-allow-origin': 'http://*.origin.cors.com, http://*.origin.com:8080' },
      requests: [
        allowed('http://foo.origin.cors.com'),
        allowed('http://bar-foo.origin.cors.com'),
        allowed('http://abc.origin.com:8080'),
        refused('http://bar.foo.origin.cors.com'),
        refused('http://origin.com:8080'),
        refused('http://abc.origin.com'),
      ],
    },
    {
      name: 'one * in a list allows all',
      keys: ['cors-allow-origin'],
      annotations: { ...ON, 'cors-allow-origin': 'https://a.com, *' },
      requests: [from('https://evil.com', { headers: { [ALLOW]: '*' } })],
    },
    {
      name: 'nothing is said unless enable-cors is true',
      keys: ['enable-cors'],
      annotations: { 'cors-allow-origin': '*' },
      requests: [refused(ORIGIN)],
    },
  ],
};
