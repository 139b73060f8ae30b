import type { FeatureContext, Lookup } from '../features/family.ts';
import { DEFAULT_GLOBALS } from '../features/globals.ts';
import { readFeatures } from '../features/read-features.ts';
import { selectAnnotations } from '../features/reader.ts';
import { isEqual } from '../model/equal.ts';
import type { Ingress } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Target } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createClaim } from './claim.ts';
import { serviceOfHost } from './cluster-names.ts';

/** Keys `namespace/name` of the objects that our Ingresses and options refer to, besides Services and their endpoints. */
export interface ReferencedKeys {
  readonly Secret: ReadonlySet<string>;
  readonly ConfigMap: ReadonlySet<string>;
  /** Named in annotations. */
  readonly Service: ReadonlySet<string>;
}

/** What has to be known of the cluster to translate a snapshot. */
export type ReferenceFinder = (snapshot: Snapshot, options: TranslateOptions) => ReferencedKeys;

/** Remembers what Ingresses refer to that did not change. */
export function createReferenceFinder(): ReferenceFinder {
  let memory = new WeakMap<Ingress, ReferencedKeys>();
  let last: TranslateOptions | undefined;
  return (snapshot, options) => {
    const timeless = { ...options, now: 0 };
    if (!isEqual(timeless, last)) memory = new WeakMap();
    last = timeless;
    return findReferences(snapshot, options, memory);
  };
}

export function findReferences(
  snapshot: Snapshot,
  options: TranslateOptions,
  memory = new WeakMap<Ingress, ReferencedKeys>(),
): ReferencedKeys {
  const claim = createClaim(snapshot.objects.IngressClass, options);
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const services = new Set<string>();
  const { defaultCertificate, configMap } = options;
  if (defaultCertificate !== undefined) secrets.add(objectKey(defaultCertificate.namespace, defaultCertificate.name));
  if (configMap !== undefined) configMaps.add(objectKey(configMap.namespace, configMap.name));
  for (const ingress of snapshot.objects.Ingress.values()) {
    if (claim(ingress) !== undefined) continue;
    const known = memory.get(ingress) ?? referencesOf(ingress, options);
    memory.set(ingress, known);
    for (const key of known.Secret) secrets.add(key);
    for (const key of known.ConfigMap) configMaps.add(key);
    for (const key of known.Service) services.add(key);
  }
  return { Secret: secrets, ConfigMap: configMaps, Service: services };
}

/** What one Ingress refers to, in spec.tls and in its annotations. */
export function referencesOf(ingress: Ingress, options: TranslateOptions): ReferencedKeys {
  const { namespace } = ingress.metadata;
  const secrets = new Set(
    ingress.tls.flatMap((entry) => (entry?.secretName === undefined ? [] : objectKey(namespace, entry.secretName))),
  );
  const configMaps = new Set<string>();
  const services = new Set<string>();
  const given = selectAnnotations(ingress.metadata.annotations, options.annotationPrefixes);
  if (given.size > 0) {
    const { target: proxy, hasResolver } = options;
    const lookup = recordingLookup({ secrets, configMaps, services });
    const context: FeatureContext = { ingress, globals: DEFAULT_GLOBALS, proxy, hasResolver, lookup };
    readFeatures(given, context);
  }
  return { Secret: secrets, ConfigMap: configMaps, Service: services };
}

const NOWHERE: Target = { type: 'status', status: 503 };

/** An empty world that writes down what it is asked for. */
interface Recorded {
  readonly secrets: Set<string>;
  readonly configMaps: Set<string>;
  readonly services: Set<string>;
}

function recordingLookup({ secrets, configMaps, services }: Recorded): Lookup {
  return {
    secret: (namespace, name) => {
      secrets.add(objectKey(namespace, name));
      return undefined;
    },
    configMap: (namespace, name) => {
      configMaps.add(objectKey(namespace, name));
      return undefined;
    },
    target: (backend, namespace) => {
      if (backend.type === 'service') services.add(objectKey(namespace, backend.name));
      return NOWHERE;
    },
    upstreamOfHost: (host) => {
      const service = serviceOfHost(host);
      if (service !== undefined) services.add(objectKey(service.namespace, service.name));
      return undefined;
    },
    addFile: () => '',
  };
}
