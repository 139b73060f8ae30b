import { formatDiagnostic } from '../../src/model/diagnostics.ts';
import type {
  ConfigMap,
  EndpointPort,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressPath,
  IngressRule,
  KubernetesObject,
  Metadata,
  Node,
  Secret,
  Service,
  ServicePort,
  SliceEndpoint,
} from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { Route, RoutingModel, Upstream } from '../../src/model/routing.ts';
import { createTranslator, type Translation } from '../../src/translate/translate.ts';
import type { CertificatePair } from '../support/certificates.ts';
import { metadata, OPTIONS, snapshotOf } from '../support/objects.ts';

/*
 * Small worlds for translate: objects with defaults for what a test does not speak of, and results as short texts.
 */

export function backend(name = 'web', port: number | string = 80): IngressBackend {
  return { type: 'service', name, port: typeof port === 'number' ? { number: port } : { name: port } };
}

export function path(text: string, pathType: string | undefined = 'Prefix', target = backend()): IngressPath {
  return { path: text, pathType, backend: target };
}

export function rule(host: string, ...paths: readonly (IngressPath | string)[]): IngressRule {
  return { host, paths: paths.map((item) => (typeof item === 'string' ? path(item) : item)) };
}

type IngressFields = Partial<Omit<Ingress, 'kind' | 'metadata'>> & Partial<Metadata>;

export function ingress(name: string, fields: IngressFields = {}): Ingress {
  const { ingressClassName, defaultBackend, tls = [], rules = [], ...rest } = fields;
  return { kind: 'Ingress', metadata: metadata(name, rest), ingressClassName, defaultBackend, tls, rules };
}

export function ingressClass(name: string, controller: string, isDefault = false): IngressClass {
  const annotations: Record<string, string> = isDefault
    ? { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    : {};
  return { kind: 'IngressClass', metadata: metadata(name, { namespace: '', annotations }), controller };
}

export function port(number: number, fields: Partial<ServicePort> = {}): ServicePort {
  return {
    name: '',
    port: number,
    protocol: 'TCP',
    targetPort: number,
    nodePort: undefined,
    appProtocol: undefined,
    ...fields,
  };
}

export function service(name = 'web', fields: Partial<Service> & { readonly namespace?: string } = {}): Service {
  const { namespace = 'shop', ...rest } = fields;
  return {
    kind: 'Service',
    metadata: metadata(name, { namespace }),
    type: 'ClusterIP',
    clusterIP: '10.96.0.10',
    externalName: undefined,
    publishNotReadyAddresses: false,
    externalTrafficPolicy: 'Cluster',
    ipFamilies: [],
    ports: [port(80, { targetPort: 8080 })],
    ...rest,
  };
}

export function endpoint(address: string, conditions: Partial<SliceEndpoint> = {}): SliceEndpoint {
  return { addresses: [address], ready: true, serving: true, terminating: false, nodeName: undefined, ...conditions };
}

interface SliceFields {
  readonly namespace?: string;
  readonly name?: string;
  readonly addressType?: string;
  readonly ports?: readonly EndpointPort[];
}

/** A slice of the Service `of`, on port 8080 unless told. */
export function slice(
  of: string,
  endpoints: readonly (SliceEndpoint | string)[],
  fields: SliceFields = {},
): EndpointSlice {
  const { namespace = 'shop', name = `${of}-1`, addressType = 'IPv4', ports = [endpointPort(8080)] } = fields;
  return {
    kind: 'EndpointSlice',
    metadata: metadata(name, { namespace }),
    addressType,
    serviceName: of,
    ports,
    endpoints: endpoints.map((item) => (typeof item === 'string' ? endpoint(item) : item)),
  };
}

export function endpointPort(number: number | undefined, name = '', protocol = 'TCP'): EndpointPort {
  return { name, port: number, protocol };
}

export function endpoints(name: string, ...subsets: readonly Partial<EndpointSubset>[]): Endpoints {
  const full = subsets.map((item) => ({ addresses: [], notReadyAddresses: [], ports: [endpointPort(8080)], ...item }));
  return { kind: 'Endpoints', metadata: metadata(name), subsets: full };
}

export function tlsSecret(name: string, pair: CertificatePair, namespace = 'shop'): Secret {
  return secret(name, { 'tls.crt': pair.certificate, 'tls.key': pair.key }, namespace);
}

/** A ready node with these internal addresses, unless told. */
export function node(
  name: string,
  addresses: Node['addresses'] | readonly string[],
  fields: { readonly ready?: boolean; readonly excluded?: boolean } = {},
): Node {
  const { ready = true, excluded = false } = fields;
  const labels: Record<string, string> = excluded ? { [EXCLUDED]: '' } : {};
  return {
    kind: 'Node',
    metadata: metadata(name, { namespace: '', labels }),
    addresses: addresses.map((item) => (typeof item === 'string' ? { type: 'InternalIP', address: item } : item)),
    ready,
  };
}

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** A Secret with these texts, which are encoded as a manifest has them. */
export function secret(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): Secret {
  const encoded = Object.entries(data).map(
    ([key, text]) => [key, Buffer.from(text, 'latin1').toString('base64')] as const,
  );
  const meta = metadata(name, { namespace });
  return { kind: 'Secret', metadata: meta, type: 'kubernetes.io/tls', data: Object.fromEntries(encoded) };
}

export function configMap(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): ConfigMap {
  return { kind: 'ConfigMap', metadata: metadata(name, { namespace }), data };
}

/** The Service `web` with one ready endpoint: what most Ingresses here lead to. */
export const WEB: readonly KubernetesObject[] = [service('web'), slice('web', ['10.0.0.1'])];

export function translate(objects: readonly KubernetesObject[], options: Partial<TranslateOptions> = {}): Translation {
  return createTranslator()(snapshotOf(...objects), { ...OPTIONS, ...options });
}

/** `prefix /cart → shop_web_80`, `exact / → 404`; with ` (no endpoints)` where the proxy answers 503 for that reason. */
export function routesOf({ model }: { readonly model: RoutingModel }, host: string): readonly string[] {
  const found = model.hosts.find(({ name }) => name === host);
  if (found === undefined) throw new Error(`there is no host "${host}"`);
  return found.routes.map((route) => `${route.match} ${route.path} → ${formatTarget(route)}`);
}

function formatTarget({ target }: Route): string {
  if (target.type === 'status') return String(target.status);
  return target.available ? target.upstream : `${target.upstream} (no endpoints)`;
}

/** Every host with its routes, the default host only when it has more than the 404. */
export function allRoutes(translation: Translation): Readonly<Record<string, readonly string[]>> {
  const hosts = translation.model.hosts.map(({ name }) => [name, routesOf(translation, name)] as const);
  return Object.fromEntries(hosts.filter(([name, routes]) => name !== '' || routes.join() !== 'prefix / → 404'));
}

/** `10.0.0.1:8080`, in the order of the model. */
export function addressesOf({ model }: { readonly model: RoutingModel }, id = 'shop_web_80'): readonly string[] {
  const upstream = model.upstreams.find((item) => item.id === id);
  if (upstream === undefined) throw new Error(`there is no upstream "${id}"`);
  return formatEndpoints(upstream);
}

export function formatEndpoints(upstream: Upstream): readonly string[] {
  return upstream.endpoints.map(({ address, port: number }) => `${address}:${number}`);
}

/** Diagnostics as `code object field`, without severity and message. */
export function problemsOf({ diagnostics }: Translation): readonly string[] {
  return diagnostics.map((item) => (/^\w+ (.*?): /s.exec(formatDiagnostic(item)) ?? [])[1] ?? '');
}
