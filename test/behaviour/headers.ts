import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { once } from 'node:events';
import { ingress } from '../support/manifests.ts';
import type { BehaviourTable, Reach } from './case.ts';

function headersMap(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

const UPSTREAM = JSON.stringify({ headers: { 'x-frame-options': 'ALLOWALL', 'x-other': 'stays' } });
const MONEY = `$5 "100%" \\ 'x' #1 \${HOME} %[env(HOME)] $host`;

/** Paths that a server pushes beside `/`. */
async function pushedPaths({ host, httpsPort }: Reach, link: string): Promise<readonly string[]> {
  const session = http2.connect(`https://127.0.0.1:${httpsPort}`, { servername: host, rejectUnauthorized: false });
  try {
    const pushed: string[] = [];
    session.on('stream', (stream, headers) => {
      pushed.push(String(headers[':path']));
      stream.resume();
    });
    const wanted = JSON.stringify({ headers: { link } });
    const stream = session.request({ ':path': '/', ':authority': host, 'x-want': wanted });
    stream.resume();
    await once(stream, 'end');
    return pushed;
  } finally {
    session.destroy();
  }
}

export const HEADERS: BehaviourTable = {
  family: 'headers',
  cases: [
    {
      name: 'a plain Ingress is served',
      keys: [],
      requests: [
        { path: '/x', want: { backend: 'alpha', url: '/x', upstreamHeaders: { 'x-forwarded-prefix': undefined } } },
      ],
    },
    {
      name: 'the upstream gets another host, and all other headers as usual',
      keys: ['upstream-vhost'],
      annotations: { 'upstream-vhost': 'upstream.bar.com:8080' },
      requests: [
        {
          want: {
            backend: 'alpha',
            upstreamHeaders: {
              host: 'upstream.bar.com:8080',
              'x-forwarded-host': /^headers-\d+\.example\.com$/,
              'x-real-ip': '127.0.0.1',
              'x-forwarded-for': '127.0.0.1',
              'x-forwarded-proto': 'http',
              'x-request-id': /^[0-9a-f]{32}$/,
            },
          },
        },
      ],
    },
    {
      name: 'a host may be made of what is known of the Service and the request',
      keys: ['upstream-vhost'],
      annotations: { 'upstream-vhost': '$service_name.${namespace}.svc:$service_port' },
      requests: [{ want: { upstreamHeaders: { host: 'alpha.shop.svc:80' } } }],
    },
    {
      name: 'variables of the request',
      keys: ['upstream-vhost'],
      annotations: { 'upstream-vhost': 'x-$host' },
      requests: [{ want: { upstreamHeaders: { host: /^x-headers-\d+\.example\.com$/ } } }],
    },
    {
      name: 'a host with other variables is not taken',
      keys: [],
      annotations: { 'upstream-vhost': '$ssl_client_raw_cert' },
      requests: [{ want: { upstreamHeaders: { host: /^headers-\d+\.example\.com$/ } } }],
    },
    {
      name: 'the prefix that a rewrite takes away is told, and what the client says of it is not',
      keys: ['x-forwarded-prefix'],
      annotations: { 'x-forwarded-prefix': '/api', 'rewrite-target': '/$2' },
      paths: [{ path: '/api(/|$)(.*)', pathType: 'ImplementationSpecific', service: 'alpha' }],
      requests: [
        {
          path: '/api/x',
          headers: { 'x-forwarded-prefix': '/evil' },
          want: { url: '/x', upstreamHeaders: { 'x-forwarded-prefix': '/api' } },
        },
      ],
    },
    {
      name: 'the prefix is told for the root, too',
      keys: ['x-forwarded-prefix'],
      annotations: { 'x-forwarded-prefix': '/test/value', 'rewrite-target': '/foo' },
      requests: [{ want: { url: '/foo', upstreamHeaders: { 'x-forwarded-prefix': '/test/value' } } }],
    },
    {
      name: 'a prefix that is empty is none',
      keys: ['x-forwarded-prefix'],
      annotations: { 'x-forwarded-prefix': '', 'rewrite-target': '/foo' },
      requests: [{ want: { url: '/foo', upstreamHeaders: { 'x-forwarded-prefix': undefined } } }],
    },
    {
      name: 'the prefix may hold groups of the path',
      keys: ['x-forwarded-prefix'],
      annotations: {
        'x-forwarded-prefix': '/p/$1/$3',
        'rewrite-target': '/$2',
        'enable-cors': 'true',
        'cors-allow-origin': 'https://(a).com,https://b.com',
        'ssl-redirect': 'false',
      },
      paths: [{ path: '/(api|web)/([^!]*)', pathType: 'ImplementationSpecific', service: 'alpha' }],
      requests: [
        { path: '/api/x', want: { url: '/x', upstreamHeaders: { 'x-forwarded-prefix': '/p/api/' } } },
        {
          path: '/WEB/y?q',
          headers: { origin: 'https://b.com', 'x-forwarded-host': 'other.example.com' },
          want: { url: '/y?q', upstreamHeaders: { 'x-forwarded-prefix': '/p/WEB/' } },
        },
      ],
    },
    {
      name: 'a path cannot end the header of its prefix',
      keys: ['x-forwarded-prefix'],
      annotations: { 'x-forwarded-prefix': '/p/$1', 'rewrite-target': '/new' },
      paths: [{ path: '/(api[^/]*)', pathType: 'ImplementationSpecific', service: 'alpha' }],
      requests: [{ path: '/api', want: { url: '/new', upstreamHeaders: { 'x-forwarded-prefix': '/p/api' } } }],
      run: async ({ send, proxy }) => {
        for (const end of ['%0d%0a', '%0a', '%0d']) {
          const { status, body } = await send({ path: `/api${end}X-Evil:%20yes` });
          assert.equal(status, proxy === 'nginx' ? 200 : 400, body);
          assert.doesNotMatch(body, /"x-evil"/);
        }
      },
    },
    {
      name: 'without a rewrite there is no prefix',
      keys: ['x-forwarded-prefix'],
      annotations: { 'x-forwarded-prefix': '/api' },
      requests: [{ path: '/api', want: { upstreamHeaders: { 'x-forwarded-prefix': undefined } } }],
    },
    {
      name: 'connections to the upstream are closed',
      keys: ['connection-proxy-header'],
      annotations: { 'connection-proxy-header': 'close' },
      requests: [
        { want: { upstreamHeaders: { connection: 'close' } } },
        { want: { upstreamHeaders: { connection: 'close' } } },
      ],
    },
    {
      name: 'connections to the upstream are kept',
      keys: ['connection-proxy-header'],
      annotations: { 'connection-proxy-header': 'keep-alive' },
      requests: [{ want: { upstreamHeaders: { connection: /^keep-alive$|^\(none\)$/ } } }],
    },
    {
      name: 'headers of a ConfigMap that nobody allows close the route',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'shop/not-allowed' },
      objects: () => [headersMap('not-allowed', { 'X-One': '1' })],
      requests: [{ want: { status: 503 } }],
    },
    {
      name: 'a ConfigMap that is not there closes the route',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'not-there' },
      requests: [{ want: { status: 503 } }],
    },
    {
      name: 'nginx pushes what the upstream names',
      keys: ['http2-push-preload'],
      annotations: { 'http2-push-preload': 'true' },
      only: 'nginx',
      until: '1.25.1',
      tls: true,
      run: async (reach) => {
        const pushed = await pushedPaths(reach, '</style.css>; rel=preload; as=style');
        if (pushed.join(' ') !== '/style.css') throw new Error(`pushed: ${pushed.join(' ')}`);
      },
    },
    {
      name: 'the header that names what to fetch gets through',
      keys: [],
      annotations: { 'http2-push-preload': 'true' },
      requests: [
        {
          headers: { 'x-want': JSON.stringify({ headers: { link: '</style.css>; rel=preload' } }) },
          want: { headers: { link: '</style.css>; rel=preload' } },
        },
      ],
    },
  ],
};

/** Headers that the ConfigMap of global settings allows. */
export const HEADERS_ALLOWED: BehaviourTable = {
  family: 'headers',
  flags: ['--configmap', 'shop/custom-headers-settings'],
  objects: [
    headersMap('custom-headers-settings', {
      'global-allowed-response-headers': 'X-Frame-Options,x-money,X-Error,Pathtype,duplicated',
    }),
  ],
  cases: [
    {
      name: 'headers of a ConfigMap replace those of the upstream',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'shop/allowed' },
      objects: () => [headersMap('allowed', { 'X-Frame-Options': 'DENY', 'X-Money': MONEY })],
      requests: [
        {
          headers: { 'x-want': UPSTREAM },
          want: { backend: 'alpha', headers: { 'x-frame-options': 'DENY', 'x-other': 'stays', 'x-money': MONEY } },
        },
      ],
    },
    {
      name: 'of an exact path and a prefix, each has its own; of the same path, the oldest',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'shop/custom-headers-exact' },
      paths: [{ path: '/exact', service: 'alpha', pathType: 'Exact' }],
      objects: ({ host }) => [
        headersMap('custom-headers-exact', { Pathtype: 'exact' }),
        headersMap('custom-headers-prefix', { Pathtype: 'prefix' }),
        headersMap('custom-headers-duplicated', { Pathtype: 'prefix', duplicated: 'true' }),
        ...['prefix', 'duplicated'].map((kind, index) =>
          ingress({
            name: `${host.split('.')[0] ?? ''}-${kind}`,
            created: `2026-0${index + 2}-01T00:00:00Z`,
            annotations: { 'nginx.ingress.kubernetes.io/custom-headers': `shop/custom-headers-${kind}` },
            rules: [{ host, paths: [{ path: '/exact', service: 'alpha' }] }],
          }),
        ),
      ],
      requests: [
        { path: '/exact', want: { headers: { pathtype: 'exact' } } },
        { path: '/exact/suffix', want: { headers: { pathtype: 'prefix', duplicated: undefined } } },
      ],
    },
    {
      name: 'answers of the proxy itself have them, too',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'own' },
      paths: [{ path: '/', service: 'empty' }],
      objects: () => [headersMap('own', { 'X-Error': 'yes' })],
      requests: [{ want: { status: 503, headers: { 'x-error': 'yes' } } }],
    },
    {
      name: 'one header that is not allowed closes the route',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'shop/mixed' },
      objects: () => [headersMap('mixed', { 'X-Frame-Options': 'DENY', 'X-Two': '2' })],
      requests: [{ want: { status: 503, headers: { 'x-frame-options': undefined } } }],
    },
    {
      name: 'a value that no header can have closes the route',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'broken' },
      objects: () => [headersMap('broken', { 'X-Error': 'a\nSet-Cookie: b=c' })],
      requests: [{ want: { status: 503 } }],
    },
    {
      name: 'a ConfigMap of another namespace closes the route',
      keys: ['custom-headers'],
      annotations: { 'custom-headers': 'other/foreign' },
      objects: () => [headersMap('foreign', { 'X-Error': 'yes' }, 'other')],
      requests: [{ want: { status: 503, headers: { 'x-error': undefined } } }],
    },
  ],
};
