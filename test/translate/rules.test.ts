import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IngressPath, KubernetesObject } from '../../src/model/objects.ts';
import type { Route } from '../../src/model/routing.ts';
import {
  allRoutes,
  backend,
  ingress,
  path,
  problemsOf,
  routesOf,
  rule,
  service,
  slice,
  translate,
  WEB,
} from './world.ts';

interface Case {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly routes: Readonly<Record<string, readonly string[]>>;
  /** `Code object field` */
  readonly problems?: readonly string[];
}

const API = [service('api'), slice('api', ['10.0.0.2'])];
const PAY = [service('web', { namespace: 'pay' }), slice('web', ['10.0.0.3'], { namespace: 'pay' })];
const NOT_FOUND = 'prefix / → 404';
const NOON = '2026-01-01T12:00:00Z';
const LATER = '2026-01-01T12:00:01Z';

const HOSTS: readonly Case[] = [
  {
    name: 'serves a rule with a host for that host, with 404 for other paths',
    objects: [ingress('web', { rules: [rule('a.example.com', '/cart')] }), ...WEB],
    routes: { 'a.example.com': ['prefix /cart → shop_web_80', NOT_FOUND] },
  },
  {
    name: 'serves a rule without host for all hosts that no other rule names',
    objects: [ingress('web', { rules: [rule('', '/cart'), rule('a.example.com', '/')] }), ...WEB],
    routes: { '': ['prefix /cart → shop_web_80', NOT_FOUND], 'a.example.com': ['prefix / → shop_web_80'] },
  },
  {
    name: 'serves a wildcard host beside an exact host below it',
    objects: [ingress('web', { rules: [rule('*.example.com', '/'), rule('a.example.com', '/cart')] }), ...WEB],
    routes: { '*.example.com': ['prefix / → shop_web_80'], 'a.example.com': ['prefix /cart → shop_web_80', NOT_FOUND] },
  },
  {
    name: 'knows a host whose rule has no paths',
    objects: [ingress('web', { rules: [rule('a.example.com')] })],
    routes: { 'a.example.com': [NOT_FOUND] },
  },
  {
    name: 'leaves out a rule with a host that is no host, and keeps its neighbour',
    objects: [ingress('web', { rules: [rule('a\nb', '/'), rule('a.example.com', '/')] }), ...WEB],
    routes: { 'a.example.com': ['prefix / → shop_web_80'] },
    problems: ['InvalidHost Ingress shop/web spec.rules[0].host'],
  },
  {
    name: 'skips a rule and a path that the source could not read',
    objects: [
      ingress('web', { rules: [undefined, { host: 'a.example.com', paths: [undefined, path('/cart')] }] }),
      ...WEB,
    ],
    routes: { 'a.example.com': ['prefix /cart → shop_web_80', NOT_FOUND] },
  },
];

const PATH_TYPES: readonly Case[] = [
  {
    name: 'keeps the slash at the end of an Exact path and drops that of a Prefix',
    objects: [ingress('web', { rules: [rule('h', path('/a/', 'Exact'), path('/b/', 'Prefix'))] }), ...WEB],
    routes: { h: ['exact /a/ → shop_web_80', 'prefix /b → shop_web_80', NOT_FOUND] },
  },
  {
    name: 'takes ImplementationSpecific as Prefix',
    objects: [ingress('web', { rules: [rule('h', path('/a/', 'ImplementationSpecific'))] }), ...WEB],
    routes: { h: ['prefix /a → shop_web_80', NOT_FOUND] },
  },
  {
    name: 'takes a missing pathType as Prefix and says so',
    objects: [ingress('web', { rules: [rule('h', { path: '/a', pathType: undefined, backend: backend() })] }), ...WEB],
    routes: { h: ['prefix /a → shop_web_80', NOT_FOUND] },
    problems: ['PathTypeMissing Ingress shop/web spec.rules[0].http.paths[0].pathType'],
  },
  {
    name: 'takes an empty path as /',
    objects: [ingress('web', { rules: [rule('h', path('', 'ImplementationSpecific'))] }), ...WEB],
    routes: { h: ['prefix / → shop_web_80'] },
  },
  {
    name: 'leaves out a path of an unknown type, and keeps its neighbour',
    objects: [ingress('web', { rules: [rule('h', path('/a', 'Regex'), path('/b', 'exact'), '/c')] }), ...WEB],
    routes: { h: ['prefix /c → shop_web_80', NOT_FOUND] },
    problems: [
      'InvalidPathType Ingress shop/web spec.rules[0].http.paths[0].pathType',
      'InvalidPathType Ingress shop/web spec.rules[0].http.paths[1].pathType',
    ],
  },
  {
    name: 'leaves out a path with characters of a configuration language, and keeps its neighbour',
    objects: [ingress('web', { rules: [rule('h', '/a;}', '/$x', '/c')] }), ...WEB],
    routes: { h: ['prefix /c → shop_web_80', NOT_FOUND] },
    problems: [
      'InvalidPath Ingress shop/web spec.rules[0].http.paths[0].path',
      'InvalidPath Ingress shop/web spec.rules[0].http.paths[1].path',
    ],
  },
  {
    name: 'puts Exact before Prefix and longer prefixes before shorter ones',
    objects: [
      ingress('web', { rules: [rule('h', '/', '/b', '/a/b', '/a', '/aaaa', path('/a', 'Exact'), path('/', 'Exact'))] }),
      ...WEB,
    ],
    routes: {
      h: [
        'exact / → shop_web_80',
        'exact /a → shop_web_80',
        'prefix /aaaa → shop_web_80',
        'prefix /a/b → shop_web_80',
        'prefix /a → shop_web_80',
        'prefix /b → shop_web_80',
        'prefix / → shop_web_80',
      ],
    },
  },
];

const MERGING: readonly Case[] = [
  {
    name: 'merges the paths of one host from Ingresses of several namespaces, each with its own Services',
    objects: [
      ingress('web', { rules: [rule('h', '/')] }),
      ingress('web', { namespace: 'pay', rules: [rule('h', '/pay')] }),
      ...WEB,
      ...PAY,
    ],
    routes: { h: ['prefix /pay → pay_web_80', 'prefix / → shop_web_80'] },
  },
  {
    name: 'merges the rules of one Ingress for one host',
    objects: [ingress('web', { rules: [rule('h', '/a'), rule('h', '/b')] }), ...WEB],
    routes: { h: ['prefix /a → shop_web_80', 'prefix /b → shop_web_80', NOT_FOUND] },
  },
  {
    name: 'gives a path that two Ingresses want to the older one, and tells the other',
    objects: [
      ingress('young', { creationTimestamp: LATER, rules: [rule('h', '/', path('/young'))] }),
      ingress('zold', { creationTimestamp: NOON, rules: [rule('h', path('/', 'Prefix', backend('api')))] }),
      ...WEB,
      ...API,
    ],
    routes: { h: ['prefix /young → shop_web_80', 'prefix / → shop_api_80'] },
    problems: ['PathConflict Ingress shop/young spec.rules[0].http.paths[0]'],
  },
  {
    name: 'decides between Ingresses of the same second by namespace, then by name',
    objects: [
      ingress('a', { creationTimestamp: NOON, rules: [rule('h', '/')] }),
      ingress('z', { creationTimestamp: NOON, namespace: 'pay', rules: [rule('h', '/')] }),
      ingress('y', { creationTimestamp: NOON, namespace: 'pay', rules: [rule('h', '/')] }),
      ...WEB,
      ...PAY,
    ],
    routes: { h: ['prefix / → pay_web_80'] },
    problems: [
      'PathConflict Ingress pay/z spec.rules[0].http.paths[0]',
      'PathConflict Ingress shop/a spec.rules[0].http.paths[0]',
    ],
  },
  {
    name: 'takes an Ingress that was never in a cluster for the oldest',
    objects: [
      ingress('a', { creationTimestamp: NOON, rules: [rule('h', '/')] }),
      ingress('b', { rules: [rule('h', path('/', 'Prefix', backend('api')))] }),
      ...WEB,
      ...API,
    ],
    routes: { h: ['prefix / → shop_api_80'] },
    problems: ['PathConflict Ingress shop/a spec.rules[0].http.paths[0]'],
  },
  {
    name: 'sees no conflict between an Exact and a Prefix of the same path',
    objects: [
      ingress('a', { rules: [rule('h', path('/a', 'Exact'))] }),
      ingress('b', { rules: [rule('h', path('/a', 'Prefix', backend('api')))] }),
      ...WEB,
      ...API,
    ],
    routes: { h: ['exact /a → shop_web_80', 'prefix /a → shop_api_80', NOT_FOUND] },
  },
  {
    name: 'sees a conflict between spellings of the same path',
    objects: [
      ingress('a', { rules: [rule('h', '/caf%c3%a9', '/b')] }),
      ingress('b', { rules: [rule('h', '/caf%C3%A9/', path('/%62', 'ImplementationSpecific'))] }),
      ...WEB,
    ],
    routes: { h: ['prefix /caf%C3%A9 → shop_web_80', 'prefix /b → shop_web_80', NOT_FOUND] },
    problems: [
      'PathConflict Ingress shop/b spec.rules[0].http.paths[0]',
      'PathConflict Ingress shop/b spec.rules[0].http.paths[1]',
    ],
  },
  {
    name: 'lets the first of two equal paths of one Ingress win',
    objects: [ingress('a', { rules: [rule('h', '/', path('/', 'Prefix', backend('api')))] }), ...WEB, ...API],
    routes: { h: ['prefix / → shop_web_80'] },
    problems: ['PathConflict Ingress shop/a spec.rules[0].http.paths[1]'],
  },
];

function check({ objects, routes, problems = [] }: Case): void {
  const translation = translate(objects);
  assert.deepEqual(allRoutes(translation), routes);
  assert.deepEqual(problemsOf(translation), problems);
}

describe('the hosts of rules', () => {
  for (const item of HOSTS) it(item.name, () => check(item));

  it('has the default host always, and first', () => {
    const { hosts } = translate([ingress('web', { rules: [rule('*.example.com', '/'), rule('a', '/')] })]).model;
    assert.deepEqual(
      hosts.map(({ name, kind }) => [name, kind]),
      [
        ['', 'default'],
        ['*.example.com', 'wildcard'],
        ['a', 'exact'],
      ],
    );
    assert.deepEqual(routesOf(translate([]), ''), [NOT_FOUND]);
  });
});

describe('the types and the order of paths', () => {
  for (const item of PATH_TYPES) it(item.name, () => check(item));

  it('marks a prefix whose own path an exact route answers', () => {
    const { model } = translate([ingress('web', { rules: [rule('h', path('/a', 'Exact'), '/a', '/b')] }), ...WEB]);
    const twins = model.hosts[1]?.routes.map((route) => [route.match, route.path, route.exactTwin]);
    assert.deepEqual(twins, [
      ['exact', '/a', false],
      ['prefix', '/a', true],
      ['prefix', '/b', false],
      ['prefix', '/', false],
    ]);
  });

  it('orders routes so that the first that matches is the one that the specification chooses', () => {
    const element = fc.constantFrom('a', 'b', 'ab', 'a.b');
    const text = fc.array(element, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
    const slashed = fc
      .tuple(text, fc.boolean())
      .map(([start, slash]) => (slash && start !== '/' ? `${start}/` : start));
    const written = fc.record({
      path: slashed,
      pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
    });
    fc.assert(
      fc.property(fc.array(written, { maxLength: 8 }), slashed, (rules, request) => {
        const unique = [...new Map(rules.map((item) => [`${kindOf(item.pathType)} ${prefixOf(item)}`, item])).values()];
        const services = unique.map((_, index) => service(`s${index}`));
        const paths = unique.map((item, index) => path(item.path, item.pathType, backend(`s${index}`)));
        const { model } = translate([ingress('web', { rules: [rule('h', ...paths)] }), ...services]);
        const answer = model.hosts[1]?.routes.find((route) => matches(route, request));
        const wanted = chosenBySpecification(paths, request);
        const target = answer?.target.type === 'upstream' ? answer.target.upstream : undefined;
        assert.equal(target, wanted === undefined ? undefined : `shop_s${paths.indexOf(wanted)}_80`);
      }),
    );
  });
});

/** https://kubernetes.io/docs/concepts/services-networking/ingress/#examples, written down as naively as it goes. */
function chosenBySpecification(paths: readonly IngressPath[], request: string): IngressPath | undefined {
  const exact = paths.find((item) => item.pathType === 'Exact' && item.path === request);
  const elements = (text: string) => text.split('/').filter((part) => part !== '');
  const prefixes = paths.filter((item) => {
    const wanted = elements(item.path);
    return item.pathType !== 'Exact' && wanted.every((part, index) => elements(request)[index] === part);
  });
  prefixes.sort((left, right) => elements(right.path).length - elements(left.path).length);
  return exact ?? prefixes[0];
}

/** How a proxy reads a route. */
function matches(route: Route, request: string): boolean {
  if (route.match === 'exact' || request === route.path) return request === route.path;
  return route.path === '/' || request.startsWith(`${route.path}/`);
}

function kindOf(pathType: string): string {
  return pathType === 'Exact' ? 'exact' : 'prefix';
}

function prefixOf(item: { readonly path: string; readonly pathType: string }): string {
  return item.pathType === 'Exact' ? item.path : item.path.replace(/(?<=.)\/$/, '');
}

describe('rules of several Ingresses', () => {
  for (const item of MERGING) it(item.name, () => check(item));

  it('names the winner to the loser', () => {
    const objects = ['a', 'b'].map((name) => ingress(name, { rules: [rule('h', '/')] }));
    const [diagnostic] = translate([...objects, ...WEB]).diagnostics;
    assert.match(
      diagnostic?.message ?? '',
      /^prefix path h\/ is already served for Ingress shop\/a \(spec\.rules\[0\]/,
    );
    assert.equal(diagnostic?.severity, 'warning');
  });
});
