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

/** Keys `namespace/name` of the objects that our Ingresses and options refer to, besides Services and their endpoints. */
export interface ReferencedKeys {
  readonly Secret: ReadonlySet<string>;
  readonly ConfigMap: ReadonlySet<string>;
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
  const { defaultCertificate, configMap } = options;
  if (defaultCertificate !== undefined) secrets.add(objectKey(defaultCertificate.namespace, defaultCertificate.name));
  if (configMap !== undefined) configMaps.add(objectKey(configMap.namespace, configMap.name));
  for (const ingress of snapshot.objects.Ingress.values()) {
    if (claim(ingress) !== undefined) continue;
    const known = memory.get(ingress) ?? referencesOf(ingress, options);
    memory.set(ingress, known);
    for (const key of known.Secret) secrets.add(key);
    for (const key of known.ConfigMap) configMaps.add(key);
  }
  return { Secret: secrets, ConfigMap: configMaps };
}

/** What one Ingress refers to, in spec.tls and in its annotations. */
export function referencesOf(ingress: Ingress, options: TranslateOptions): ReferencedKeys {
  const { namespace } = ingress.metadata;
  const secrets = new Set(
    ingress.tls.flatMap((entry) => (entry?.secretName === undefined ? [] : objectKey(namespace, entry.secretName))),
  );
  const configMaps = new Set<string>();
  const given = selectAnnotations(ingress.metadata.annotations, options.annotationPrefixes);
  if (given.size > 0) {
    const { target: proxy, hasResolver } = options;
    const lookup = recordingLookup(secrets, configMaps);
    const context: FeatureContext = { ingress, globals: DEFAULT_GLOBALS, proxy, hasResolver, lookup };
    readFeatures(given, context);
  }
  return { Secret: secrets, ConfigMap: configMaps };
}

const NOWHERE: Target = { type: 'status', status: 503 };

/** An empty world that writes down what it is asked for. */
function recordingLookup(secrets: Set<string>, configMaps: Set<string>): Lookup {
  return {
    secret: (namespace, name) => {
      secrets.add(objectKey(namespace, name));
      return undefined;
    },
    configMap: (namespace, name) => {
      configMaps.add(objectKey(namespace, name));
      return undefined;
    },
    target: () => NOWHERE,
    upstreamOfHost: () => undefined,
    addFile: () => '',
  };
}
