import type { BehaviourRequest, BehaviourTable } from './case.ts';

/** The password `bar`, hashed as `openssl passwd` does it; made for tests. */
export const BAR_SHA512 =
  '$6$abcdefgh$eRCVTfM6DVKz9Bbuej9PpSMwyrZNRZ7fvE2MJbP.EfNqAQLeXh.dmdhCwDsteizQToJiFQ8BwdizmSCnsxS1u1';
export const BAR_APR1 = '$apr1$abcdefgh$bGLO42WqKpmLoPH9uGWTg1';
export const BAR_SHA = '{SHA}Ys23Ag/5IOWqZCw9QGaVDdHwH00=';
export const BAR_MD5 = '$1$abcdefgh$X4AQOXsoYNpzaat9Hm7iC/';
export const BAR_SHA256 = '$5$abcdefgh$d7u6pMccLHaLEPpZjR0SAZPfuxqzifIjukzrxPp5Vk5';

/** As Go makes it, which is what ingress-nginx tests itself with; at the lowest cost. */
export const BAR_BCRYPT = '$2a$04$e7uvxG54bvMgGhrrXi1YzOU27hs7jSLRbdelRdNg6b5uatP2V8ega';

export function basicAuth(secret: string): Readonly<Record<string, string>> {
  return { 'auth-type': 'basic', 'auth-secret': secret, 'auth-realm': 'test auth' };
}

export function usersSecret(name: string, users: Readonly<Record<string, string>>): object {
  const data = Object.fromEntries(Object.entries(users).map(([key, text]) => [key, btoa(text)]));
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace: 'shop' }, data };
}

function as(login: string, want: BehaviourRequest['want']): BehaviourRequest {
  return { headers: { authorization: `Basic ${btoa(login)}` }, want };
}

const IN = { backend: 'alpha' } as const;
const OUT = { status: 401, headers: { 'www-authenticate': /^Basic realm="test auth"/ } } as const;
const CLOSED = { status: 503 } as const;

export const BASIC_AUTH: BehaviourTable = {
  family: 'basic-auth',
  cases: [
    {
      name: 'asks for a password, and takes the right one only',
      keys: ['auth-type', 'auth-secret', 'auth-realm'],
      annotations: basicAuth('one'),
      objects: () => [usersSecret('one', { auth: `# users\n\nfoo:${BAR_SHA512}\n` })],
      requests: [
        { want: OUT },
        as('foo:bar', IN),
        as('foo:baz', OUT),
        as('foo:', OUT),
        as('fo:bar', OUT),
        as(`foo:${BAR_SHA512}`, OUT),
        { headers: { authorization: 'Bearer bar' }, want: OUT },
      ],
    },
    {
      name: 'the upstream does not get the password',
      keys: ['auth-type'],
      annotations: basicAuth('hidden'),
      objects: () => [usersSecret('hidden', { auth: `foo:${BAR_SHA512}` })],
      requests: [as('foo:bar', { ...IN, upstreamHeaders: { authorization: undefined } })],
    },
    {
      name: 'a Secret may have a key for each user',
      keys: ['auth-secret-type'],
      annotations: { ...basicAuth('map'), 'auth-secret-type': 'auth-map' },
      objects: () => [usersSecret('map', { foo: BAR_SHA512, 'a.b': `${BAR_MD5}\n` })],
      requests: [as('foo:bar', IN), as('a.b:bar', IN), as('a.b:b', OUT), { want: OUT }],
    },
    {
      name: 'takes the hashes of crypt(3), and {PLAIN}',
      keys: ['auth-secret'],
      annotations: basicAuth('formats'),
      objects: () => [
        usersSecret('formats', {
          auth: [
            `bcrypt:${BAR_BCRYPT}`,
            `md5:${BAR_MD5}`,
            `sha256:${BAR_SHA256}`,
            `a b:${BAR_SHA512}`,
            'plain:{PLAIN}b$a%[src]"r',
          ].join('\r\n'),
        }),
      ],
      requests: [
        as('bcrypt:bar', IN),
        as('bcrypt:baz', OUT),
        as('md5:bar', IN),
        as('sha256:bar', IN),
        as('a b:bar', IN),
        as('plain:b$a%[src]"r', IN),
        as('md5:baz', OUT),
        as('plain:bar', OUT),
      ],
    },
    {
      name: 'takes what htpasswd makes',
      keys: ['auth-secret'],
      only: 'nginx',
      annotations: basicAuth('apache'),
      objects: () => [usersSecret('apache', { auth: `apr1:${BAR_APR1}\nsha:${BAR_SHA}\n` })],
      requests: [as('apr1:bar', IN), as('sha:bar', IN), as('apr1:baz', OUT), as('sha:baz', OUT)],
    },
    {
      name: 'who has a hash of Apache cannot log in, and others can',
      keys: ['auth-secret'],
      only: 'haproxy',
      annotations: basicAuth('mixed'),
      objects: () => [usersSecret('mixed', { auth: `apr1:${BAR_APR1}\nfoo:${BAR_SHA512}\nnobody\n` })],
      requests: [as('apr1:bar', OUT), as('foo:bar', IN)],
    },
    {
      name: 'answers of the proxy say in words what they are',
      keys: ['auth-secret'],
      annotations: basicAuth('formats'),
      paths: [{ path: '/app', service: 'alpha' }],
      requests: [
        { path: '/app', want: { status: 401, body: /401 Authorization Required/ } },
        { path: '/', want: { status: 404, body: /404 Not Found/ } },
      ],
    },
    {
      name: 'a Secret that does not exist closes the route',
      keys: ['auth-secret'],
      annotations: basicAuth('something'),
      requests: [{ want: { ...CLOSED, body: /503 Service Temporarily Unavailable/ } }, as('foo:bar', CLOSED)],
    },
    {
      name: 'a Secret without users lets nobody in',
      keys: ['auth-secret'],
      annotations: basicAuth('empty-users'),
      objects: () => [usersSecret('empty-users', { auth: 'foo:bar\n' })],
      requests: [as('foo:bar', OUT), { want: OUT }],
    },
    {
      name: 'a user without a password cannot log in',
      keys: ['auth-secret'],
      annotations: basicAuth('no-password'),
      objects: () => [usersSecret('no-password', { auth: 'foo:' })],
      requests: [as('foo:bar', OUT), as('foo:', OUT), as(':', OUT), { want: OUT }],
    },
    {
      name: 'a Secret without users whom HAProxy knows closes the route',
      keys: ['auth-secret'],
      only: 'haproxy',
      annotations: basicAuth('unknown'),
      objects: () => [usersSecret('unknown', { auth: `apr1:${BAR_APR1}\n` })],
      requests: [{ want: CLOSED }],
    },
    {
      name: 'a Secret of another namespace closes the route',
      keys: ['auth-secret'],
      annotations: basicAuth('other/users'),
      requests: [{ want: CLOSED }],
    },
    {
      name: 'auth-type without auth-secret closes the route',
      keys: ['auth-type'],
      annotations: { 'auth-type': 'basic' },
      requests: [{ want: CLOSED }],
    },
    {
      name: 'digest closes the route',
      keys: ['auth-type'],
      annotations: { ...basicAuth('digest'), 'auth-type': 'digest' },
      objects: () => [usersSecret('digest', { auth: `foo:${BAR_SHA512}` })],
      requests: [{ want: CLOSED }],
    },
    {
      name: 'the realm off does not switch it off',
      keys: ['auth-realm'],
      annotations: { ...basicAuth('realm-off'), 'auth-realm': 'off' },
      objects: () => [usersSecret('realm-off', { auth: `foo:${BAR_SHA512}` })],
      requests: [{ want: { status: 401 } }],
    },
  ],
};
