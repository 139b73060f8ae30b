import assert from 'node:assert/strict';
import { chargesOf, type Refusal } from '../../src/apply/blame.ts';
import { createInputs } from '../../src/apply/inputs.ts';
import { diagnosticsOf, EMPTY_QUARANTINE, exclusionsOf, review, withCharge } from '../../src/apply/quarantine.ts';
import type { BundleFile, ConfigBundle } from '../../src/model/bundle.ts';
import { NOTHING_EXCLUDED } from '../../src/model/exclusions.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { Source } from '../../src/model/refs.ts';
import { metadata, snapshotOf } from '../support/objects.ts';
import { endpoints, ingress, path, rule, secret, service, slice } from '../translate/world.ts';

const PATH = 'spec.rules[0].http.paths[1]';
const sourceOf = (kind: string, name: string, field = ''): Source => ({
  object: { kind, namespace: 'shop', name },
  field,
});

function fileOf(
  name: string,
  secretFile: boolean,
  sources: readonly (readonly [number, number, Source])[],
): BundleFile {
  const text = Array.from({ length: 20 }, (_, index) => `line ${index + 1} of ${name}`).join('\n');
  const owners = sources.map(([first, last, source]) => ({ first, last, source }));
  return { path: name, text, secret: secretFile, sha256: '', owners };
}

const FILES = [
  fileOf('hosts.conf', false, [
    [1, 12, sourceOf('Ingress', 'outer', 'spec.rules[0]')],
    [3, 4, sourceOf('Ingress', 'inner', `${PATH}.path`)],
    [6, 6, sourceOf('Service', 'web')],
    [7, 7, sourceOf('IngressClass', 'any')],
  ]),
  fileOf('certs/a.pem', true, [[1, 20, sourceOf('Secret', 'tls')]]),
];
const BUNDLE: ConfigBundle = { files: new Map(FILES.map((file) => [file.path, file])), digest: '', stamp: () => [] };

const refusal = (...places: readonly (readonly [string, number])[]): Refusal => ({
  type: 'refused',
  message: places.map(([name, line]) => `[emerg] wrong in ${name}:${line}`).join('\n'),
  places: places.map(([name, line]) => ({ path: name, line })),
});
const shown = (...places: readonly (readonly [string, number])[]) =>
  chargesOf(BUNDLE, refusal(...places)).map(({ object, part }) => `${object.kind} ${object.name} ${part}`.trim());

describe('the blame for a refused configuration', () => {
  const cases = [
    { name: 'goes to the part of the innermost owner', places: [['hosts.conf', 3]], found: [`Ingress inner ${PATH}`] },
    {
      name: 'goes to a whole object where no part owns the line',
      places: [['hosts.conf', 2]],
      found: ['Ingress outer'],
    },
    {
      name: 'goes to each part once',
      places: [
        ['hosts.conf', 3],
        ['hosts.conf', 4],
        ['hosts.conf', 6],
      ],
      found: [`Ingress inner ${PATH}`, 'Service web'],
    },
    { name: 'goes to the Secret of a certificate', places: [['certs/a.pem', 1]], found: ['Secret tls'] },
    { name: 'goes to nobody for a line that is nobody’s', places: [['hosts.conf', 15]], found: [] },
    { name: 'goes to nobody for another file', places: [['nginx.conf', 3]], found: [] },
    { name: 'goes to nothing that cannot be left out', places: [['hosts.conf', 7]], found: [] },
  ] as const;
  for (const { name, places, found } of cases) it(name, () => assert.deepEqual(shown(...places), found));

  it('quotes of many words those about the place, and the lines around it, but nothing of a secret file', () => {
    const [first, second] = chargesOf(BUNDLE, refusal(['hosts.conf', 3], ['certs/a.pem', 1], ['hosts.conf', 30]));
    assert.equal(first?.complaint, '[emerg] wrong in hosts.conf:3');
    assert.equal(first.excerpt?.line, 'line 3 of hosts.conf');
    assert.deepEqual(first.excerpt.lines.at(0), '1: line 1 of hosts.conf');
    assert.deepEqual(first.excerpt.lines.at(-1), '6: line 6 of hosts.conf');
    assert.ok(first.excerpt.own.length > 0 && first.excerpt.own.length < first.excerpt.lines.length);
    assert.equal(second?.excerpt, undefined);
  });
});

describe('quarantine', () => {
  const templates = {};
  const web = ingress('web', {
    tls: [{ hosts: ['a.example.com'], secretName: 'tls' }],
    rules: [rule('a.example.com', path('/'), path('/b'))],
  });
  const [web80, slice1, tls, other] = [service('web'), slice('web', ['10.0.0.1']), secret('tls', {}), ingress('other')];
  const WORLD: readonly KubernetesObject[] = [web, web80, slice1, tls, other];
  const inputs = (objects = WORLD, used: object = templates) => createInputs(snapshotOf(...objects), used);
  const without = (...gone: readonly KubernetesObject[]) => WORLD.filter((object) => !gone.includes(object));
  const charge = (part: string) => {
    return {
      object: sourceOf('Ingress', 'web').object,
      part,
      complaint: 'unknown directive',
      excerpt: undefined,
      by: 'check' as const,
    };
  };
  const part = withCharge(EMPTY_QUARANTINE, charge(PATH), false, inputs());

  it('excludes nothing when it is empty', () => assert.equal(exclusionsOf(EMPTY_QUARANTINE), NOTHING_EXCLUDED));

  it('excludes a part first, then the whole object, and then says that it has nothing more', () => {
    assert.deepEqual(exclusionsOf(part).parts, new Map([['Ingress shop/web', new Set([PATH])]]));
    const [diagnostic] = diagnosticsOf(part);
    assert.deepEqual([diagnostic?.code, diagnostic?.field], ['Quarantined', PATH]);
    assert.match(diagnostic?.message ?? '', /"unknown directive"; this path is not served; tried again when/);
    const whole = withCharge(part, charge('spec.rules[0].http.paths[0]'), true, inputs());
    assert.deepEqual(exclusionsOf(whole), { objects: new Set(['Ingress shop/web']), parts: new Map() });
    assert.match(diagnosticsOf(whole)[0]?.message ?? '', /nothing of this Ingress is served/);
    assert.equal(withCharge(whole, charge(PATH), true, inputs()), whole);
  });

  it('takes in two parts that are named together', () => {
    const both = withCharge(part, charge('spec.rules[0].http.paths[0]'), false, inputs());
    assert.equal(exclusionsOf(both).parts.get('Ingress shop/web')?.size, 2);
  });

  const releases: readonly { readonly name: string; readonly objects: readonly KubernetesObject[] }[] = [
    { name: 'the object', objects: [...without(web), { ...web }] },
    { name: 'a Service', objects: [...without(web80), service('web', { clusterIP: '10.96.0.11' })] },
    { name: 'an endpoint', objects: [...without(slice1), slice('web', ['10.0.0.2'])] },
    { name: 'the list of endpoints', objects: [...WORLD, slice('web', ['10.0.0.2'], { name: 'web-2' })] },
    { name: 'core Endpoints', objects: [...WORLD, endpoints('web')] },
    { name: 'a Secret', objects: [...without(tls), secret('tls', { 'tls.crt': 'other' })] },
    { name: 'the Secret, by going', objects: without(tls) },
    { name: 'the object, by going', objects: without(web) },
  ];
  for (const { name, objects } of releases) {
    it(`lets go when this changes: ${name}`, () => assert.equal(review(part, inputs(objects)).size, 0));
  }

  const REFERRED = { Service: ['auth/login'], Secret: ['shop/users'], ConfigMap: ['shop/headers'] };
  for (const [name, object] of [
    ['a Service', service('login', { namespace: 'auth' })],
    ['a Secret', secret('users', {})],
    ['a ConfigMap', { kind: 'ConfigMap', metadata: metadata('headers'), data: {} }],
  ] as const) {
    it(`lets go when ${name} comes that an annotation refers to`, () => {
      const of = (...more: readonly KubernetesObject[]) =>
        createInputs(snapshotOf(...WORLD, ...more), templates, () => REFERRED);
      const charged = withCharge(EMPTY_QUARANTINE, charge(PATH), false, of());
      assert.equal(review(charged, of()), charged);
      assert.equal(review(charged, of(object)).size, 0);
    });
  }

  it('lets go when other templates are in force', () => assert.equal(review(part, inputs(WORLD, {})).size, 0));

  it('stays the same value when something else changes, or lists come in another order', () => {
    const unrelated = [...without(other), ingress('other', { uid: '2' }), service('api'), slice('api', ['10.0.0.9'])];
    assert.equal(review(part, inputs(unrelated)), part);
    assert.equal(review(part, inputs([...WORLD].reverse())), part);
  });
});
