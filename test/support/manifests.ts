/** Manifests as users write them, as YAML text (JSON is YAML). */

export interface PathSpec {
  readonly path: string;
  readonly pathType?: string;
  readonly service: string;
  readonly port?: number | string;
}

export interface IngressSpec {
  readonly name: string;
  readonly namespace?: string;
  readonly created?: string;
  readonly className?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules?: readonly { readonly host?: string; readonly paths: readonly PathSpec[] }[];
  readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  readonly defaultBackend?: { readonly service: string; readonly port: number };
}

export function ingress(spec: IngressSpec): object {
  const { name, namespace = 'shop', created = '2026-01-01T00:00:00Z', annotations = {} } = spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, creationTimestamp: created, annotations },
    spec: {
      ingressClassName: spec.className ?? 'sluice',
      ...(spec.tls === undefined ? {} : { tls: spec.tls }),
      ...(spec.defaultBackend === undefined ? {} : { defaultBackend: backend(spec.defaultBackend) }),
      rules: (spec.rules ?? []).map(({ host, paths }) => ({ host, http: { paths: paths.map(pathOf) } })),
    },
  };
}

function pathOf({ path, pathType = 'Prefix', service, port = 80 }: PathSpec): object {
  return { path, pathType, backend: backend({ service, port }) };
}

function backend({ service, port }: { readonly service: string; readonly port: number | string }): object {
  return { service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } } };
}

/** A Service with port 80 (`http`) and the EndpointSlice of its endpoints on loopback. */
export function service(name: string, ports: readonly number[], namespace = 'shop'): readonly object[] {
  const slices = ports.map((port, index) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-${index}`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  }));
  const spec = { type: 'ClusterIP', clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80, targetPort: 'web' }] };
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }, ...slices];
}

export function tlsSecret(
  name: string,
  pair: { readonly certificate: string; readonly key: string },
  namespace = 'shop',
): object {
  const data = { 'tls.crt': base64(pair.certificate), 'tls.key': base64(pair.key) };
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name, namespace }, data };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function yaml(...objects: readonly object[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}
