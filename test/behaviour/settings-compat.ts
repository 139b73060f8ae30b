import assert from 'node:assert/strict';
import { ingress, service } from '../support/manifests.ts';
import type { BehaviourCase, BehaviourTable } from './case.ts';
import { configMap } from './external-auth-support.ts';
import { logged, wanting } from './settings-mixed.ts';
import { isResumed, shake } from './tls-sessions.ts';

export const COMPAT = [
  '--compat=ingress-nginx',
  '--ingress-class=sluice',
  '--configmap=shop/settings',
  '--watch-ingress-without-class',
  '--access-log=json',
];

/** Of test/e2e/defaultbackend/default_backend.go. */
const NOBODY: BehaviourCase['requests'] = ['GET', 'POST'].flatMap((method) =>
  ['/', '/demo'].flatMap((path) =>
    ['127.0.0.1', 'foo.bar.com'].map((host) => ({ method, path, host, want: { status: 404 } })),
  ),
);

const LONG = 'long-name-foobar-foobar-foobar-foobar-foobar-bar-foo-bar-foobuz';

/** What holds in ingress-nginx without a key. */
export const DEFAULTS: BehaviourTable = {
  family: 'settings-defaults',
  flags: COMPAT,
  objects: [
    configMap('settings', {
      'use-forwarded-headers': 'false',
      'log-format-escape-json': 'true',
      'log-format-upstream': '"{"my_header1":"$http_header1", "my_header2":"$http_header2"} $request_uri"',
    }),
  ],
  cases: [
    { name: 'hosts of nobody are 404', keys: [], requests: NOBODY },
    {
      name: 'over TLS, too, with a certificate that was made for it',
      keys: [],
      requests: ['GET', 'POST'].flatMap((method) =>
        ['/', '/demo'].map((path) => ({ method, path, host: 'foo.bar.com', tls: true, want: { status: 404 } })),
      ),
      run: async (reach) => {
        const { subject } = await shake({ ...reach, host: 'foo.bar.com' });
        assert.equal(subject, 'Kubernetes Ingress Controller Fake Certificate');
      },
    },
    {
      name: 'a host whose Secret is not there is served over TLS with that certificate',
      keys: [],
      objects: ({ host }) => [
        ingress({
          name: 'secretless',
          tls: [{ hosts: [`secretless.${host}`], secretName: 'not-there' }],
          rules: [{ host: `secretless.${host}`, paths: [{ path: '/', service: 'gamma' }] }],
        }),
      ],
      run: async (reach) => {
        const host = `secretless.${reach.host}`;
        assert.equal((await reach.send({ host })).status, 308);
        assert.equal((await reach.echo({ host, tls: true })).backend, 'gamma');
        assert.equal((await shake({ ...reach, host })).subject, 'Kubernetes Ingress Controller Fake Certificate');
      },
    },
    {
      name: 'requests for hosts of nobody are not logged',
      keys: [],
      run: async (reach) => {
        const { send } = reach;
        assert.equal((await send({ path: '/somethingTwo', host: 'bar' })).status, 404);
        assert.equal((await send({ path: '/somethingElse' })).status, 200);
        await logged(reach, '/somethingElse');
        assert.ok(!(await reach.accessLog()).includes('/somethingTwo'));
      },
    },
    {
      name: 'the access log may be JSON, where what is not there is empty',
      keys: [],
      run: async (reach) => {
        await reach.send({ headers: { header1: 'Here is "header1" with json escape' } });
        await logged(reach, String.raw`{"my_header1":"Here is \"header1\" with json escape", "my_header2":""}`);
      },
    },
    {
      name: 'headers of a proxy in front are not believed',
      keys: [],
      requests: [
        {
          headers: {
            'x-forwarded-port': '1234',
            'x-forwarded-proto': 'myproto',
            'x-forwarded-scheme': 'myproto',
            'x-forwarded-for': '1.2.3.4',
            'x-forwarded-host': 'myhost',
          },
          want: {
            upstreamHeaders: {
              host: /^settings-defaults-5\./,
              'x-forwarded-host': /^settings-defaults-5\./,
              'x-forwarded-port': /^(?!1234$)\d+$/,
              'x-forwarded-proto': 'http',
              'x-forwarded-scheme': 'http',
              'x-forwarded-for': '127.0.0.1',
              'x-original-forwarded-for': '1.2.3.4',
            },
          },
        },
      ],
    },
    {
      name: 'over TLS there are HTTP/2, sessions that are kept, HSTS once, and a redirect to there without ports',
      keys: [],
      tls: true,
      requests: [
        {
          tls: true,
          headers: wanting({ 'strict-transport-security': 'max-age=1' }),
          want: { headers: { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } },
        },
        {
          tls: true,
          want: { upstreamHeaders: { 'x-forwarded-proto': 'https', 'x-forwarded-port': /^\d+$/ } },
        },
        {
          want: { status: 308, headers: { location: /^https:\/\/settings-defaults-6\.example\.com(?::\d+)?$/ } },
        },
      ],
      run: async (reach) => {
        assert.equal((await shake(reach, { ALPNProtocols: ['http/1.1'] })).protocol, 'TLSv1.3');
        const both = await shake(reach, { ALPNProtocols: ['h2', 'http/1.1'] });
        assert.equal(both.alpn, 'h2');
        assert.ok(await isResumed(reach));
      },
    },
    {
      name: 'answers are not compressed, and no endpoint tells what it is',
      keys: [],
      run: async ({ send, proxy }) => {
        const { headers } = await send({ headers: { 'accept-encoding': 'gzip', ...wanting({ server: 'secret/1' }) } });
        assert.equal(headers['content-encoding'], undefined);
        assert.equal(headers['server'], proxy === 'nginx' ? 'nginx' : undefined);
      },
    },
    {
      name: 'a default backend and a host without paths: it serves the host, with the annotations',
      keys: [],
      objects: withHosts,
      requests: [{ host: 'default-backend-hosts.example.com', want: { backend: 'beta' } }],
    },
    {
      name: 'the name of a Service may have 63 characters',
      keys: [],
      paths: [{ path: '/', service: LONG }],
      objects: ({ backends }) => service(LONG, [backends.gamma.port]),
      requests: [{ want: { backend: 'gamma' } }],
    },
  ],
};

/** Of test/e2e/defaultbackend/with_hosts.go. */
function withHosts(): readonly object[] {
  const annotations = { 'nginx.ingress.kubernetes.io/proxy-buffer-size': '8k' };
  const made = ingress({
    name: 'default-backend-annotations',
    annotations,
    defaultBackend: { service: 'beta', port: 80 },
  });
  const { spec } = made as { readonly spec: object };
  return [{ ...made, spec: { ...spec, rules: [{ host: 'default-backend-hosts.example.com' }] } }];
}

/** Values that no key takes, and keys that ingress-nginx has no more or never had. */
const WRONG = {
  'proxy-connect-timeout': '50k',
  'proxy-read-timeout': '20k',
  'proxy-send-timeout': '20k',
  'proxy-body-size': 'huge',
  'load-balance': 'least_conn',
  'use-gzip': 'maybe',
  'use-http2': '2',
  'hsts-max-age': 'forever',
  'ssl-protocols': 'TLSv9',
  'ssl-ciphers': 'a;b',
  'worker-processes': '-1',
  'keep-alive': '75s; evil on',
  'block-cidrs': 'here,192.0.2.0/24',
  'block-user-agents': '~*(',
  'add-headers': 'shop/none',
  'proxy-set-headers': 'none',
  'log-format-upstream': '$secret_of_nobody',
  'access-log-path': 'relative',
  'no-auth-locations': 'auth',
  'custom-http-errors': '200',
  'server-tokens': 'yes',
  'limit-rate': 'fast',
  'bind-address': 'everywhere',
  'enable-brotli': 'true',
  'brotli-types': 'application/octet-stream',
  'brotli-min-length': '24',
  'main-snippet': '# main snippet',
  'server-snippet': 'return 418;',
  'stream-snippet': 'server {listen 8000; proxy_pass 127.0.0.1:80;}',
  'ssl-session-tickets': 'true',
  'ssl-session-ticket-key':
    'WW9gcPHgfcrw6DNqY5VE2NjM6gtgUhJ4Vn6ZwRGi/7+A9TNFa4Fvfe1cmlPec9bxDoenN70aMBeZBlcrKshnKT4WJxFNLCuTHhfn4loTOEo=',
  'ssl-session-cache': 'false',
  'enable-ocsp': 'true',
  'enable-forwarded-rfc7239': 'true',
  'enable-real-ip-recursive': 'true',
  'http2-host-blacklist': 'nobody.example.com',
  'http3-hq': 'true',
  'ssl-conf-command': 'Ciphersuites TLS_AES_256_GCM_SHA384',
  'use-service-upstream': 'true',
};

export const WRONG_VALUES: BehaviourTable = {
  family: 'settings-wrong',
  flags: [...COMPAT.slice(0, -1), '--disable-catch-all'],
  objects: [configMap('settings', WRONG)],
  cases: [
    {
      name: 'wrong values and unknown keys break nothing, and the defaults hold for them',
      keys: [],
      tls: true,
      requests: [
        { want: { status: 308 } },
        {
          tls: true,
          headers: { 'accept-encoding': 'gzip, br' },
          want: {
            backend: 'alpha',
            headers: {
              'strict-transport-security': 'max-age=31536000; includeSubDomains',
              'content-encoding': undefined,
            },
          },
        },
        { tls: true, method: 'POST', body: 'x'.repeat(1_100_000), want: { status: 413 } },
      ],
      run: async (reach) => {
        assert.equal((await shake(reach, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'h2');
        assert.ok(await isResumed(reach), 'with tickets');
      },
    },
    {
      name: 'with --disable-catch-all, an Ingress with a default backend is not there, whatever rules it has',
      keys: [],
      objects: () => [
        ingress({ name: 'catch-all', defaultBackend: { service: 'beta', port: 80 } }),
        ingress({
          name: 'catch-all-and-rules',
          defaultBackend: { service: 'beta', port: 80 },
          rules: [{ host: 'rules.example.com', paths: [{ path: '/', service: 'beta' }] }],
        }),
      ],
      requests: [
        { host: 'foo.example.com', want: { status: 404 } },
        { host: 'rules.example.com', want: { status: 404 } },
        { want: { backend: 'alpha' } },
      ],
    },
  ],
};
