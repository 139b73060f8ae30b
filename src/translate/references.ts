import type { FeatureContext, Lookup } from '../features/family.ts';
import type { Globals } from '../features/globals.ts';
import { readFeatures } from '../features/read-features.ts';
import { selectAnnotations } from '../features/reader.ts';
import { isEqual } from '../model/equal.ts';
import type { Ingress } from '../model/objects.ts';
import type { SecretName, TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Target } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createClaim } from './claim.ts';
import { readGlobals, referencesOfGlobals, type GlobalsMemory } from './globals.ts';
import { serviceOfHost } from './cluster-names.ts';

/** Keys `namespace/name` of the objects that our Ingresses and options refer to, besides Services and their endpoints. */
export interface ReferencedKeys {
  readonly Secret: ReadonlySet<string>;
  readonly ConfigMap: ReadonlySet<string>;
  /** Named in annotations. */
  readonly Service: ReadonlySet<string>;
}

/** Finds what has to be known of the cluster, and remembers what Ingresses refer to that did not change. */
export class ReferenceFinder {
  #ingresses = new WeakMap<Ingress, ReferencedKeys>();
  #globals: GlobalsMemory = { last: undefined };
  #options: TranslateOptions | undefined;
  #lastGlobals: Globals | undefined;

  /** What our Ingresses and the options refer to. */
  all(snapshot: Snapshot, options: TranslateOptions): ReferencedKeys {
    const globals = this.#renew(snapshot, options);
    const claim = createClaim(snapshot.objects.IngressClass, options);
    const named = referencesOfGlobals(this.#globals);
    const [secrets, configMaps] = [new Set(named.Secret), new Set(named.ConfigMap)];
    const services = new Set<string>();
    add(secrets, keysOf(options.defaultCertificate));
    add(configMaps, keysOf(options.configMap));
    for (const ingress of snapshot.objects.Ingress.values()) {
      if (claim(ingress) !== undefined) continue;
      const { Secret, ConfigMap, Service } = this.#of(ingress, options, globals);
      add(secrets, Secret);
      add(configMaps, ConfigMap);
      add(services, Service);
    }
    return { Secret: secrets, ConfigMap: configMaps, Service: services };
  }

  /** What one Ingress of a snapshot refers to, in spec.tls and in its annotations. */
  of(ingress: Ingress, snapshot: Snapshot, options: TranslateOptions): ReferencedKeys {
    return this.#of(ingress, options, this.#renew(snapshot, options));
  }

  #of(ingress: Ingress, options: TranslateOptions, globals: Globals): ReferencedKeys {
    const known = this.#ingresses.get(ingress);
    if (known !== undefined) return known;
    const found = referencesOf(ingress, options, globals);
    this.#ingresses.set(ingress, found);
    return found;
  }

  /** Forgets what other options, or other settings for all, may have made of the same Ingresses. */
  #renew(snapshot: Snapshot, options: TranslateOptions): Globals {
    const timeless = { ...options, now: 0 };
    const isSame = isEqual(timeless, this.#options);
    if (!isSame) this.#globals = { last: undefined };
    const { globals } = readGlobals(snapshot, options, this.#globals);
    if (!isSame || !isEqual(globals, this.#lastGlobals)) this.#ingresses = new WeakMap();
    [this.#options, this.#lastGlobals] = [timeless, globals];
    return globals;
  }
}

function add(found: Set<string>, keys: Iterable<string>): void {
  for (const key of keys) found.add(key);
}

function keysOf(name: SecretName | undefined): readonly string[] {
  return name === undefined ? [] : [objectKey(name.namespace, name.name)];
}

function referencesOf(ingress: Ingress, options: TranslateOptions, globals: Globals): ReferencedKeys {
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
