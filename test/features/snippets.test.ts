import assert from 'node:assert/strict';
import { selectAnnotations } from '../../src/features/reader.ts';
import { fillSnippet, withHeadersOf } from '../../src/features/snippets/fill.ts';
import { HARMLESS, readSnippet } from '../../src/features/snippets/read.ts';
import { parseStatements } from '../../src/features/snippets/statements.ts';
import { DEFAULT_GLOBALS, type Globals } from '../../src/features/globals.ts';
import { readFeatures } from '../../src/features/read-features.ts';
import type { FeatureContext } from '../../src/features/family.ts';
import { snippetPolicy } from '../../src/cli/snippet-policy.ts';
import type { SnippetPolicy } from '../../src/model/snippet-policy.ts';

const read = (text: string, allowed = HARMLESS) => readSnippet(text, 'location', allowed);

describe('snippets', () => {
  describe('the syntax of nginx', () => {
    const good: readonly (readonly [string, readonly (readonly string[])[]])[] = [
      ['a b c;', [['a', 'b', 'c']]],
      ['a "b c" \'d;}\';', [['a', 'b c', 'd;}']]],
      ['# b;\na "x#y" z#z; # end', [['a', 'x#y', 'z#z']]],
      ['a "\\"" \\; \\.;', [['a', '"', '\\;', '\\.']]],
      ['a ${x}b;', [['a', '${x}b']]],
      ['', []],
    ];
    for (const [text, want] of good) {
      it(`reads ${JSON.stringify(text)}`, () => {
        const parsed = parseStatements(text);
        assert.deepEqual(parsed.ok && parsed.value.map(({ name, words }) => [name, ...words]), want);
      });
    }
    const bad = [
      'a',
      'a b',
      'a {',
      'a { b; ',
      '}',
      'a; }',
      ';',
      '{ }',
      'a "b',
      "a 'b;",
      'a "b"c;',
      'a "b\nc";',
      'a b\\n;',
      'a \0;',
      'a \u2028;',
      'a { b { c { d; } } }',
      'a \\',
    ];
    for (const text of bad) {
      it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseStatements(text).ok, false));
    }
    it('refuses what is very long', () => {
      assert.equal(parseStatements('a;'.repeat(40_000)).ok, false);
      assert.equal(parseStatements('a b;'.repeat(5000)).ok, false);
    });
  });

  const refused: readonly string[] = [
    'alias /etc/;',
    'root /;',
    'include /etc/passwd;',
    'proxy_pass http://other;',
    'content_by_lua_block { x; }',
    'location / { return 200; }',
    'set $a b;',
    'allow all;',
    'satisfy any;',
    'auth_basic off;',
    'constructor x;',
    '__proto__ x;',
    'add_header X "$ssl_client_raw_cert";',
    'add_header X "$1";',
    'add_header X "$";',
    'add_header "X: y" z;',
    'add_header X y z;',
    'more_set_headers "X";',
    'more_set_headers -s 404 "X: y";',
    'more_set_input_headers "X";',
    'more_set_input_headers "Host: evil";',
    'more_set_input_headers "X_Forwarded_For: evil";',
    'more_set_input_headers "X: $ssl_client_raw_cert";',
    'more_clear_input_headers;',
    'more_clear_input_headers Authorization;',
    'more_clear_input_headers "X: y";',
    'add_header X "a $uri";',
    'more_set_headers "X: ${uri}";',
    'more_set_input_headers "X: $uri";',
    'proxy_set_header X $binary_remote_addr;',
    'return 302 https://$host$uri;',
    'return $scheme://$host$uri;',
    'if ($host = a) { return 302 https://b$uri; }',
    'rewrite ^ https://$host$uri permanent;',
    'rewrite ^ http://x$uri;',
    'proxy_set_header Host evil;',
    'proxy_set_header X_Forwarded_For evil;',
    'proxy_read_timeout 1y;',
    'gzip on off;',
    'gzip on; gzip off;',
    'gzip_types "a;b";',
    'return 200 a b;',
    'return 999;',
    'return /path;',
    'rewrite ^/a /b last;',
    'rewrite ^/a /b;',
    'rewrite ^/a /b?c=$1 break;',
    'rewrite ^((.*)) https://x/$1$2 redirect;',
    'rewrite ^(?<host>.*) /b break;',
    'rewrite ^( /b break;',
    'rewrite ^/a $ssl_client_cert break;',
    'rewrite ^/a $hosts break;',
    'if (-f /etc/passwd) { return 200; }',
    'if ($host) return 200;',
    'if $host { return 200; }',
    'if ($uid_got = a) { return 200; }',
    'if ($host = a) { if ($host = b) { return 200; } }',
    'if ($host = a) { add_header X y; }',
    'if ($host = a) { proxy_pass http://x; }',
    'return 200 { }',
  ];
  for (const text of refused) {
    it(`does not take ${text}`, () => assert.equal(read(text).ok, false));
  }

  it('takes a decoded path where it cannot end a header, and says what to use elsewhere', () => {
    for (const text of [
      'if ($uri = /a) { return 403; }',
      'if ($host = $uri) { return 403; }',
      'rewrite ^ /a$uri break;',
    ])
      assert.equal(read(text).ok, true, text);
    for (const text of ['return 302 https://x$uri;', 'rewrite ^ https://x$uri redirect;']) {
      const parsed = read(text);
      assert.match(parsed.ok ? '' : parsed.problem, /\$uri.* line break.*use \$request_uri/, text);
    }
  });

  it('takes nothing but what is allowed', () => {
    assert.equal(read('gzip on;', ['gzip']).ok, true);
    assert.equal(read('return 200;', ['gzip']).ok, false);
    assert.equal(read('if ($host = a) { return 200; }', ['if']).ok, false);
  });

  it('takes headers for a whole host, but none that nginx would not hand down', () => {
    for (const text of ['add_header X y;', 'more_set_headers "X: y";', 'more_set_input_headers "X: y";'])
      assert.equal(readSnippet(text, 'server', HARMLESS).ok, true, text);
    for (const text of ['proxy_set_header X y;', 'proxy_hide_header X;', 'more_set_headers "X: $nothing";'])
      assert.equal(readSnippet(text, 'server', HARMLESS).ok, false, text);
  });

  it('reads headers of requests', () => {
    const parsed = read('more_set_input_headers "pathType: exact" "X: $req_id"; more_clear_input_headers A B;');
    assert.deepEqual(parsed.ok && parsed.value.requestHeaders, [
      { name: 'pathType', value: 'exact' },
      { name: 'X', value: '$req_id' },
      { name: 'A', value: '' },
      { name: 'B', value: '' },
    ]);
  });

  it('puts what is known of Ingress and Service in place of its variables', () => {
    const parsed = read(
      'more_set_input_headers "S: $service_name-$host";return 200 ${namespace}; if ($host = $ingress_name) { return 201 $service_port; }',
    );
    const names = { namespace: 'shop', ingress_name: 'web', service_name: 'alpha', service_port: '80' };
    const { requestHeaders, lines } = fillSnippet(parsed.ok ? parsed.value : assert.fail(), names);
    assert.deepEqual(requestHeaders, [{ name: 'S', value: 'alpha-${host}' }]);
    const [first, second] = lines;
    assert.deepEqual(first, { type: 'return', status: 200, text: 'shop' });
    assert.ok(second?.type === 'if' && second.operand === 'web');
    assert.deepEqual(second.lines, [{ type: 'return', status: 201, text: '80' }]);
  });

  it('lets headers of a path go before those of the host', () => {
    const host = readSnippet('more_set_headers "A: 1" "B: 1"; more_set_input_headers "C: 1";', 'server', HARMLESS);
    const path = read('more_set_headers "a: 2"; proxy_set_header c 2;');
    assert.ok(host.ok && path.ok);
    assert.deepEqual(withHeadersOf(host.value, path.value), {
      addHeaders: [
        { name: 'B', value: '1', always: true },
        { name: 'a', value: '2', always: true },
      ],
      hideHeaders: ['a', 'B'],
      requestHeaders: [{ name: 'c', value: '2' }],
      lines: [],
    });
  });

  it('takes no break for a whole host, which would pass by its block lists', () => {
    for (const text of ['break;', 'rewrite ^/a /b break;', 'if ($host = a) { break; }'])
      assert.equal(readSnippet(text, 'server', HARMLESS).ok, false, text);
    assert.equal(readSnippet('rewrite ^/a /b redirect;', 'server', HARMLESS).ok, true);
  });

  describe('the policy', () => {
    const ask = (text: string, snippets: SnippetPolicy, globals: Partial<Globals> = {}, proxy = 'nginx') => {
      const ingress = { metadata: { namespace: 'shop', name: 'a' }, rules: [] };
      const context = {
        ingress,
        globals: { ...DEFAULT_GLOBALS, ...globals },
        proxy: { name: proxy, version: '1.22.1', modules: [], families: ['*'] },
        snippets,
      } as unknown as FeatureContext;
      const given = selectAnnotations({ 'sluice.dev/configuration-snippet': text }, ['sluice.dev']);
      const { route, diagnostics } = readFeatures(given, context);
      return { lines: route?.snippets?.lines.length, codes: diagnostics.map(({ code }) => code), diagnostics };
    };
    const GZIP = 'gzip on;';

    it('is off', () => {
      const { lines, codes, diagnostics } = ask(GZIP, []);
      assert.deepEqual([lines, codes], [undefined, ['AnnotationUnsupported']]);
      assert.match(diagnostics[0]?.message ?? '', /--snippets shop/);
    });

    it('allows a namespace, all, or some directives', () => {
      assert.equal(ask(GZIP, [{ namespace: 'shop', directives: [] }]).lines, 1);
      assert.equal(ask(GZIP, [{ namespace: '*', directives: [] }]).lines, 1);
      assert.equal(ask(GZIP, [{ namespace: 'other', directives: [] }]).lines, undefined);
      const narrow = { namespace: 'shop', directives: ['return'] };
      assert.deepEqual(ask(GZIP, [{ namespace: '*', directives: [] }, narrow]).codes, ['InvalidAnnotation']);
    });

    it('is in the ConfigMap, too', () => {
      assert.equal(ask(GZIP, [], { allowSnippetAnnotations: true, annotationsRiskLevel: 'Critical' }).lines, 1);
      assert.equal(ask(GZIP, [], { allowSnippetAnnotations: true, annotationsRiskLevel: 'High' }).lines, undefined);
    });

    it('allows headers on HAProxy, and drops what has another directive', () => {
      const all = [{ namespace: '*', directives: [] }];
      assert.deepEqual(ask('add_header X y;', all, {}, 'haproxy').codes, []);
      for (const text of ['add_header X y; gzip on;', 'return 403;', 'if ($host = a) { return 403; }']) {
        const { lines, codes, diagnostics } = ask(text, all, {}, 'haproxy');
        assert.deepEqual([lines, codes], [undefined, ['AnnotationUnsupported']]);
        assert.match(diagnostics[0]?.message ?? '', /it has (?:gzip|return|if), and not only directives about headers/);
      }
    });

    it('is a flag', () => {
      assert.deepEqual(snippetPolicy('shop; *=gzip,if'), {
        ok: true,
        value: [
          { namespace: 'shop', directives: [] },
          { namespace: '*', directives: ['gzip', 'if'] },
        ],
      });
      assert.deepEqual(snippetPolicy(''), { ok: true, value: [] });
      for (const text of ['Shop', 'a=b', 'shop=', 'shop=gzip;;=', 'shop=proxy_pass'])
        assert.equal(snippetPolicy(text).ok, false, text);
    });
  });
});
