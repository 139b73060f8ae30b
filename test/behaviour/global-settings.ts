import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import type { BehaviourTable, Reach } from './case.ts';

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

/** What a TLS handshake comes to: protocol and ALPN, or the error. */
async function shake({ httpsPort, host }: Reach, minVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  return new Promise((resolve) => {
    const options = { port: httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false, minVersion };
    const socket = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      resolve(`${String(socket.getProtocol())} ${String(socket.alpnProtocol)}`);
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });
}

const FROM = (address: string) => ({ 'x-real-client': address });

/** The ConfigMap of ingress-nginx over the flags of sluice. Its keys are none of annotations, which `keys` would name. */
export const GLOBAL_SETTINGS: BehaviourTable = {
  family: 'global-settings',
  flags: ['--configmap', 'shop/settings'],
  objects: [
    configMap('settings', {
      hsts: 'true',
      'hsts-max-age': '100',
      'hsts-include-subdomains': 'false',
      'http-redirect-code': '307',
      'no-tls-redirect-locations': '/plain',
      'ssl-protocols': 'TLSv1.2',
      'use-http2': 'false',
      'proxy-body-size': '2k',
      'use-forwarded-headers': 'true',
      'proxy-real-ip-cidr': '127.0.0.0/8',
      'forwarded-for-header': 'X-Real-Client',
      'forwarded-host-header': 'X-Host',
      'compute-full-forwarded-for': 'true',
      'add-headers': 'shop/answers',
      'proxy-set-headers': 'shop/requests',
      'hide-headers': 'Keep-Alive',
      'block-user-agents': 'BadBot,~*evil.*crawler',
      'block-referers': '~*spam\\.example',
      'block-cidrs': '192.0.2.0/24,2001:db8::/32',
      'enable-underscores-in-headers': 'true',
      'generate-request-id': 'false',
      'proxy-add-original-uri-header': 'true',
      'server-tokens': 'true',
      'use-gzip': 'true',
      'gzip-min-length': '1',
      'limit-req-status-code': '429',
    }),
    configMap('answers', { 'X-Frame-Options': 'DENY', 'X-Asked': '${host} by $request_method, 100%' }),
    configMap('requests', { 'X-Forwarded-Scheme': 'always', 'X-From': '$remote_addr', 'X-Tenant': 't-$http_tenant' }),
  ],
  cases: [
    {
      name: 'answers over TLS, and no others, have HSTS; redirects have the code of the ConfigMap',
      keys: [],
      tls: true,
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/plain', service: 'beta' },
      ],
      requests: [
        { tls: true, want: { backend: 'alpha', headers: { 'strict-transport-security': 'max-age=100' } } },
        {
          path: '/x/',
          want: {
            status: 307,
            headers: { location: /^https:\/\/[^/]+\/x\/$/, 'strict-transport-security': undefined },
          },
        },
        { path: '/plain/x', want: { backend: 'beta' } },
      ],
      run: async (reach) => {
        assert.equal(await shake(reach, 'TLSv1.3'), 'refused');
        assert.equal(await shake(reach, 'TLSv1.2'), 'TLSv1.2 http/1.1');
      },
    },
    {
      name: 'headers of the ConfigMaps reach clients and endpoints',
      keys: [],
      requests: [
        {
          path: '/a?b=c',
          headers: { tenant: 'one', under_score: 'yes' },
          want: {
            headers: {
              'x-frame-options': 'DENY',
              'x-asked': /^global-settings-1\.example\.com by GET, 100%$/,
              'keep-alive': undefined,
            },
            upstreamHeaders: {
              'x-forwarded-scheme': 'always',
              'x-from': '127.0.0.1',
              'x-tenant': 't-one',
              'x-original-uri': '/a?b=c',
              'x-request-id': undefined,
              under_score: 'yes',
            },
          },
        },
        { path: '/a', headers: { 'x-request-id': 'mine' }, want: { upstreamHeaders: { 'x-request-id': 'mine' } } },
      ],
    },
    {
      name: 'what an annotation adds does not take the others away',
      keys: [],
      annotations: { 'enable-cors': 'true' },
      requests: [
        {
          headers: { origin: 'https://a.example' },
          want: { headers: { 'x-frame-options': 'DENY', 'access-control-allow-origin': '*', 'keep-alive': undefined } },
        },
        {
          method: 'OPTIONS',
          headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
          want: { status: 204, headers: { 'x-frame-options': 'DENY' } },
        },
      ],
    },
    {
      name: 'a trusted proxy tells the address, the host and the scheme by the headers of the ConfigMap',
      keys: [],
      requests: [
        {
          headers: {
            ...FROM('203.0.113.7'),
            'x-host': 'seen.example.com',
            'x-forwarded-proto': 'https',
            'x-forwarded-for': '10.9.9.9',
          },
          want: {
            upstreamHeaders: {
              'x-real-ip': '203.0.113.7',
              'x-from': '203.0.113.7',
              'x-forwarded-host': 'seen.example.com',
              'x-forwarded-proto': 'https',
              'x-forwarded-for': '10.9.9.9, 127.0.0.1',
            },
          },
        },
      ],
    },
    {
      name: 'clients are refused by address, User-Agent and Referer',
      keys: [],
      requests: [
        { headers: FROM('192.0.2.9'), want: { status: 403 } },
        { headers: FROM('2001:db8::9'), want: { status: 403 } },
        { headers: FROM('198.51.100.9'), want: { status: 200 } },
        { headers: { 'user-agent': 'BadBot' }, want: { status: 403 } },
        { headers: { 'user-agent': 'BadBot/2' }, want: { status: 200 } },
        { headers: { 'user-agent': 'An Evil Web Crawler' }, want: { status: 403 } },
        { headers: { referer: 'http://www.SPAM.example/x' }, want: { status: 403 } },
        { headers: { referer: 'http://spamxexample/' }, want: { status: 200 } },
      ],
    },
    {
      name: 'a body that is too large is refused, and answers are compressed',
      keys: [],
      requests: [
        { method: 'POST', body: 'x'.repeat(1000), want: { status: 200 } },
        { method: 'POST', body: 'x'.repeat(3000), want: { status: 413 } },
        { headers: { 'accept-encoding': 'gzip' }, want: { status: 200, headers: { 'content-encoding': 'gzip' } } },
      ],
    },
    {
      name: 'a client that asks too often gets the code of the ConfigMap',
      keys: [],
      annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '1' },
      run: async ({ send }) => {
        const statuses = new Set<number>();
        for (let index = 0; index < 12; index += 1) statuses.add((await send({})).status);
        assert.deepEqual([...statuses], [200, 429]);
      },
    },
    {
      name: 'nginx tells its version',
      keys: [],
      only: 'nginx',
      requests: [{ want: { headers: { server: /^nginx\/\d/ } } }],
    },
  ],
};

/** The defaults of ingress-nginx. */
export const COMPAT_SETTINGS: BehaviourTable = {
  family: 'compat-settings',
  flags: [
    '--compat',
    'ingress-nginx',
    '--ingress-class=sluice',
    '--configmap=shop/settings',
    '--watch-ingress-without-class',
  ],
  objects: [
    configMap('settings', {
      'force-ssl-redirect': 'true',
      'denylist-source-range': '198.51.100.0/24',
      'enable-real-ip': 'true',
      'annotation-value-word-blocklist': 'forbidden-word',
    }),
  ],
  cases: [
    {
      name: 'every host is redirected, without a slash at the end, but not the challenges of ACME',
      keys: [],
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/.well-known/acme-challenge', service: 'beta' },
      ],
      requests: [
        { path: '/x/', want: { status: 308, headers: { location: /^https:\/\/[^/]+\/x$/ } } },
        { path: '/.well-known/acme-challenge/token', want: { backend: 'beta' } },
      ],
    },
    {
      name: 'HSTS is on, and addresses are refused that a proxy in front tells, whose other headers are not believed',
      keys: [],
      tls: true,
      requests: [
        { tls: true, want: { headers: { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } } },
        { tls: true, headers: { 'x-forwarded-for': '198.51.100.1' }, want: { status: 403 } },
        {
          tls: true,
          headers: { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-host': 'fake.example.com' },
          want: { upstreamHeaders: { 'x-real-ip': '203.0.113.1', 'x-forwarded-host': /^compat-settings-1\./ } },
        },
        { headers: { 'x-forwarded-proto': 'https' }, want: { status: 308 } },
      ],
    },
    {
      name: 'an Ingress with a word that no annotation may have is not served',
      keys: [],
      annotations: { 'auth-realm': 'a forbidden-word in it' },
      requests: [{ want: { status: 404 } }],
    },
    {
      name: 'an Ingress with a snippet is not served: its risk is Critical',
      keys: [],
      annotations: { 'configuration-snippet': 'return 200;' },
      requests: [{ want: { status: 404 } }],
    },
    {
      name: 'challenges of ACME need no password',
      keys: [],
      tls: true,
      annotations: { 'auth-type': 'basic', 'auth-secret': 'users' },
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/.well-known/acme-challenge', service: 'beta' },
      ],
      objects: () => [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'users', namespace: 'shop' },
          stringData: { auth: 'ann:{PLAIN}secret' },
        },
      ],
      requests: [
        { tls: true, want: { status: 401 } },
        { path: '/.well-known/acme-challenge/token', want: { backend: 'beta' } },
      ],
    },
  ],
};
