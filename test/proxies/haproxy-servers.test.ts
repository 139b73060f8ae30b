import assert from 'node:assert/strict';
import { addressKey, diffServers } from '../../src/proxies/haproxy-servers.ts';

const BUILT_IN = 'pool-purge-delay 5s pool-max-conn -1';

/** `backend NAME` with these lines. */
function backend(name: string, ...lines: readonly string[]): string {
  return [`# Service ${name}`, `backend ${name}`, ...lines.map((line) => `    ${line}`), ''].join('\n');
}

function servers(...addresses: readonly string[]): readonly string[] {
  return addresses.map((address, index) => `server s${index} ${address}`);
}

const A = '10.0.0.1:80';
const B = '10.0.0.2:80';
const C = '10.0.0.3:80';

interface Case {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly inherited?: string;
}

describe('diffServers', () => {
  const changed: readonly (Case & { readonly want: Readonly<Record<string, readonly [string, string, string?]>> })[] = [
    {
      name: 'nothing when the texts are equal',
      before: backend('a', ...servers(A)),
      after: backend('a', ...servers(A)),
      want: {},
    },
    {
      name: 'an endpoint that is another one',
      before: backend('a', ...servers(A)),
      after: backend('a', ...servers(B)),
      want: { a: [A, B] },
    },
    {
      name: 'endpoints that come and go in several backends, and the others left alone',
      before: backend('a', ...servers(A)) + backend('b', ...servers(B)) + backend('c', ...servers(A, B)) + backend('d'),
      after: backend('a', ...servers(A, C)) + backend('b', ...servers(B)) + backend('c', ...servers(B)) + backend('d'),
      want: { a: [A, `${A} ${C}`], c: [`${A} ${B}`, B] },
    },
    {
      name: 'names that begin alike',
      before: backend('shop', ...servers(A)) + backend('shop-2', ...servers(A)),
      after: backend('shop', ...servers(A)) + backend('shop-2', ...servers(B)),
      want: { 'shop-2': [A, B] },
    },
    {
      name: 'an order that is another one as no change',
      before: backend('a', ...servers(A, B)),
      after: backend('a', ...servers(B, A)),
      want: { a: [`${A} ${B}`, `${B} ${A}`] },
    },
    {
      name: 'IPv6, however it is written',
      before: backend('a', ...servers('[2001:DB8:0::1]:80')),
      after: backend('a', ...servers('[2001:db8::1]:80', '[::ffff:10.0.0.1]:80')),
      want: { a: ['[2001:db8::1]:80', '[2001:db8::1]:80 [::ffff:10.0.0.1]:80'] },
    },
    {
      name: 'what servers inherit, what their backend says, and what they say, in this order',
      before: backend('a', 'default-server maxconn 7', `server s0 ${A} weight 3`),
      after: backend('a', 'default-server maxconn 7', `server s0 ${B} weight 3`),
      inherited: 'pool-max-conn 32',
      want: { a: [A, B, `${BUILT_IN} pool-max-conn 32 maxconn 7 weight 3`] },
    },
    {
      name: 'lines of a user',
      before: backend('a', 'http-request set-header X-Backend a', 'balance leastconn', ...servers(A)),
      after: backend('a', 'http-request set-header X-Backend a', 'balance leastconn', ...servers(B)),
      want: { a: [A, B] },
    },
  ];
  for (const { name, before, after, inherited = '', want } of changed) {
    it(`finds ${name}`, () => {
      const diff = diffServers(before, after, inherited);
      assert.ok(diff.type === 'servers', JSON.stringify(diff));
      const got = diff.changes.map((change) => [
        change.backend,
        [[...change.before].join(' '), [...change.after].join(' '), change.options],
      ]);
      const full = Object.entries(want).map(([key, [old, next, options = BUILT_IN]]) => [key, [old, next, options]]);
      assert.deepEqual(got, full);
    });
  }

  const others: readonly (Case & { readonly reason: RegExp })[] = [
    {
      name: 'a backend comes',
      before: backend('a', ...servers(A)),
      after: backend('a', ...servers(A)) + backend('b', ...servers(A)),
      reason: /came or went/,
    },
    {
      name: 'a backend goes',
      before: backend('a', ...servers(A)) + backend('b', ...servers(A)),
      after: backend('b', ...servers(A)),
      reason: /came or went/,
    },
    {
      name: 'a backend is named otherwise',
      before: backend('a', ...servers(A)),
      after: backend('b', ...servers(A)),
      reason: /no backend/,
    },
    {
      name: 'another line changed',
      before: backend('a', 'timeout server 5s', ...servers(A)),
      after: backend('a', 'timeout server 6s', ...servers(B)),
      reason: /more than servers changed in a/,
    },
    {
      name: 'a line came with the second server',
      before: backend('a', ...servers(A)),
      after: backend('a', 'retry-on response-timeout', ...servers(A, B)),
      reason: /more than servers/,
    },
    {
      name: 'the last server goes',
      before: backend('a', ...servers(A)),
      after: backend('a'),
      reason: /a has no servers/,
    },
    {
      name: 'the first server comes',
      before: backend('a'),
      after: backend('a', ...servers(A)),
      reason: /a has no servers/,
    },
    {
      name: 'servers have options of their own',
      before: backend('a', `server s0 ${A} maxconn 1`),
      after: backend('a', `server s0 ${A} maxconn 1`, `server s1 ${B}`),
      reason: /more than an address/,
    },
    {
      name: 'the options changed',
      before: backend('a', `server s0 ${A} maxconn 1`),
      after: backend('a', `server s0 ${A} maxconn 2`),
      reason: /options of the servers of a changed/,
    },
    {
      name: 'an option is unknown',
      before: backend('a', `server s0 ${A} check`),
      after: backend('a', `server s0 ${B} check`),
      reason: /not every version takes/,
    },
    {
      name: 'an option ends a command',
      before: backend('a', `server s0 ${A} sni str(;)`),
      after: backend('a', `server s0 ${B} sni str(;)`),
      reason: /not every version takes/,
    },
    {
      name: 'an option lacks its word',
      before: backend('a', `server s0 ${A} maxconn`),
      after: backend('a', `server s0 ${B} maxconn`),
      reason: /not every version takes/,
    },
    {
      name: 'an inherited option is unknown',
      before: backend('a', ...servers(A)),
      after: backend('a', ...servers(B)),
      inherited: 'check inter 2s',
      reason: /not every version takes/,
    },
    {
      name: 'a server is a name',
      before: backend('a', ...servers('one.example:80')),
      after: backend('a', ...servers('two.example:80')),
      reason: /more than an address/,
    },
    {
      name: 'an address is there twice',
      before: backend('a', ...servers(A)),
      after: backend('a', ...servers(B, B)),
      reason: /more than an address/,
    },
    {
      name: 'a server is chosen by its name',
      before: backend('a', 'use-server s0 if TRUE', ...servers(A)),
      after: backend('a', 'use-server s0 if TRUE', ...servers(B)),
      reason: /by name/,
    },
    {
      name: 'a cookie names servers',
      before: backend('a', 'cookie SRV insert', ...servers(A)),
      after: backend('a', 'cookie SRV insert', ...servers(B)),
      reason: /by name/,
    },
    {
      name: 'defaults follow a server',
      before: backend('a', ...servers(A), 'default-server maxconn 1'),
      after: backend('a', ...servers(B), 'default-server maxconn 1'),
      reason: /more than an address/,
    },
    {
      name: 'the section is no backend',
      before: `listen a\n    server s0 ${A}\n`,
      after: `listen a\n    server s0 ${B}\n`,
      reason: /no backend/,
    },
    {
      name: 'the section takes other defaults',
      before: `backend a from b\n    server s0 ${A}\n`,
      after: `backend a from b\n    server s0 ${B}\n`,
      reason: /no backend/,
    },
    {
      name: 'there are defaults between backends',
      before: `defaults\n    mode tcp\n${backend('a', ...servers(A))}`,
      after: `defaults\n    mode tcp\n${backend('a', ...servers(B))}`,
      reason: /several sections of defaults/,
    },
    {
      name: 'a comment changed',
      before: `# one\n${backend('a', ...servers(A))}`,
      after: `# two\n${backend('a', ...servers(A))}`,
      reason: /no backend/,
    },
  ];
  for (const { name, before, after, inherited = '', reason } of others) {
    it(`leaves it to a reload when ${name}`, () => {
      const diff = diffServers(before, after, inherited);
      assert.ok(diff.type === 'other', JSON.stringify(diff));
      assert.match(diff.reason, reason);
    });
  }

  it('finds one server among thousands of backends, wherever it is', () => {
    const world = (at: number, address: string): string =>
      Array.from({ length: 2_000 }, (_, index) => backend(`b${index}`, ...servers(index === at ? address : A))).join(
        '',
      );
    for (const at of [0, 1, 999, 1_998, 1_999]) {
      const diff = diffServers(world(at, A), world(at, B), '');
      assert.ok(diff.type === 'servers');
      assert.deepEqual(
        diff.changes.map((change) => [change.backend, [...change.before], [...change.after]]),
        [[`b${at}`, [A], [B]]],
      );
    }
  });
});

describe('addressKey', () => {
  const cases: readonly { readonly host: string; readonly want: string | undefined }[] = [
    { host: '10.0.0.1', want: '10.0.0.1:80' },
    { host: '::1', want: '[::1]:80' },
    { host: '2001:DB8:0:0::1', want: '[2001:db8::1]:80' },
    { host: '-', want: undefined },
    { host: '10.0.0.256', want: undefined },
    { host: 'example.com', want: undefined },
    { host: '', want: undefined },
  ];
  for (const { host, want } of cases) {
    it(`of ${JSON.stringify(host)} is ${want ?? 'none'}`, () => assert.equal(addressKey(host, 80), want));
  }
});
