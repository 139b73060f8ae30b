import type { FeatureContext, Lookup } from '../features/family.ts';
import { DEFAULT_GLOBALS, type Globals } from '../features/globals.ts';
import { readFeatures } from '../features/read-features.ts';
import { selectAnnotations } from '../features/reader.ts';
import { isEqual } from '../model/equal.ts';
import type { Ingress } from '../model/objects.ts';
import type { SecretName, TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Target } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createClaim } from './claim.ts';
import { readGlobals, referencesOfGlobals } from './globals.ts';
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
  let lastGlobals: Globals | undefined;
  return (snapshot, options) => {
    const timeless = { ...options, now: 0 };
    const { globals } = readGlobals(snapshot, options, { last: undefined });
    if (!isEqual(timeless, last) || !isEqual(globals, lastGlobals)) memory = new WeakMap();
    [last, lastGlobals] = [timeless, globals];
    return findReferences(snapshot, options, memory);
  };
}

export function findReferences(
  snapshot: Snapshot,
  options: TranslateOptions,
  memory = new WeakMap<Ingress, ReferencedKeys>(),
): ReferencedKeys {
  const claim = createClaim(snapshot.objects.IngressClass, options);
  const { globals } = readGlobals(snapshot, options, { last: undefined });
  const found = [referencesOfOptions(snapshot, options)];
  for (const ingress of snapshot.objects.Ingress.values()) {
    if (claim(ingress) !== undefined) continue;
    const known = memory.get(ingress) ?? referencesOf(ingress, options, globals);
    memory.set(ingress, known);
    found.push(known);
  }
  return { Secret: union(found, 'Secret'), ConfigMap: union(found, 'ConfigMap'), Service: union(found, 'Service') };
}

function union(found: readonly ReferencedKeys[], kind: keyof ReferencedKeys): ReadonlySet<string> {
  return new Set(found.flatMap((keys) => [...keys[kind]]));
}

/** What flags name, and what the ConfigMap that they name does. */
function referencesOfOptions(snapshot: Snapshot, options: TranslateOptions): ReferencedKeys {
  const { defaultCertificate, configMap } = options;
  const keyOf = (name: SecretName | undefined) => (name === undefined ? [] : [objectKey(name.namespace, name.name)]);
  const named = referencesOfGlobals(snapshot, options);
  return {
    Secret: new Set([...keyOf(defaultCertificate), ...named.Secret]),
    ConfigMap: new Set([...keyOf(configMap), ...named.ConfigMap]),
    Service: new Set(),
  };
}

/** What one Ingress refers to, in spec.tls and in its annotations. */
export function referencesOf(
  ingress: Ingress,
  options: TranslateOptions,
  globals: Globals = DEFAULT_GLOBALS,
): ReferencedKeys {
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
    const context: FeatureContext = { ingress, globals, proxy, hasResolver, lookup };
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
    service: (namespace, name) => {
      services.add(objectKey(namespace, name));
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
