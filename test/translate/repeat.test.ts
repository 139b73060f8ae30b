import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isEqual } from '../../src/model/equal.ts';
import { NOTHING_EXCLUDED } from '../../src/model/exclusions.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { RoutingModel } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { anyObject, anyStep, PAIRS, SETTINGS_MAP, SOURCES, type Step } from './any-world.ts';
import { backend, ingress, path, rule, service, slice, tlsSecret, WEB } from './world.ts';

/** Something that works, for the steps to change. */
const START: readonly KubernetesObject[] = [
  ingress('one', { rules: [rule('a.example.com', '/', path('/a', 'Exact', backend('api', 'http')))] }),
  ingress('two', { namespace: 'pay', rules: [rule('*.example.com', '/')] }),
  ...WEB,
  service('web', { namespace: 'pay' }),
];

function idOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function take(step: Step, objects: Map<string, KubernetesObject>): void {
  if (step.type === 'put') objects.set(idOf(step.object), step.object);
  if (step.type === 'remove') objects.delete([...objects.keys()][step.index] ?? '');
}

/** Hosts that are equal in both models but not the same value. */
function copies(before: RoutingModel, after: RoutingModel): readonly string[] {
  const last = new Map(before.hosts.map((host) => [host.name, host]));
  const equal = after.hosts.filter((host) => last.has(host.name) && isEqual(last.get(host.name), host));
  return equal.filter((host) => last.get(host.name) !== host).map(({ name }) => name);
}

describe('a translator that is used again and again', () => {
  it('gives what a fresh one gives, and keeps the hosts that did not change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SOURCES),
        fc.array(anyStep, { minLength: 1, maxLength: 25 }),
        (endpointSource, steps) => {
          const translate = createTranslator();
          const objects = new Map(START.map((object) => [idOf(object), object]));
          const fixed = { ...OPTIONS, configMap: SETTINGS_MAP };
          let options: TranslateOptions = { ...fixed, endpointSource };
          let exclusions = NOTHING_EXCLUDED;
          let last: RoutingModel | undefined;
          for (const step of steps) {
            take(step, objects);
            const isSameOptions = step.type !== 'options';
            if (step.type === 'options') options = { ...fixed, ...step.options };
            if (step.type === 'exclude') ({ exclusions } = step);
            const snapshot = snapshotOf(...objects.values());
            const translation = translate(snapshot, options, exclusions);
            assert.deepEqual(translation, createTranslator()(snapshot, options, exclusions));
            if (last !== undefined && isSameOptions) assert.deepEqual(copies(last, translation.model), []);
            last = translation.model;
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives the same for the same objects in any order', () => {
    const shuffled = fc
      .uniqueArray(anyObject, { selector: idOf, maxLength: 20 })
      .chain((objects) => fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })));
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), shuffled, (endpointSource, [objects, others]) => {
        const options = { ...OPTIONS, endpointSource };
        const [one, two] = [objects, others].map((list) => createTranslator()(snapshotOf(...list), options));
        assert.deepEqual(one?.model, two?.model);
        assert.deepEqual(one?.diagnostics, two?.diagnostics);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every value of a world in which nothing changed', () => {
    const translate = createTranslator();
    const objects = [ingress('web', { rules: [rule('a.example.com', '/')] }), ...WEB];
    const first = translate(snapshotOf(...objects), OPTIONS).model;
    const second = translate(snapshotOf(...objects), { ...OPTIONS, now: 1 }).model;
    assert.deepEqual(
      second.hosts.map((host, index) => host === first.hosts[index]),
      [true, true],
    );
    assert.equal(second.upstreams[0], first.upstreams[0]);
  });

  it('makes a new host when its endpoints come or go, and none when only their addresses change', () => {
    const translate = createTranslator();
    const item = ingress('web', { rules: [rule('a.example.com', '/')] });
    const web = service('web');
    const hostWith = (...addresses: readonly string[]) =>
      translate(snapshotOf(item, web, slice('web', addresses)), OPTIONS).model.hosts[1];
    const first = hostWith('10.0.0.1');
    assert.equal(hostWith('10.0.0.2', '10.0.0.3'), first);
    assert.notEqual(hostWith(), first);
  });

  it('takes a name from a host as soon as another Ingress has it for a host of its own', () => {
    const translate = createTranslator();
    const annotations = { 'nginx.ingress.kubernetes.io/server-alias': 'b.example.com' };
    const item = ingress('one', { annotations, rules: [rule('a.example.com', '/')] });
    const other = ingress('two', { rules: [rule('b.example.com', '/')] });
    const aliases = [[item], [item, other], [item]].map((ingresses) => {
      const { hosts } = translate(snapshotOf(...ingresses, ...WEB), OPTIONS).model;
      return hosts.find(({ name }) => name === 'a.example.com')?.features?.aliases;
    });
    assert.deepEqual(aliases, [['b.example.com'], [], ['b.example.com']]);
  });

  it('forgets a certificate that its Secret no longer holds', () => {
    const translate = createTranslator();
    const item = ingress('web', {
      tls: [{ hosts: ['a.example.com'], secretName: 'exact' }],
      rules: [rule('a.example.com', '/')],
    });
    const idWith = (pair: (typeof PAIRS)[number]) =>
      translate(snapshotOf(item, tlsSecret('exact', pair)), OPTIONS).model.certificates.map(({ id }) => id);
    const [one, two] = PAIRS.map(idWith);
    assert.equal(one?.length, 1);
    assert.equal(two?.length, 1);
    assert.notDeepEqual(one, two);
  });
});
