import type { Diagnostic } from '../../src/model/diagnostics.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { ProxySettings, TranslateOptions } from '../../src/model/options.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { makeCertificate, type CertificatePair } from '../support/certificates.ts';
import { OPTIONS, SETTINGS, snapshotOf } from '../support/objects.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** An object as JSON or YAML gives it. */
export type Raw = Record<string, unknown>;

/** The host of the neighbour that no hostile object may touch. */
export const NEIGHBOUR = 'neighbour.test';

export const FUZZ_OPTIONS: TranslateOptions = { ...OPTIONS, allowExternalName: true, hasResolver: true };
export const FUZZ_SETTINGS: ProxySettings = { ...SETTINGS, resolvers: ['127.0.0.1'] };

export interface Decoded {
  readonly objects: readonly KubernetesObject[];
  readonly diagnostics: readonly Diagnostic[];
}

export function decodeAll(raws: readonly unknown[]): Decoded {
  const results = raws.map((raw) => decodeObject(raw, 'default'));
  return {
    objects: results.flatMap(({ object }) => object ?? []),
    diagnostics: results.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Hostile objects in a world with the neighbour. */
export function worldOf(objects: readonly KubernetesObject[], port = 8080): Snapshot {
  return snapshotOf(...decodeAll(neighbour(port)).objects, ...objects);
}

/** A Node that is ready and has an address. */
export function node(name: string, address: string): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address }], conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** The oldest objects: whatever others claim, these were first. */
export function neighbour(port: number): readonly Raw[] {
  const carrier = carrierOf({
    namespace: 'neighbour',
    host: NEIGHBOUR,
    path: '/kept',
    port,
    address: '127.0.0.1',
    tls: neighbourTls(),
  });
  const [ingress] = carrier;
  const metadata = { ...(ingress?.['metadata'] as object), creationTimestamp: '1980-01-01T00:00:00Z' };
  return [{ ...ingress, metadata }, ...carrier.slice(1), node('neighbour', '127.0.0.1')];
}

export interface CarrierOptions {
  readonly namespace: string;
  readonly host: string;
  readonly path?: string;
  readonly port?: number;
  readonly address?: string;
  /** What spec.tls names, and the Secret with it; default: none. */
  readonly tls?: Raw;
}

/** Objects that belong together and are served: Ingress, Service, EndpointSlice, Endpoints, Secret, in this order. */
export function carrierOf(options: CarrierOptions): readonly Raw[] {
  const { namespace, host, path = '/kept', port = 8080, address = '10.1.2.3', tls } = options;
  const metadata = (name: string, rest: Raw = {}): Raw => ({
    name,
    namespace,
    uid: '9f1b6f9e-0000-4000-8000-000000000000',
    creationTimestamp: '2024-05-01T10:00:00Z',
    labels: { app: 'web' },
    annotations: { note: 'harmless' },
    ...rest,
  });
  const backend = { service: { name: 'web', port: { name: 'http' } } };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata('web'),
      spec: {
        ingressClassName: 'sluice',
        ...(tls && { tls: [{ hosts: [host], secretName: 'web-tls' }] }),
        rules: [
          {
            host,
            http: {
              paths: [
                { path, pathType: 'Prefix', backend },
                { path: '/exact/', pathType: 'Exact', backend },
                { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('web'),
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.9.8.7',
        externalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ports: [{ name: 'http', port: 80, targetPort: 'web', nodePort: 30080, protocol: 'TCP', appProtocol: 'http' }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadata('web-1', { labels: { 'kubernetes.io/service-name': 'web' } }),
      addressType: 'IPv4',
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true }, nodeName: 'neighbour' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: metadata('web'),
      subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'http', port, protocol: 'TCP' }] }],
    },
    ...(tls === undefined
      ? []
      : [{ apiVersion: 'v1', kind: 'Secret', metadata: metadata('web-tls'), type: 'kubernetes.io/tls', data: tls }]),
  ];
}

/** A certificate that hostile objects may have. */
export function tlsData(): Raw {
  return secretData(makeCertificate({ names: ['*.test'], days: 3650 }));
}

function neighbourTls(): Raw {
  return secretData(makeCertificate({ names: [NEIGHBOUR], days: 3650 }));
}

function secretData({ certificate, key }: CertificatePair): Raw {
  return { 'tls.crt': base64(certificate), 'tls.key': base64(key) };
}

export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
