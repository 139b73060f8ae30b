import { NO_GLOBAL_SETTINGS } from '../../src/model/global-settings.ts';
import type { Kind, KubernetesObject, Metadata, ObjectByKind } from '../../src/model/objects.ts';
import type { ProxySettings, TranslateOptions } from '../../src/model/options.ts';
import { objectKey } from '../../src/model/refs.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** Options of a user who set no flag and reads a directory. */
export const OPTIONS: TranslateOptions = {
  controllerName: 'sluice.dev/ingress-controller',
  ingressClass: 'sluice',
  claimByName: true,
  claimWithoutClass: true,
  claimCatchAll: true,
  endpointSource: 'slices',
  nodeAddress: 'internal',
  allowExternalName: false,
  hasResolver: false,
  redirectToHttps: true,
  defaultBackend: undefined,
  defaultCertificate: undefined,
  ownCertificate: undefined,
  annotationPrefixes: ['nginx.ingress.kubernetes.io', 'sluice.dev'],
  configMap: undefined,
  compat: undefined,
  snippets: [],
  target: { name: 'nginx', version: '1.22.1', modules: [], families: ['*'] },
  now: 0,
};

export const SETTINGS: ProxySettings = {
  ...NO_GLOBAL_SETTINGS,
  bindAddresses: ['127.0.0.1'],
  httpPort: 8080,
  httpsPort: 8443,
  publicHttpPort: 80,
  publicHttpsPort: 443,
  redirectCode: 308,
  http2: true,
  runDirectory: '/run/sluice',
  pidFile: '/run/sluice/proxy.pid',
  acknowledgeSocket: '/run/sluice/acknowledge.sock',
  acknowledgePort: 10247,
  accessLog: 'json',
  accessLogPath: '/dev/stdout',
  errorLogLevel: 'warn',
  workerProcesses: 'auto',
  workerConnections: 16384,
  workerOpenFiles: 33792,
  workerShutdownTimeout: 240,
  trustedProxies: [],
  proxyProtocol: false,
  resolvers: [],
  upstreamKeepalive: 32,
  maxBodySize: '1m',
  connectTimeout: 5,
  readTimeout: 60,
  sendTimeout: 60,
};

export function metadata(name: string, rest: Partial<Metadata> = {}): Metadata {
  return { namespace: 'shop', name, uid: '', creationTimestamp: '', labels: {}, annotations: {}, ...rest };
}

/** A snapshot of some objects, in the order given. */
export function snapshotOf(...objects: readonly KubernetesObject[]): Snapshot {
  const of = <K extends Kind>(kind: K): ReadonlyMap<string, ObjectByKind[K]> => {
    const found = objects.filter((object): object is ObjectByKind[K] & KubernetesObject => object.kind === kind);
    return new Map(found.map((object) => [objectKey(object.metadata.namespace, object.metadata.name), object]));
  };
  return {
    objects: {
      Ingress: of('Ingress'),
      IngressClass: of('IngressClass'),
      Service: of('Service'),
      EndpointSlice: of('EndpointSlice'),
      Endpoints: of('Endpoints'),
      Secret: of('Secret'),
      ConfigMap: of('ConfigMap'),
      Node: of('Node'),
    },
    diagnostics: [],
  };
}
