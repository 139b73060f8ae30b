import fc from 'fast-check';
import { NOTHING_EXCLUDED, type Exclusions } from '../../src/model/exclusions.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OPTIONS } from '../support/objects.ts';
import {
  backend,
  configMap,
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
} from './world.ts';

/*
 * Arbitrary worlds for translate, and arbitrary changes of them.
 */

const HOSTS = ['', 'a.example.com', 'b.example.com', '*.example.com', 'Bad;Host'];
const SERVICES = ['web', 'api', 'gone'];
const SECRETS = ['exact', 'wildcard', 'none'];
export const PAIRS = [makeCertificate({ names: ['a.example.com'] }), makeCertificate({ names: ['*.example.com'] })];

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
/** One feature each: of a path, of a host, of other Ingresses, and some that look at other objects. */
const ANNOTATIONS: readonly Readonly<Record<string, string>>[] = [
  { 'ssl-redirect': 'false' },
  { 'force-ssl-redirect': 'true' },
  { 'rewrite-target': '/new' },
  { 'use-regex': 'true' },
  { 'enable-cors': 'true' },
  { 'server-alias': 'b.example.com, c.example.com' },
  { 'from-to-www-redirect': 'true' },
  { canary: 'true', 'canary-weight': '20' },
  { canary: 'true', 'canary-by-header': 'x-canary' },
  { affinity: 'cookie' },
  { 'default-backend': 'api', 'custom-http-errors': '404' },
  { 'service-upstream': 'true' },
  { 'auth-type': 'basic', 'auth-secret': 'exact' },
  { 'auth-tls-secret': 'shop/exact' },
  { 'whitelist-source-range': 'nonsense' },
];
const anyAnnotations = fc
  .subarray([...ANNOTATIONS], { maxLength: 2 })
  .map((chosen) => Object.entries(Object.assign({}, ...chosen) as Record<string, string>))
  .map((entries) => Object.fromEntries(entries.map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value])));
const anyIngress = fc
  .record({
    annotations: fc.oneof({ arbitrary: fc.constant({}), weight: 2 }, anyAnnotations),
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
const anyConfigMap = fc
  .constantFrom<Record<string, string>>(
    {},
    { 'ssl-redirect': 'false' },
    { 'no-tls-redirect-locations': '/a' },
    { 'custom-http-errors': '503' },
  )
  .map((data) => configMap('settings', data));
const anyClass = fc.boolean().map((isDefault) => ingressClass('sluice', OPTIONS.controllerName, isDefault));

export const anyObject: fc.Arbitrary<KubernetesObject> = fc.oneof(
  { arbitrary: anyIngress, weight: 6 },
  { arbitrary: anyService, weight: 3 },
  { arbitrary: anySlice, weight: 3 },
  anyEndpoints,
  anySecret,
  anyClass,
  anyNode,
  anyConfigMap,
);

/** A change of the world, or of what is asked of it. */
export type Step =
  | { readonly type: 'put'; readonly object: KubernetesObject }
  | { readonly type: 'remove'; readonly index: number }
  | { readonly type: 'options'; readonly options: Partial<TranslateOptions> }
  | { readonly type: 'exclude'; readonly exclusions: Exclusions };

export const SETTINGS_MAP = { namespace: 'shop', name: 'settings' };
export const SOURCES = ['slices', 'endpoints', 'cluster-ip', 'node-port'] as const;

const EXCLUDED = ['Ingress shop/one', 'Ingress pay/two', 'Service shop/web', 'Secret shop/exact'];
const PARTS = ['spec.rules[0].http.paths[0]', 'spec.tls[0]', 'spec.defaultBackend'];
const anyExclusions = fc
  .tuple(fc.subarray(EXCLUDED), fc.subarray(PARTS, { minLength: 1 }))
  .map(([objects, parts]): Exclusions => ({
    objects: new Set(objects),
    parts: new Map([['Ingress shop/two', new Set(parts)]]),
  }));

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyObject.map((object): Step => ({ type: 'put', object })), weight: 8 },
  { arbitrary: fc.nat({ max: 20 }).map((index): Step => ({ type: 'remove', index })), weight: 2 },
  { arbitrary: anyExclusions.map((exclusions): Step => ({ type: 'exclude', exclusions })), weight: 1 },
  { arbitrary: fc.constant<Step>({ type: 'exclude', exclusions: NOTHING_EXCLUDED }), weight: 1 },
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
