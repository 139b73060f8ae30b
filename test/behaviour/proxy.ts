import type { BehaviourRequest, BehaviourTable } from './case.ts';
import { service } from '../support/manifests.ts';
import { PROXY_OBSERVED } from './proxy-observed.ts';

/** Asks the backend for an answer: see test/support/backend.ts. */
function asking(wanted: object): Readonly<Record<string, string>> {
  return { 'x-want': JSON.stringify(wanted) };
}

function cookie(given: string, want: string): BehaviourRequest {
  return { headers: asking({ headers: { 'set-cookie': given } }), want: { headers: { 'set-cookie': want } } };
}

function location(given: string, want: string | RegExp): BehaviourRequest {
  return {
    headers: asking({ status: 302, headers: { location: given } }),
    want: { status: 302, headers: { location: want } },
  };
}

const LARGE = 'x'.repeat(5000);
const SLOW = asking({ delay: 3000 });

export const PROXY: BehaviourTable = {
  family: 'proxy',
  cases: [
    {
      name: 'a body that is too large is answered 413',
      keys: ['proxy-body-size'],
      annotations: { 'proxy-body-size': '4k' },
      requests: [
        { method: 'POST', body: 'x'.repeat(4096), want: { backend: 'alpha' } },
        { method: 'POST', body: LARGE, want: { status: 413 } },
      ],
    },
    {
      name: 'a body size of 0 is no limit, and larger ones than usual may be let in',
      keys: ['proxy-body-size'],
      annotations: { 'proxy-body-size': '0' },
      requests: [{ method: 'POST', body: 'x'.repeat(1_200_000), want: { backend: 'alpha' } }],
    },
    {
      name: 'what is set for all holds where another thing is set',
      keys: [],
      annotations: { 'proxy-connect-timeout': '2' },
      requests: [
        { method: 'POST', body: 'x'.repeat(1_200_000), want: { status: 413 } },
        { want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'an endpoint that sends nothing is given up',
      keys: ['proxy-read-timeout'],
      annotations: { 'proxy-read-timeout': '1' },
      requests: [{ headers: SLOW, want: { status: 504 } }, { want: { backend: 'alpha' } }],
    },
    {
      name: 'an endpoint may take its time when it is allowed to',
      keys: [],
      annotations: { 'proxy-send-timeout': '90', 'proxy-read-timeout': '90' },
      requests: [{ headers: asking({ delay: 300 }), want: { backend: 'alpha' } }],
    },
    {
      name: 'values that are none are what is set for all',
      keys: [],
      annotations: { 'proxy-read-timeout': '1k', 'proxy-connect-timeout': '0', 'proxy-body-size': '4kb; }' },
      requests: [{ method: 'POST', body: LARGE, headers: asking({ delay: 1200 }), want: { backend: 'alpha' } }],
    },
    {
      name: 'buffering may be off',
      keys: [],
      annotations: { 'proxy-buffering': 'off', 'proxy-request-buffering': 'off' },
      requests: [{ method: 'POST', body: LARGE, want: { backend: 'alpha' } }],
    },
    {
      name: 'buffering may be on',
      keys: [],
      annotations: { 'proxy-buffering': 'on', 'proxy-request-buffering': 'on' },
      requests: [{ method: 'POST', body: LARGE, want: { backend: 'alpha' } }],
    },
    {
      name: 'headers of an answer have to fit into a buffer',
      keys: ['proxy-buffer-size'],
      annotations: { 'proxy-buffer-size': '1k', 'proxy-buffers-number': '2' },
      only: 'nginx',
      requests: [
        { headers: asking({ headers: { 'x-long': 'x'.repeat(3000) } }), want: { status: 502 } },
        { want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'large headers of an answer get a large buffer',
      // A wrong proxy-busy-buffers-size would keep nginx from starting; clients cannot see a right one.
      keys: ['proxy-buffer-size', 'proxy-busy-buffers-size'],
      annotations: {
        'proxy-buffer-size': '64k',
        'proxy-busy-buffers-size': '1k',
        'proxy-max-temp-file-size': '1',
        'client-body-buffer-size': '1k',
      },
      only: 'nginx',
      requests: [
        { headers: asking({ headers: { 'x-long': 'x'.repeat(8000) } }), want: { headers: { 'x-long': /^x{8000}$/ } } },
        { method: 'POST', body: LARGE, want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'the domain of cookies is replaced',
      keys: ['proxy-cookie-domain'],
      annotations: { 'proxy-cookie-domain': 'localhost example.org' },
      requests: [
        cookie('a=b; Domain=localhost; Path=/', 'a=b; Domain=example.org; Path=/'),
        cookie('a=b; path=/; domain=.LOCALHOST', 'a=b; path=/; domain=.example.org'),
        cookie('a=b; Domain=localhost.org', 'a=b; Domain=localhost.org'),
        cookie('a=domain=localhost', 'a=domain=localhost'),
      ],
    },
    {
      name: 'the path of cookies is replaced at its start',
      keys: ['proxy-cookie-path'],
      annotations: { 'proxy-cookie-path': '/one/ /' },
      requests: [
        cookie('a=b; Path=/one/two/; HttpOnly', 'a=b; Path=/two/; HttpOnly'),
        cookie('a=b; Path=/other/one/', 'a=b; Path=/other/one/'),
        cookie('a=b', 'a=b'),
      ],
    },
    {
      name: 'a domain and a path of cookies may be found by expressions',
      keys: ['proxy-cookie-path', 'proxy-cookie-domain'],
      annotations: { 'proxy-cookie-path': '~/o.?e /x', 'proxy-cookie-domain': '~.org example.com' },
      requests: [cookie('a=b; Path=/a/one/b; Domain=shop.org; Secure', 'a=b; Path=/x; Domain=example.com; Secure')],
    },
    {
      name: 'the start of redirects is replaced',
      keys: ['proxy-redirect-from', 'proxy-redirect-to'],
      annotations: { 'proxy-redirect-from': 'https://hello.com/', 'proxy-redirect-to': 'https://goodbye.com/x/' },
      requests: [
        location('https://hello.com/a?b=c', 'https://goodbye.com/x/a?b=c'),
        location('https://other.com/https://hello.com/', 'https://other.com/https://hello.com/'),
        location('/https://hello.com/', '/https://hello.com/'),
      ],
    },
    {
      name: 'a redirect to a path gets scheme and host of the request',
      keys: ['proxy-redirect-from', 'proxy-redirect-to'],
      annotations: { 'proxy-redirect-from': 'https://hello.com/', 'proxy-redirect-to': '/here/' },
      requests: [location('https://hello.com/a', /^http:\/\/proxy-\d+\.example\.com\/here\/a$/)],
    },
    {
      name: 'redirects may stay as they are',
      keys: ['proxy-redirect-from'],
      annotations: { 'proxy-redirect-from': 'off', 'proxy-redirect-to': 'https://goodbye.com/' },
      requests: [location('https://hello.com/', 'https://hello.com/')],
    },
    {
      name: 'a redirect without a scheme is replaced at its start, too',
      keys: ['proxy-redirect-from', 'proxy-redirect-to'],
      annotations: { 'proxy-redirect-from': 'hello.com', 'proxy-redirect-to': 'goodbye.com' },
      requests: [
        location('hello.com/x', 'goodbye.com/x'),
        location('http://hello.com/x', 'http://hello.com/x'),
        { want: { backend: 'alpha' } },
      ],
    },
    ...['off', 'default'].map((from) => ({
      name: `proxy-redirect-from ${from} needs no proxy-redirect-to`,
      keys: ['proxy-redirect-from'],
      annotations: { 'proxy-redirect-from': from, 'proxy-redirect-to': 'goodbye.com' },
      requests: [location('http://hello.com/x', 'http://hello.com/x')],
    })),
    {
      name: 'bodies of some megabytes are let in',
      keys: ['proxy-body-size'],
      annotations: { 'proxy-body-size': '8m' },
      requests: [{ method: 'POST', body: 'x'.repeat(7_000_000), want: { backend: 'alpha' } }],
    },
    {
      name: 'sizes and times that are none are as usual',
      keys: ['proxy-body-size'],
      annotations: {
        'proxy-body-size': '15r',
        'proxy-connect-timeout': '50k',
        'proxy-send-timeout': '20k',
        'proxy-read-timeout': '20k',
      },
      requests: [{ method: 'POST', body: LARGE, want: { backend: 'alpha' } }, { want: { backend: 'alpha' } }],
    },
    {
      name: 'buffers may be many and large',
      keys: [],
      annotations: { 'proxy-buffering': 'on', 'proxy-buffers-number': '8', 'proxy-buffer-size': '8k' },
      requests: [{ method: 'POST', body: LARGE, want: { backend: 'alpha' } }],
    },
    {
      name: 'very many tries and much time are as many and as much as there is',
      keys: ['proxy-next-upstream'],
      annotations: {
        'proxy-next-upstream': 'error timeout http_502',
        'proxy-next-upstream-tries': '888888',
        'proxy-next-upstream-timeout': '999999',
      },
      paths: [{ path: '/', service: 'pair-many' }],
      objects: ({ backends }) => service('pair-many', [backends.alpha.port, backends.beta.port]),
      requests: [1, 2, 3, 4].map(() => ({
        headers: asking({ only: 'alpha', status: 502 }),
        want: { backend: 'beta' },
      })),
    },
    {
      name: 'an answer of an endpoint makes another one answer',
      keys: ['proxy-next-upstream'],
      annotations: {
        'proxy-next-upstream': 'error timeout http_500 http_404',
        'proxy-next-upstream-tries': '2',
        'proxy-next-upstream-timeout': '10',
      },
      paths: [{ path: '/', service: 'pair' }],
      objects: ({ backends }) => service('pair', [backends.alpha.port, backends.beta.port]),
      requests: [500, 404, 500, 404].map((status) => ({
        headers: asking({ only: 'alpha', status }),
        want: { backend: 'beta' },
      })),
    },
    {
      name: 'no other endpoint is tried',
      keys: ['proxy-next-upstream'],
      annotations: { 'proxy-next-upstream': 'off' },
      paths: [{ path: '/', service: 'pair' }],
      requests: [
        { headers: asking({ status: 500 }), want: { status: 500 } },
        { headers: asking({ only: 'alpha' }), want: {} },
      ],
    },
    {
      name: 'one try is one try',
      keys: ['proxy-next-upstream-tries'],
      annotations: { 'proxy-next-upstream-tries': '1', 'proxy-next-upstream': 'http_503' },
      // A Service of its own: an endpoint that failed in another case is not asked for some seconds.
      paths: [{ path: '/', service: 'pair-once' }],
      objects: ({ backends }) => service('pair-once', [backends.alpha.port, backends.beta.port]),
      run: async ({ send }) => {
        const headers = asking({ only: 'alpha', status: 503 });
        const statuses: number[] = [];
        while (statuses.length < 6) statuses.push((await send({ headers })).status);
        if (!statuses.includes(503)) throw new Error(`never 503: ${statuses.join(' ')}`);
      },
    },
    {
      name: 'as many tries as there are endpoints',
      keys: ['proxy-next-upstream-tries'],
      annotations: { 'proxy-next-upstream-tries': '0', 'proxy-next-upstream': 'http_503' },
      paths: [{ path: '/', service: 'pair' }],
      requests: [1, 2, 3].map(() => ({
        headers: asking({ only: 'alpha', status: 503 }),
        want: { backend: 'beta' },
      })),
    },
    ...PROXY_OBSERVED,
  ],
};
