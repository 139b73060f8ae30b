import type { Raw } from './world.ts';

/* Every field of an object that sluice reads, and how a text gets there. */

/** A place in the objects of `carrierOf`, by the index of the object: where a text is put. */
export interface Field {
  readonly kind: string;
  /** As kubectl prints it; `[x]` where the text itself is the key. */
  readonly path: string;
  /** Anything beside it that must hold so that the field is read. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly plant: (objects: readonly Raw[], text: string) => readonly Raw[];
  /** The path in a diagnostic, when it is told of another field or object. */
  readonly told?: RegExp;
  /** It is about TLS: the objects have a certificate. */
  readonly tls: boolean;
}

const KINDS = ['Ingress', 'Service', 'EndpointSlice', 'Endpoints', 'Secret'] as const;
type CarrierKind = (typeof KINDS)[number];

interface FieldRest {
  readonly options?: Field['options'];
  readonly told?: RegExp;
  /** Other fields of the same object that go with it. */
  readonly also?: readonly (readonly [path: string, value: unknown])[];
  /** What the text becomes. */
  readonly as?: (text: string) => unknown;
}

function field(kind: CarrierKind, path: string, rest: FieldRest = {}): Field {
  const { options, told, also = [], as = (text: string) => text } = rest;
  const plant = (objects: readonly Raw[], text: string) =>
    replaceOf(objects, kind, (object) => {
      const prepared = also.reduce<Raw>((made, [name, value]) => put(made, name, value), object);
      return put(prepared, path, as(text));
    });
  return { kind, path, plant, tls: isAboutTls(kind, path), ...(options && { options }), ...(told && { told }) };
}

function keyField(kind: CarrierKind, path: string): Field {
  const plant = (objects: readonly Raw[], text: string) =>
    replaceOf(objects, kind, (object) => put(object, path, Object.fromEntries([[text, 'x']])));
  return { kind, path: `${path}[x]`, plant, tls: isAboutTls(kind, path) };
}

function isAboutTls(kind: string, path: string): boolean {
  return kind === 'Secret' || path.startsWith('spec.tls');
}

function replaceOf(objects: readonly Raw[], kind: CarrierKind, change: (object: Raw) => Raw): readonly Raw[] {
  return objects.map((object) => (object['kind'] === kind ? change(object) : object));
}

/** A copy with the value at a path such as `spec.rules[0].host`. */
export function put(object: Raw, path: string, value: unknown): Raw {
  const copy: Record<string, unknown> = { ...structuredClone(object) };
  const names = path.split(/[.[\]]+/).filter((name) => name !== '');
  const last = names.pop() ?? '';
  let at: Record<string, unknown> = copy;
  for (const name of names) {
    const next = at[name];
    const inner = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
    at[name] = inner;
    at = inner;
  }
  at[last] = value;
  return copy;
}

const BACKEND = 'spec.rules[0].http.paths[0].backend';
const ofMetadata = KINDS.flatMap((kind) => [
  field(kind, 'metadata.name'),
  field(kind, 'metadata.namespace'),
  field(kind, 'metadata.uid'),
  field(kind, 'metadata.creationTimestamp'),
  field(kind, 'metadata.labels.app'),
  field(kind, 'metadata.annotations.note'),
  keyField(kind, 'metadata.labels'),
  keyField(kind, 'metadata.annotations'),
]);

/** Annotations that ingress-nginx reads; those that sluice comes to read are tried from that day on. */
const ANNOTATIONS = [
  'configuration-snippet',
  'server-snippet',
  'auth-snippet',
  'auth-url',
  'auth-method',
  'auth-realm',
  'auth-secret',
  'auth-tls-match-cn',
  'mirror-target',
  'mirror-host',
  'permanent-redirect',
  'rewrite-target',
  'app-root',
  'server-alias',
  'proxy-body-size',
  'limit-whitelist',
  'connection-proxy-header',
  'custom-http-errors',
  'use-regex',
  'canary-by-header-value',
  'session-cookie-name',
];

const ofIngress = [
  field('Ingress', 'spec.ingressClassName'),
  field('Ingress', 'spec.rules[0].host'),
  field('Ingress', 'spec.rules[0].host', { as: (text) => `*.${text}` }),
  field('Ingress', 'spec.rules[0].host', { as: (text) => `a${text}.example` }),
  field('Ingress', 'spec.rules[0].http.paths[0].path'),
  field('Ingress', 'spec.rules[0].http.paths[0].path', { as: (text) => `/in${text}/it` }),
  field('Ingress', 'spec.rules[0].http.paths[1].path'),
  field('Ingress', 'spec.rules[0].http.paths[1].path', { as: (text) => `/in${text}/` }),
  field('Ingress', 'spec.rules[0].http.paths[0].path', {
    also: [['spec.rules[0].http.paths[0].pathType', 'ImplementationSpecific']],
  }),
  field('Ingress', 'spec.rules[0].http.paths[0].pathType'),
  field('Ingress', `${BACKEND}.service.name`),
  field('Ingress', `${BACKEND}.service.port.name`),
  field('Ingress', `${BACKEND}.service.port.number`),
  field('Ingress', `${BACKEND}.resource`, { also: [[BACKEND, {}]], as: (text) => ({ kind: text, name: 'x' }) }),
  field('Ingress', `${BACKEND}.resource.name`, { also: [[BACKEND, { resource: { kind: 'Bucket' } }]] }),
  field('Ingress', 'spec.defaultBackend.service.name', {
    also: [['spec.defaultBackend', { service: { port: { number: 80 } } }]],
  }),
  field('Ingress', 'spec.defaultBackend.service.port.name', {
    also: [['spec.defaultBackend', { service: { name: 'web' } }]],
  }),
  field('Ingress', 'spec.tls[0].hosts[0]'),
  field('Ingress', 'spec.tls[0].hosts[0]', { as: (text) => `*.${text}` }),
  field('Ingress', 'spec.tls[0].secretName'),
  field('Ingress', 'spec.tls[0].secretName', { as: (text) => `web-tls${text}` }),
  field('Ingress', `${BACKEND}.service.name`, { as: (text) => `web${text}` }),
  keyField('Ingress', 'spec'),
  annotation(...ANNOTATIONS.flatMap((key) => [`nginx.ingress.kubernetes.io/${key}`, `sluice.dev/${key}`])),
  annotation('kubernetes.io/ingress.class'),
];

function annotation(...keys: readonly string[]): Field {
  const plant = (objects: readonly Raw[], text: string) =>
    replaceOf(objects, 'Ingress', (object) =>
      put(object, 'metadata.annotations', Object.fromEntries(keys.map((key) => [key, text]))),
    );
  return { kind: 'Ingress', path: `metadata.annotations[${keys[0] ?? ''}]`, plant, tls: true };
}

const EXTERNAL: FieldRest = {
  also: [
    ['spec.type', 'ExternalName'],
    ['spec.ports[0].targetPort', 8080],
  ],
};

const ofService = [
  field('Service', 'spec.type'),
  field('Service', 'spec.clusterIP', { options: { endpointSource: 'cluster-ip' } }),
  field('Service', 'spec.externalName', { ...EXTERNAL, told: /backend$/ }),
  field('Service', 'spec.externalName', { ...EXTERNAL, told: /backend$/, as: (text) => `a${text}.example` }),
  field('Service', 'spec.externalTrafficPolicy', { options: { endpointSource: 'node-port' } }),
  field('Service', 'spec.ipFamilies[0]', { options: { endpointSource: 'node-port' } }),
  field('Service', 'spec.ports[0].name', { told: /ports\[0\]|backend/ }),
  field('Service', 'spec.ports[0].port', { told: /ports\[0\]|backend/ }),
  field('Service', 'spec.ports[0].targetPort', { told: /ports\[0\]|backend/ }),
  field('Service', 'spec.ports[0].nodePort', { options: { endpointSource: 'node-port' }, told: /ports\[0\]|backend/ }),
  field('Service', 'spec.ports[0].protocol', { told: /ports\[0\]|backend/ }),
  field('Service', 'spec.ports[0].appProtocol'),
];

const SUBSETS = { endpointSource: 'endpoints' };
const ofEndpoints = [
  field('EndpointSlice', 'metadata.labels', { as: (text) => ({ 'kubernetes.io/service-name': text }) }),
  field('EndpointSlice', 'addressType'),
  field('EndpointSlice', 'endpoints[0].addresses[0]'),
  field('EndpointSlice', 'endpoints[0].addresses[0]', { as: (text) => `10.1.2.3${text}` }),
  field('EndpointSlice', 'endpoints[0].addresses[0]', { as: (text) => `fd00::1${text}` }),
  field('EndpointSlice', 'endpoints[0].nodeName'),
  field('EndpointSlice', 'endpoints[0].nodeName', {
    options: { endpointSource: 'node-port' },
  }),
  field('EndpointSlice', 'ports[0].name'),
  field('EndpointSlice', 'ports[0].port'),
  field('EndpointSlice', 'ports[0].protocol'),
  field('Endpoints', 'subsets[0].addresses[0].ip', { options: SUBSETS }),
  field('Endpoints', 'subsets[0].addresses[0].ip', { options: SUBSETS, as: (text) => `10.1.2.3${text}` }),
  field('Endpoints', 'subsets[0].ports[0].name', { options: SUBSETS }),
  field('Endpoints', 'subsets[0].ports[0].protocol', { options: SUBSETS }),
];

const asBase64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** What is told of a Secret is told at the Ingress that names it. */
const TLS = /secretName$|^data|^stringData/;
const ofSecret = [
  field('Secret', 'type'),
  field('Secret', 'data', { as: (text) => ({ 'tls.crt': text, 'tls.key': text }), told: TLS }),
  field('Secret', 'data', { as: (text) => ({ 'tls.crt': asBase64(text), 'tls.key': asBase64(text) }), told: TLS }),
  field('Secret', 'stringData', { as: (text) => ({ 'tls.key': text }), told: TLS }),
  field('Secret', 'stringData', { as: (text) => ({ [text]: text }), told: TLS }),
  ...['tls.crt', 'tls.key'].flatMap((key) => [around(key, 'before'), around(key, 'after'), around(key, 'within')]),
];

/** A text around, or in the middle of, the PEM that is there. */
function around(key: string, place: 'before' | 'after' | 'within'): Field {
  const plant = (objects: readonly Raw[], text: string) =>
    replaceOf(objects, 'Secret', (object) => {
      const { data } = object;
      const found: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, key) : undefined;
      const pem = Buffer.from(typeof found === 'string' ? found : '', 'base64').toString('utf8');
      const half = Math.floor(pem.length / 2);
      const made = {
        before: `${text}\n${pem}`,
        after: `${pem}\n${text}`,
        within: pem.slice(0, half) + text + pem.slice(half),
      };
      return put(object, 'data', { ...(typeof data === 'object' && data), [key]: asBase64(made[place]) });
    });
  return { kind: 'Secret', path: `data[${key}] ${place}`, plant, told: TLS, tls: true };
}

/** An object beside the carrier. */
function beside(kind: string, path: string, object: Raw, rest: Partial<Field> = {}): Field {
  const plant = (objects: readonly Raw[], text: string) => [...objects, put(object, path, text)];
  return { kind, path, plant, tls: false, ...rest };
}

const CLASS: Raw = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'other' },
  spec: { controller: 'sluice.dev/ingress-controller' },
};

const NODE: Raw = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'other' },
  status: {
    addresses: [{ type: 'InternalIP', address: '10.7.7.7' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};
const NODES = { options: { endpointSource: 'node-port' } };

const ofCluster = [
  beside('IngressClass', 'metadata.name', CLASS),
  beside('IngressClass', 'spec.controller', CLASS),
  beside('IngressClass', 'metadata.annotations', CLASS),
  beside('Node', 'metadata.name', NODE, NODES),
  beside('Node', 'status.addresses[0].address', NODE, NODES),
  beside('Node', 'status.addresses[0].type', NODE, NODES),
  beside('Node', 'status.conditions[0].type', NODE, NODES),
  beside('Node', 'status.conditions[0].status', NODE, NODES),
];

export const FIELDS: readonly Field[] = [
  ...ofMetadata,
  ...ofIngress,
  ...ofService,
  ...ofEndpoints,
  ...ofSecret,
  ...ofCluster,
];
