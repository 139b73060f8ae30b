import assert from 'node:assert/strict';
import { rewriteTarget } from '../../src/features/rewrite-target.ts';
import { pathSyntax } from '../../src/features/uses-regex.ts';
import { OPTIONS } from '../support/objects.ts';
import {
  allRoutes,
  backend,
  ingress,
  path,
  problemsOf,
  rule,
  service,
  slice,
  translate,
  WEB,
} from '../translate/world.ts';

const KEY = 'nginx.ingress.kubernetes.io';
const API = [service('api'), slice('api', ['10.0.0.2'])];
const HOST = 'a.example.com';

function annotated(annotations: Readonly<Record<string, string>>, ...paths: Parameters<typeof path>[]) {
  const prefixed = Object.entries(annotations).map(([key, value]) => [`${KEY}/${key}`, value] as const);
  const rules = [rule(HOST, ...paths.map((item) => path(...item)))];
  return ingress('web', { annotations: Object.fromEntries(prefixed), rules });
}

const TARGETS: readonly (readonly [text: string, value: string | undefined])[] = [
  ['/', '/'],
  [' /a/$1/$2 ', '/a/$1/$2'],
  ['$1', '$1'],
  ['/$10', '/$10'],
  ['https://a.example.com:8443/$1', 'https://a.example.com:8443/$1'],
  ['/$0', undefined],
  ['/$', undefined],
  ['/$request_uri', undefined],
  ['/${1}', undefined],
  ['/a?b', undefined],
  ['/a b', undefined],
  ['/a;}', undefined],
  ['/"a', undefined],
  ['/a\nb', undefined],
  ['/a\rb', undefined],
  ['/a\u2028b', undefined],
  ['/a\u0000', undefined],
  ['/%[src]', undefined],
  [`/${'a'.repeat(5000)}`, undefined],
];

describe('rewrite-target', () => {
  for (const [text, value] of TARGETS) {
    it(`makes ${value ?? 'nothing'} of ${JSON.stringify(text.slice(0, 60))}`, () => {
      const parsed = rewriteTarget(text);
      assert.equal(parsed.ok ? parsed.value : undefined, value);
    });
  }

  it('keeps a wrong value out, and the route open', () => {
    const translation = translate([annotated({ 'rewrite-target': '/$host' }, ['/x']), ...WEB]);
    assert.deepEqual(problemsOf(translation), [
      `InvalidAnnotation Ingress shop/web metadata.annotations[${KEY}/rewrite-target]`,
    ]);
    assert.deepEqual(allRoutes(translation), { [HOST]: ['prefix /x → shop_web_80', 'prefix / → 404'] });
  });

  it('has the path of each rule for its pattern, and none where it is the path', () => {
    const { model } = translate([annotated({ 'rewrite-target': '/b' }, ['/a'], ['/b']), ...WEB]);
    const routes = model.hosts.find(({ name }) => name === HOST)?.routes ?? [];
    assert.deepEqual(
      routes.map(({ path: text, features }) => [text, features?.rewrite?.pattern]),
      [
        ['/b', undefined],
        ['/a', '/a'],
        ['/', undefined],
      ],
    );
  });
});

describe('paths that are regular expressions', () => {
  const both = (annotations: Readonly<Record<string, string>>, ...own: Parameters<typeof path>[]) =>
    translate([
      annotated(annotations, ...own),
      ingress('plain', {
        rules: [rule(HOST, path('/longer.path/', 'Prefix', backend('api')), path('/E', 'Exact', backend('api')))],
      }),
      ...WEB,
      ...API,
    ]);

  it('are so for all Ingresses of the host, as they are written, from the longest to the shortest', () => {
    assert.deepEqual(allRoutes(both({ 'use-regex': 'T' }, ['/a(b|c)', 'ImplementationSpecific'], ['/$'])), {
      [HOST]: [
        'regex /longer.path/ → shop_api_80',
        'regex /a(b|c) → shop_web_80',
        'regex /E → shop_api_80',
        'regex /$ → shop_web_80',
        'regex / → 404',
      ],
    });
  });

  it('are none when use-regex is no boolean', () => {
    const translation = both({ 'use-regex': 'yes' }, ['/a']);
    assert.deepEqual(allRoutes(translation)[HOST], [
      'exact /E → shop_api_80',
      'prefix /longer.path → shop_api_80',
      'prefix /a → shop_web_80',
      'prefix / → 404',
    ]);
  });

  it('are not for other hosts', () => {
    const other = ingress('other', { rules: [rule('b.example.com', '/x/')] });
    const routes = allRoutes(translate([annotated({ 'use-regex': 'true' }, ['/a']), other, ...WEB]));
    assert.deepEqual(routes['b.example.com'], ['prefix /x → shop_web_80', 'prefix / → 404']);
  });

  it('are escaped where they are no expression, or percent-encoded', () => {
    const plain = ingress('plain', { rules: [rule(HOST, '/not(one', '/caf%C3%A9', '/a%2Bb')] });
    const routes = allRoutes(translate([annotated({ 'use-regex': 'true' }, ['/']), plain, ...WEB]));
    assert.deepEqual(routes[HOST], [
      'regex /café → shop_web_80',
      'regex /not\\(one → shop_web_80',
      'regex /a\\+b → shop_web_80',
      'regex / → shop_web_80',
    ]);
  });

  it('belong to the older Ingress where two are the same', () => {
    const late = ingress('late', {
      creationTimestamp: '2026-02-01T00:00:00Z',
      annotations: { [`${KEY}/use-regex`]: 'true' },
      rules: [rule(HOST, path('/a.+', 'Prefix', backend('api')))],
    });
    const translation = translate([late, annotated({ 'use-regex': 'true' }, ['/a.+']), ...WEB, ...API]);
    assert.deepEqual(allRoutes(translation)[HOST], ['regex /a.+ → shop_web_80', 'regex / → 404']);
    assert.deepEqual(problemsOf(translation), ['PathConflict Ingress shop/late spec.rules[0].http.paths[0]']);
  });

  it('are told when they are none', () => {
    const translation = translate([annotated({ 'use-regex': 'true' }, ['/a(', 'Exact'], ['/é'], ['/b']), ...WEB]);
    assert.deepEqual(problemsOf(translation), [
      'InvalidPath Ingress shop/web spec.rules[0].http.paths[0].path',
      'InvalidPath Ingress shop/web spec.rules[0].http.paths[1].path',
    ]);
    assert.deepEqual(allRoutes(translation)[HOST], ['regex /b → shop_web_80', 'regex / → 404']);
  });

  it('may be those of a canary, which has the annotations of another Ingress', () => {
    assert.equal(pathSyntax(annotated({ canary: 'true' }, ['/a(.*)']), OPTIONS), 'either');
    assert.equal(pathSyntax(annotated({ canary: 'false' }, ['/a(.*)']), OPTIONS), 'plain');
  });

  it('are none for templates that cannot express them', () => {
    const target = { ...OPTIONS.target, families: ['cors'] };
    assert.equal(pathSyntax(annotated({ 'use-regex': 'true' }, ['/a']), { ...OPTIONS, target }), 'plain');
  });
});
