import { makeCertificate } from '../support/certificates.ts';
import { ingress, tlsSecret } from '../support/manifests.ts';
import type { BehaviourTable } from './case.ts';

const TO = 'http://redirect.example.com';

/** Cases that tell of ports: here, clients connect to 80 and 443 as far as sluice knows. */
export const REDIRECTS: BehaviourTable = {
  family: 'redirects',
  flags: ['--public-http-port', '80', '--public-https-port', '443'],
  cases: [
    {
      name: 'permanent-redirect answers 301 and does not append the path',
      keys: ['permanent-redirect'],
      annotations: { 'permanent-redirect': TO },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [
        { path: '/something', want: { status: 301, headers: { location: TO } } },
        { path: '/something/x?y', want: { status: 301, headers: { location: TO } } },
      ],
    },
    ...[300, 302, 303, 307, 308].map((code) => ({
      name: `permanent-redirect-code ${code}`,
      keys: ['permanent-redirect', 'permanent-redirect-code'],
      annotations: { 'permanent-redirect': `${TO}/a?b=c&d`, 'permanent-redirect-code': String(code) },
      requests: [
        {
          path: '/x',
          want: { status: code, headers: { location: code === 300 ? undefined : `${TO}/a?b=c&d` } },
        },
      ],
    })),
    {
      name: 'a permanent-redirect-code that is none is 301',
      keys: ['permanent-redirect-code'],
      annotations: { 'permanent-redirect': TO, 'permanent-redirect-code': '200' },
      requests: [{ want: { status: 301, headers: { location: TO } } }],
    },
    {
      name: 'temporal-redirect answers 302 and goes before permanent-redirect',
      keys: ['temporal-redirect'],
      annotations: { 'temporal-redirect': `${TO}/new`, 'permanent-redirect': TO },
      requests: [{ path: '/x', want: { status: 302, headers: { location: `${TO}/new` } } }],
    },
    {
      name: 'temporal-redirect-code is its status',
      keys: ['temporal-redirect-code'],
      annotations: { 'temporal-redirect': TO, 'temporal-redirect-code': '307' },
      requests: [{ want: { status: 307, headers: { location: TO } } }],
    },
    {
      name: 'temporal-redirect to something that is no web URL is none',
      keys: ['temporal-redirect'],
      annotations: { 'temporal-redirect': '/path' },
      requests: [{ want: { backend: 'alpha' } }],
    },
    {
      name: 'a redirect goes before that to https',
      keys: ['permanent-redirect', 'force-ssl-redirect'],
      annotations: { 'permanent-redirect': TO, 'force-ssl-redirect': 'true' },
      tls: true,
      requests: [
        { want: { status: 301, headers: { location: TO } } },
        { tls: true, want: { status: 301, headers: { location: TO } } },
      ],
    },
    {
      name: 'a redirect to a path tells scheme and host, without the port',
      keys: ['relative-redirects', 'permanent-redirect'],
      annotations: { 'permanent-redirect': '/new-location', 'relative-redirects': 'false' },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [
        {
          path: '/something',
          headers: { host: 'redirects-11.example.com:8080' },
          want: { status: 301, headers: { location: /^http:\/\/redirects-\d+\.example\.com\/new-location$/ } },
        },
      ],
    },
    {
      name: 'relative-redirects leaves a path as it is',
      keys: ['relative-redirects'],
      annotations: { 'permanent-redirect': '/new-location', 'relative-redirects': 'true' },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [{ path: '/something', want: { status: 301, headers: { location: '/new-location' } } }],
    },
    {
      name: 'ssl-redirect redirects a host with TLS and cuts one slash at the end',
      keys: ['ssl-redirect'],
      annotations: { 'ssl-redirect': 'true' },
      tls: true,
      requests: [
        { want: { status: 308, headers: { location: /^https:\/\/redirects-\d+\.example\.com$/ } } },
        { path: '/a/?b=c/', want: { status: 308, headers: { location: /example\.com\/a\/\?b=c$/ } } },
        { path: '/a//', want: { status: 308, headers: { location: /example\.com\/a\/$/ } } },
        { path: '/a%20b', want: { status: 308, headers: { location: /example\.com\/a%20b$/ } } },
        { tls: true, path: '/a/', want: { backend: 'alpha', url: '/a/' } },
      ],
    },
    {
      name: 'ssl-redirect: false serves both',
      keys: ['ssl-redirect'],
      annotations: { 'ssl-redirect': 'false' },
      tls: true,
      requests: [{ want: { backend: 'alpha' } }, { tls: true, want: { backend: 'alpha' } }],
    },
    {
      name: 'ssl-redirect redirects no host without TLS',
      keys: ['ssl-redirect'],
      annotations: { 'ssl-redirect': 'true' },
      requests: [{ want: { backend: 'alpha' } }],
    },
    {
      name: 'force-ssl-redirect redirects a host without TLS, but not the solver of cert-manager',
      keys: ['force-ssl-redirect'],
      annotations: { 'force-ssl-redirect': 'true' },
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/.well-known/acme-challenge/token', service: 'beta', pathType: 'Exact' },
      ],
      requests: [
        { want: { status: 308, headers: { location: /^https:\/\/redirects-\d+\.example\.com$/ } } },
        { path: '/x', want: { status: 308, headers: { location: /^https:\/\/redirects-\d+\.example\.com\/x$/ } } },
        { path: '/.well-known/acme-challenge/token', want: { backend: 'beta' } },
      ],
    },
    {
      name: 'preserve-trailing-slash keeps the slash at the end',
      keys: ['preserve-trailing-slash'],
      annotations: { 'ssl-redirect': 'true', 'preserve-trailing-slash': 'true' },
      tls: true,
      requests: [
        { want: { status: 308, headers: { location: /^https:\/\/redirects-\d+\.example\.com\/$/ } } },
        { path: '/a/', want: { status: 308, headers: { location: /example\.com\/a\/$/ } } },
      ],
    },
    {
      name: 'use-port-in-redirects names the port in the redirect to https',
      keys: ['use-port-in-redirects'],
      annotations: { 'use-port-in-redirects': 'true' },
      tls: true,
      requests: [{ path: '/x', want: { status: 308, headers: { location: /^https:\/\/[^:]+\.com:443\/x$/ } } }],
    },
    {
      name: 'app-root redirects the root only, before https and also where a rule has the root',
      keys: ['app-root'],
      annotations: { 'app-root': '/foo' },
      tls: true,
      requests: [
        {
          headers: { host: 'redirects-20.example.com:8080' },
          want: { status: 302, headers: { location: 'http://redirects-20.example.com:8080/foo' } },
        },
        { path: '/?a=b', want: { status: 302, headers: { location: /^http:\/\/[^/]+\/foo$/ } } },
        { path: '//', want: { status: 302 } },
        { tls: true, want: { status: 302, headers: { location: /^https:\/\/[^/]+\/foo$/ } } },
        { tls: true, path: '/foo', want: { backend: 'alpha', url: '/foo' } },
        { path: '/x', want: { status: 308 } },
      ],
    },
    {
      name: 'app-root goes before an exact rule of the root, and before regular expressions',
      keys: ['app-root'],
      annotations: { 'app-root': '/foo', 'use-regex': 'true' },
      paths: [{ path: '/', service: 'alpha', pathType: 'Exact' }],
      requests: [{ want: { status: 302 } }, { path: '/foo', want: { backend: 'alpha' } }],
    },
    {
      name: 'from-to-www-redirect redirects www, with the port and without the slash at the end',
      keys: ['from-to-www-redirect'],
      annotations: { 'from-to-www-redirect': 'true' },
      run: async ({ send, host }) => {
        for (const [path, rest] of [
          ['/foo', '/foo'],
          ['/', ''],
          ['/a/?b=c', '/a/?b=c'],
        ] as const) {
          const { status, headers } = await send({ host: `www.${host}`, path });
          if (status !== 308 || headers.location !== `http://${host}:80${rest}`)
            throw new Error(`${path}: ${status} ${headers.location ?? ''}`);
        }
        const { status } = await send({ path: '/' });
        if (status !== 200) throw new Error(`${status}`);
      },
    },
    {
      name: 'from-to-www-redirect redirects over TLS when the certificate covers both',
      keys: ['from-to-www-redirect'],
      annotations: { 'ssl-redirect': 'false' },
      objects: ({ host }) => {
        const name = host.replaceAll('.', '-');
        const own = `own.${host}`;
        const pair = makeCertificate({ names: [own, `www.${own}`] });
        const rules = [{ host: `www.${own}`, paths: [{ path: '/', service: 'alpha' }] }];
        const tls = [{ hosts: [own, `www.${own}`], secretName: name }];
        const annotations = { 'nginx.ingress.kubernetes.io/from-to-www-redirect': 'true' };
        return [ingress({ name, rules, tls, annotations }), tlsSecret(name, pair)];
      },
      run: async ({ send, host }) => {
        const { status, headers } = await send({ host: `own.${host}`, tls: true, path: '/' });
        if (status !== 308 || headers.location !== `https://www.own.${host}:443`)
          throw new Error(`${status} ${headers.location ?? ''}`);
        const direct = await send({ host: `www.own.${host}`, tls: true, path: '/' });
        if (direct.status !== 200) throw new Error(`${direct.status}`);
      },
    },
    {
      name: 'from-to-www-redirect leaves a host alone that has rules of its own',
      keys: ['from-to-www-redirect'],
      annotations: { 'from-to-www-redirect': 'true' },
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          rules: [{ host: `www.${host}`, paths: [{ path: '/', service: 'beta' }] }],
        }),
      ],
      run: async ({ echo, host }) => {
        const { backend } = await echo({ host: `www.${host}` });
        if (backend !== 'beta') throw new Error(backend);
      },
    },
    {
      name: 'paths that no rule has are redirected, too, as the Ingress that made the host asks',
      keys: ['permanent-redirect'],
      annotations: { 'permanent-redirect': TO, 'enable-cors': 'true' },
      paths: [{ path: '/something', service: 'alpha' }],
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          created: '2026-02-01T00:00:00Z',
          annotations: { 'nginx.ingress.kubernetes.io/temporal-redirect': 'http://younger.example.com' },
          rules: [{ host, paths: [{ path: '/younger', service: 'beta' }] }],
        }),
      ],
      requests: [
        { path: '/other', want: { status: 301, headers: { location: TO } } },
        { path: '/other', method: 'OPTIONS', want: { status: 204 } },
        { path: '/younger/x', want: { status: 302, headers: { location: 'http://younger.example.com' } } },
      ],
    },
    {
      name: 'paths that no rule has are redirected to https where all paths are',
      keys: ['force-ssl-redirect'],
      annotations: { 'force-ssl-redirect': 'true' },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [
        {
          path: '/other',
          want: { status: 308, headers: { location: /^https:\/\/redirects-\d+\.example\.com\/other$/ } },
        },
      ],
    },
    {
      name: 'paths that no rule has are found missing at once where ssl-redirect is off',
      keys: ['ssl-redirect'],
      annotations: { 'ssl-redirect': 'false' },
      paths: [{ path: '/something', service: 'alpha' }],
      tls: true,
      requests: [
        { path: '/other', want: { status: 404 } },
        { path: '/something', want: { backend: 'alpha' } },
      ],
    },
  ],
};

/** Here clients connect to other ports than 80 and 443. */
export const REDIRECT_PORTS: BehaviourTable = {
  family: 'redirect-ports',
  cases: [
    {
      name: 'use-port-in-redirects names the port in a redirect to a path',
      keys: ['use-port-in-redirects'],
      annotations: { 'permanent-redirect': '/to', 'use-port-in-redirects': 'true' },
      tls: true,
      run: async ({ send, host, httpPort, httpsPort }) => {
        const plain = await send({ path: '/' });
        const secure = await send({ path: '/', tls: true });
        const found = [plain.headers.location, secure.headers.location].join(' ');
        if (found !== `http://${host}:${httpPort}/to https://${host}:${httpsPort}/to`) throw new Error(found);
      },
    },
    {
      name: 'without it, a redirect to a path names none, and that to https does',
      keys: ['use-port-in-redirects', 'ssl-redirect'],
      annotations: { 'ssl-redirect': 'true' },
      tls: true,
      run: async ({ send, host, httpsPort }) => {
        const { headers } = await send({ path: '/x' });
        if (headers.location !== `https://${host}:${httpsPort}/x`) throw new Error(headers.location);
      },
    },
  ],
};
