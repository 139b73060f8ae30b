import assert from 'node:assert/strict';
import { BALANCE } from '../../src/features/balance.ts';
import { cookiePath } from '../../src/features/balance/session.ts';
import { NO_ROUTE_FEATURES } from '../../src/model/features.ts';
import { isRequestVariable, REQUEST_VARIABLES } from '../../src/model/request-variables.ts';
import { diffServers } from '../../src/proxies/haproxy-servers.ts';
import { haproxyExpression, nginxExpression } from '../../src/render/request-variables.ts';
import { askFamily } from './ask-balance.ts';

function ask(annotations: Readonly<Record<string, string>>) {
  return askFamily(BALANCE, annotations);
}

const NOWHERE = { type: 'status', status: 404 } as const;
const PLAIN = { algorithm: 'round-robin', hashBy: undefined, subsetSize: undefined, session: undefined } as const;

describe('annotations of load balancing', () => {
  const algorithms: readonly (readonly [Readonly<Record<string, string>>, object | undefined])[] = [
    [{ 'load-balance': 'round_robin' }, undefined],
    [{ 'load-balance': 'ewma' }, { ...PLAIN, algorithm: 'least-connections' }],
    [{ 'load-balance': 'chash' }, undefined],
    [{ 'load-balance': 'EWMA' }, undefined],
    [
      { 'load-balance': 'ewma', 'upstream-hash-by': '$uri' },
      { ...PLAIN, algorithm: 'hash', hashBy: '${uri}' },
    ],
    [
      { 'upstream-hash-by': '$host-${uri}x$the_real_ip' },
      { ...PLAIN, algorithm: 'hash', hashBy: '${host}-${uri}x${remote_addr}' },
    ],
    [
      { 'upstream-hash-by': '$uri', 'upstream-hash-by-subset': 'true' },
      { ...PLAIN, algorithm: 'hash', hashBy: '${uri}', subsetSize: 3 },
    ],
    [
      { 'upstream-hash-by': '$uri', 'upstream-hash-by-subset': 'true', 'upstream-hash-by-subset-size': '5' },
      { ...PLAIN, algorithm: 'hash', hashBy: '${uri}', subsetSize: 5 },
    ],
    [{ 'upstream-hash-by-subset': 'true' }, undefined],
    [{ 'upstream-hash-by': 'text' }, { ...PLAIN, algorithm: 'hash', hashBy: 'text' }],
    [{ affinity: 'cookie' }, { ...PLAIN, session: { name: 'INGRESSCOOKIE', mode: 'balanced' } }],
    [
      { affinity: 'cookie', 'affinity-mode': 'persistent', 'session-cookie-name': 'a.b', 'load-balance': 'ewma' },
      { ...PLAIN, algorithm: 'least-connections', session: { name: 'a.b', mode: 'persistent' } },
    ],
  ];
  for (const [annotations, balance] of algorithms) {
    it(`make an upstream of ${JSON.stringify(annotations)}`, () => {
      assert.deepEqual(ask(annotations).asked.upstream, { balance, viaClusterIp: false });
    });
  }

  const refused = [
    '$',
    '${',
    '${uri',
    '$uri}',
    'a{b}',
    '$ssl_client_raw_cert',
    '${env}',
    '$http_',
    '$sluice_host',
    '$request_body',
  ];
  for (const text of [...refused, 'a;b', '"', '%[src]', '$uri\u2028x', '\0', `$http_${'x'.repeat(70)}`]) {
    it(`refuse a hash of ${JSON.stringify(text).slice(0, 40)}`, () => {
      const { asked, codes } = ask({ 'upstream-hash-by': text });
      assert.deepEqual([asked.upstream?.balance, codes], [undefined, ['InvalidAnnotation']]);
    });
  }

  const wrong: readonly (readonly [key: string, text: string])[] = [
    ['session-cookie-name', 'a b'],
    ['session-cookie-name', 'a:b'],
    ['session-cookie-name', 'a/b'],
    ['session-cookie-name', 'a=b'],
    ['session-cookie-path', '/a;b'],
    ['session-cookie-path', '/a"b'],
    ['session-cookie-path', '/$uri'],
    ['session-cookie-path', '/a\r\nb'],
    ['session-cookie-domain', 'a;b'],
    ['session-cookie-domain', 'a..b'],
    ['session-cookie-domain', 'https://a'],
    ['session-cookie-expires', '10;x'],
    ['session-cookie-max-age', '1e9'],
    ['session-cookie-samesite', 'Laxer'],
    ['session-cookie-secure', 'no'],
    ['affinity-mode', 'Persistent'],
    ['affinity-canary-behavior', 'none'],
    ['service-upstream', 'yes'],
  ];
  for (const [key, text] of wrong) {
    it(`refuse ${JSON.stringify(text)} as ${key}`, () => {
      const good = ask({ affinity: 'cookie' });
      const { asked, codes } = ask({ affinity: 'cookie', [key]: text });
      assert.deepEqual(asked, good.asked);
      assert.deepEqual(codes, ['InvalidAnnotation']);
    });
  }

  it('tell of a session that nothing asks for', () => {
    const { asked, codes } = ask({ 'session-cookie-name': 'a' });
    assert.deepEqual([asked.route, codes], [undefined, ['AnnotationIgnored']]);
    assert.deepEqual(ask({ affinity: 'ip', 'session-cookie-name': 'a' }).codes, ['InvalidAnnotation']);
  });

  it('tell of a cookie whose path is an expression', () => {
    assert.deepEqual(ask({ affinity: 'cookie', 'use-regex': 'true' }).codes, ['AnnotationIgnored']);
    assert.deepEqual(ask({ affinity: 'cookie', 'use-regex': 'true', 'session-cookie-path': '/a' }).codes, []);
    assert.deepEqual(ask({ affinity: 'cookie', 'use-regex': 'false' }).codes, []);
  });

  it('give a cookie the path of its route, unless they name one', () => {
    const refine = BALANCE.refine ?? assert.fail();
    const pathOf = (path: string, annotations = {}): string | undefined => {
      const { asked } = ask({ affinity: 'cookie', ...annotations });
      const facts = { host: '', path, match: 'prefix', service: undefined, fallback: NOWHERE } as const;
      return refine({ ...NO_ROUTE_FEATURES, ...asked.route }, facts).session?.path;
    };
    assert.equal(pathOf('/a'), '/a');
    assert.equal(pathOf('/a', { 'session-cookie-path': '/b' }), '/b');
    assert.equal(cookiePath('/a;b "$é', 'prefix'), '/a%3Bb%20%22%24%C3%A9');
    assert.equal(cookiePath('/a.*', 'regex'), '/');
  });
});

describe('variables of a request', () => {
  for (const name of [...REQUEST_VARIABLES, 'http_x_user', 'cookie_a', 'arg_b']) {
    it(`have a name on both proxies: ${name}`, () => {
      assert.ok(isRequestVariable(name));
      assert.equal(nginxExpression(`$${name}`), `"\${${name}}"`);
      assert.match(haproxyExpression(`$${name}`), /^'%\[[a-z0-9_.()-]+\]'$/);
    });
  }

  it('are the only ones that become live', () => {
    for (const text of ['$ssl_client_cert', '${env}', '$', '$1', 'a$', '$sluice_x;']) {
      assert.throws(() => haproxyExpression(text), RangeError, text);
    }
    for (const text of ['$ssl_client_cert', '$', '$1', 'a$'])
      assert.throws(() => nginxExpression(text), RangeError, text);
    assert.throws(() => nginxExpression('a\nb'), RangeError);
    assert.equal(nginxExpression('a"b\\'), '"a\\"b\\\\"');
    assert.equal(nginxExpression(''), '""');
    assert.equal(haproxyExpression("100%'"), "'100%%'\\'''");
  });
});

describe('servers of HAProxy with sessions or hashes', () => {
  const backend = (...lines: readonly string[]): string =>
    ['', 'backend shop_web_80.a', ...lines.map((line) => `    ${line}`), ''].join('\n');
  const typeOf = (before: string, after: string): string => diffServers(before, after, '').type;

  it('change with a reload where servers are told apart by more than their address', () => {
    const cookie = (...tags: readonly string[]): string =>
      backend('cookie A insert indirect', ...tags.map((tag, at) => `server s${at} 10.0.0.${at}:80 cookie x.${tag}`));
    assert.equal(typeOf(cookie('a'), cookie('a', 'b')), 'other');
    const hash = (...ids: readonly number[]): string =>
      backend(
        'balance hash var(txn.hash_by)',
        'hash-type consistent',
        ...ids.map((id) => `server s${id} 10.0.0.${id}:80 id ${id}`),
      );
    assert.equal(typeOf(hash(1), hash(1, 2)), 'other');
    assert.equal(typeOf(hash(1, 2), hash(1)), 'other');
  });

  it('change at run time where they are not', () => {
    const random = (...ids: readonly number[]): string =>
      backend('balance random(2)', ...ids.map((id) => `server s${id} 10.0.0.${id}:80`));
    assert.equal(typeOf(random(1), random(1, 2)), 'servers');
  });
});
