import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isEqual } from '../../src/model/equal.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { RoutingModel } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import {
  backend,
  endpoint,
  endpointPort,
  endpoints,
  ingress,
  ingressClass,
  node,
  path,
  port,
  rule,
  secret,
  service,
  slice,
  tlsSecret,
  WEB,
} from './world.ts';

const HOSTS = ['', 'a.example.com', 'b.example.com', '*.example.com', 'Bad;Host'];
const SERVICES = ['web', 'api', 'gone'];
const SECRETS = ['exact', 'wildcard', 'none'];
const PAIRS = [makeCertificate({ names: ['a.example.com'] }), makeCertificate({ names: ['*.example.com'] })];

const anyBackend = fc.tuple(fc.constantFrom(...SERVICES), fc.constantFrom(80, 8080, 'http')).map(([name, number]) => {
  return backend(name, number);
});
const anyPath = fc
  .record({
    path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/bad path'),
    pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific', 'Other'),
    backend: anyBackend,
  })
  .map((item) => path(item.path, item.pathType, item.backend));
const anyRule = fc
  .tuple(fc.constantFrom(...HOSTS), fc.array(anyPath, { maxLength: 3 }))
  .map(([host, paths]) => rule(host, ...paths));
const anyTls = fc.record({
  hosts: fc.subarray(HOSTS.slice(1)),
  secretName: fc.option(fc.constantFrom(...SECRETS), { nil: undefined }),
});
const anyIngress = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    namespace: fc.constantFrom('shop', 'pay'),
    creationTimestamp: fc.constantFrom('', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    ingressClassName: fc.constantFrom(undefined, 'sluice', 'other'),
    defaultBackend: fc.option(anyBackend, { nil: undefined, freq: 2 }),
    tls: fc.array(anyTls, { maxLength: 2 }),
    rules: fc.array(anyRule, { maxLength: 3 }),
  })
  .map(({ name, ...fields }) => ingress(name, fields));
const anyService = fc
  .record({
    name: fc.constantFrom('web', 'api'),
    namespace: fc.constantFrom('shop', 'pay'),
    type: fc.constantFrom('ClusterIP', 'NodePort', 'ExternalName'),
    clusterIP: fc.constantFrom('', 'None', '10.96.0.10'),
    externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    ipFamilies: fc.constantFrom([], ['IPv4'], ['IPv6']),
    externalName: fc.constantFrom('example.com', 'bad name'),
    ports: fc.constantFrom(
      [],
      [port(80, { name: 'http', targetPort: 8080, nodePort: 30080 })],
      [port(80, { nodePort: 30080 }), port(81, { name: 'http' })],
    ),
  })
  .map(({ name, ...fields }) => service(name, fields));
const anyAddresses = fc.array(
  fc
    .tuple(
      fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1', 'bad'),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(undefined, 'one', 'two'),
    )
    .map(([address, ready, serving, nodeName]) => endpoint(address, { ready, serving, terminating: !ready, nodeName })),
  { maxLength: 3 },
);
const anySlice = fc
  .record({
    of: fc.constantFrom('web', 'api'),
    list: anyAddresses,
    namespace: fc.constantFrom('shop', 'pay'),
    name: fc.constantFrom('slice-1', 'slice-2'),
    ports: fc.constantFrom([endpointPort(8080)], [endpointPort(8080, 'http')], []),
  })
  .map(({ of, list, ...fields }) => slice(of, list, fields));
const anyEndpoints = fc
  .tuple(fc.constantFrom('web', 'api'), fc.subarray(['10.0.0.1', '10.0.0.2', 'bad']))
  .map(([name, addresses]) => endpoints(name, { addresses }));
const anySecret = fc
  .tuple(fc.constantFrom('exact', 'wildcard'), fc.constantFrom(undefined, ...PAIRS))
  .map(([name, pair]) => (pair === undefined ? secret(name, {}) : tlsSecret(name, pair)));
const anyNode = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    addresses: fc.subarray(['192.168.0.1', '192.168.0.2', 'fd00:192::1', 'bad']),
    type: fc.constantFrom('InternalIP', 'ExternalIP'),
    ready: fc.boolean(),
  })
  .map(({ name, addresses, type, ready }) =>
    node(
      name,
      addresses.map((address) => ({ type, address })),
      { ready },
    ),
  );
const anyClass = fc.boolean().map((isDefault) => ingressClass('sluice', OPTIONS.controllerName, isDefault));

const anyObject: fc.Arbitrary<KubernetesObject> = fc.oneof(
  { arbitrary: anyIngress, weight: 6 },
  { arbitrary: anyService, weight: 3 },
  { arbitrary: anySlice, weight: 3 },
  anyEndpoints,
  anySecret,
  anyClass,
  anyNode,
);

/** Something that works, for the steps to change. */
const START: readonly KubernetesObject[] = [
  ingress('one', { rules: [rule('a.example.com', '/', path('/a', 'Exact', backend('api', 'http')))] }),
  ingress('two', { namespace: 'pay', rules: [rule('*.example.com', '/')] }),
  ...WEB,
  service('web', { namespace: 'pay' }),
];

type Step =
  | { readonly type: 'put'; readonly object: KubernetesObject }
  | { readonly type: 'remove'; readonly index: number }
  | { readonly type: 'options'; readonly options: Partial<TranslateOptions> };

const SOURCES = ['slices', 'endpoints', 'cluster-ip', 'node-port'] as const;

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyObject.map((object): Step => ({ type: 'put', object })), weight: 8 },
  { arbitrary: fc.nat({ max: 20 }).map((index): Step => ({ type: 'remove', index })), weight: 2 },
  {
    arbitrary: fc
      .record<Partial<TranslateOptions>>({
        endpointSource: fc.constantFrom(...SOURCES),
        nodeAddress: fc.constantFrom('internal', 'external'),
        allowExternalName: fc.boolean(),
        hasResolver: fc.constant(true),
        claimWithoutClass: fc.boolean(),
        claimCatchAll: fc.boolean(),
        redirectToHttps: fc.boolean(),
        now: fc.constantFrom(0, Date.UTC(2100, 0)),
        defaultBackend: fc.constantFrom(undefined, { namespace: 'shop', name: 'web', port: { number: 80 } }),
        defaultCertificate: fc.constantFrom(undefined, { namespace: 'shop', name: 'wildcard' }),
      })
      .map((options): Step => ({ type: 'options', options })),
    weight: 1,
  },
);

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
          let options: TranslateOptions = { ...OPTIONS, endpointSource };
          let last: RoutingModel | undefined;
          for (const step of steps) {
            take(step, objects);
            const isSameOptions = step.type !== 'options';
            if (step.type === 'options') options = { ...OPTIONS, ...step.options };
            const snapshot = snapshotOf(...objects.values());
            const translation = translate(snapshot, options);
            assert.deepEqual(translation, createTranslator()(snapshot, options));
            if (last !== undefined && isSameOptions) assert.deepEqual(copies(last, translation.model), []);
            last = translation.model;
          }
        },
      ),
      { numRuns: 200 },
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
