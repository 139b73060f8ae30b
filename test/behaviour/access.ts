import { basicAuth, BAR_SHA512, usersSecret } from './basic-auth.ts';
import type { BehaviourTable } from './case.ts';

const OPEN = { want: { backend: 'alpha' } } as const;
const REFUSED = { want: { status: 403 } } as const;

/** Every request of the tests comes from 127.0.0.1. */
export const ACCESS: BehaviourTable = {
  family: 'access',
  cases: [
    {
      name: 'whitelist-source-range lets in who is in the list',
      keys: ['whitelist-source-range'],
      annotations: { 'whitelist-source-range': '10.0.0.0/8, 127.0.0.0/8,::1' },
      requests: [OPEN],
    },
    {
      name: 'whitelist-source-range refuses everybody else',
      keys: ['whitelist-source-range'],
      annotations: { 'whitelist-source-range': '10.0.0.0/8,2001:db8::/32' },
      requests: [REFUSED],
    },
    {
      name: 'a list of IPv6 does not let in IPv4',
      keys: ['whitelist-source-range'],
      annotations: { 'whitelist-source-range': '::/0' },
      requests: [REFUSED],
    },
    {
      name: 'a long list is honoured to its end',
      keys: ['whitelist-source-range'],
      annotations: {
        'whitelist-source-range': [
          ...Array.from({ length: 150 }, (_, index) => `10.1.${index}.0/24`),
          '127.0.0.1',
        ].join(),
      },
      requests: [OPEN],
    },
    {
      name: 'allowlist-source-range is the same annotation',
      keys: ['allowlist-source-range'],
      annotations: { 'allowlist-source-range': '10.0.0.0/8' },
      requests: [REFUSED],
    },
    {
      name: 'a list with something else in it closes the route',
      keys: ['whitelist-source-range'],
      annotations: { 'whitelist-source-range': '127.0.0.0/8,localhost' },
      requests: [{ want: { status: 503 } }],
    },
    {
      name: 'denylist-source-range refuses who is in the list',
      keys: ['denylist-source-range'],
      annotations: { 'denylist-source-range': '127.0.0.1,::/0' },
      requests: [REFUSED],
    },
    {
      name: 'denylist-source-range lets in everybody else',
      keys: ['denylist-source-range'],
      annotations: { 'denylist-source-range': '10.0.0.0/8,::/0' },
      requests: [OPEN],
    },
    {
      name: 'who is in both lists is refused',
      keys: ['whitelist-source-range', 'denylist-source-range'],
      annotations: { 'whitelist-source-range': '127.0.0.0/8', 'denylist-source-range': '127.0.0.1/32' },
      requests: [REFUSED],
    },
    {
      name: 'lists may have spaces, and be there both',
      keys: ['whitelist-source-range', 'denylist-source-range'],
      annotations: {
        'denylist-source-range': '18.0.0.0/8, 56.0.0.0/8',
        'whitelist-source-range': '17.0.0.0/8, 55.0.0.0/8',
      },
      requests: [REFUSED],
    },
    {
      name: 'a list with spaces of who may not come lets in everybody else',
      keys: ['denylist-source-range'],
      annotations: { 'denylist-source-range': '18.0.0.0/8, 56.0.0.0/8' },
      requests: [OPEN],
    },
    ...['any', 'all'].map((satisfy) => ({
      name: `satisfy ${satisfy} alone closes nothing`,
      keys: ['satisfy'],
      annotations: { satisfy },
      requests: [OPEN],
    })),
    {
      name: 'satisfy any takes a password in place of an address',
      keys: ['satisfy'],
      annotations: { ...basicAuth('satisfy-any'), satisfy: 'any', 'whitelist-source-range': '10.0.0.0/8' },
      objects: () => [usersSecret('satisfy-any', { auth: `foo:${BAR_SHA512}` })],
      requests: [
        { want: { status: 401 } },
        { headers: { authorization: `Basic ${btoa('foo:bar')}` }, want: { backend: 'alpha' } },
      ],
    },
    {
      name: 'satisfy any takes an address in place of a password',
      keys: ['satisfy'],
      annotations: { ...basicAuth('satisfy-address'), satisfy: 'any', 'whitelist-source-range': '127.0.0.0/8' },
      objects: () => [usersSecret('satisfy-address', { auth: `foo:${BAR_SHA512}` })],
      requests: [OPEN],
    },
    {
      name: 'satisfy any with a list of who may not come asks for a password',
      keys: ['satisfy'],
      annotations: { ...basicAuth('satisfy-deny'), satisfy: 'any', 'denylist-source-range': '10.0.0.0/8' },
      objects: () => [usersSecret('satisfy-deny', { auth: `foo:${BAR_SHA512}` })],
      requests: [{ want: { status: 401 } }],
    },
    {
      name: 'satisfy any does not open what addresses alone close',
      keys: ['satisfy'],
      annotations: { satisfy: 'any', 'whitelist-source-range': '10.0.0.0/8' },
      requests: [REFUSED],
    },
    {
      name: 'without satisfy both are needed',
      keys: ['satisfy'],
      annotations: { ...basicAuth('satisfy-all'), 'whitelist-source-range': '10.0.0.0/8' },
      objects: () => [usersSecret('satisfy-all', { auth: `foo:${BAR_SHA512}` })],
      requests: [{ headers: { authorization: `Basic ${btoa('foo:bar')}` }, want: { status: 403 } }],
    },
  ],
};

/** Who the client is, is what a trusted proxy says. */
export const ACCESS_BEHIND_PROXY: BehaviourTable = {
  family: 'access-behind-proxy',
  flags: ['--trusted-proxies', '127.0.0.0/8'],
  cases: [
    {
      name: 'lists are of clients, not of the proxy in front',
      keys: ['whitelist-source-range'],
      annotations: {
        'whitelist-source-range': '192.0.2.0/24,2001:db8::/32',
        'denylist-source-range': '2001:db8:1::/48',
      },
      requests: [
        { headers: { 'x-forwarded-for': '192.0.2.7' }, ...OPEN },
        { headers: { 'x-forwarded-for': '198.51.100.7' }, ...REFUSED },
        { headers: { 'x-forwarded-for': '2001:db8::7' }, ...OPEN },
        { headers: { 'x-forwarded-for': '2001:db8:1::7' }, ...REFUSED },
        { headers: { 'x-forwarded-for': '2002:c000:207::1' }, ...REFUSED },
        { ...REFUSED },
      ],
    },
  ],
};
