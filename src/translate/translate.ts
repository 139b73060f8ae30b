import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import { NOTHING_EXCLUDED, type Exclusions } from '../model/exclusions.ts';
import type { Ingress, Secret } from '../model/objects.ts';
import type { ProxySettings, TranslateOptions } from '../model/options.ts';
import { compareText, objectKey, type Source } from '../model/refs.ts';
import type { RoutingModel, Target } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { BackendResolver, type BackendMemory } from './backends.ts';
import { parseCertificate, type CertificateResult } from './certificates.ts';
import { createClaim, type IgnoredIngress } from './claim.ts';
import { withoutExcluded, withoutExcludedSecrets } from './exclusions.ts';
import { FeatureResolver, type FeatureMemory } from './features.ts';
import { readGlobals, type GlobalsMemory } from './globals.ts';
import { assembleHosts, type RouteMemory } from './hosts.ts';
import { newHostMemory, type HostMemory } from './known-hosts.ts';
import { newModelMemory, toModel, type ModelMemory } from './model.ts';
import { NodeMemory } from './nodes.ts';
import { applyPolicy, type PolicyMemory } from './policy.ts';
import { pathSyntax } from '../features/uses-regex.ts';
import { readRules, type IngressRules } from './rules.ts';
import { CertificateChooser } from './tls.ts';

export interface Translation {
  readonly model: RoutingModel;
  /** What the ConfigMap says of the proxy's settings; the same value as long as it says the same. */
  readonly settings: Partial<ProxySettings>;
  readonly diagnostics: readonly Diagnostic[];
  /** Ingresses of other controllers, by name. */
  readonly ignored: readonly IgnoredIngress[];
}

/** Turns one snapshot into routes. The same snapshot, options and exclusions always give the same translation. */
export type Translator = (snapshot: Snapshot, options: TranslateOptions, exclusions?: Exclusions) => Translation;

/**
 * A translator that remembers what it made of objects that did not change (they are the same values in the next
 * snapshot). Only speed depends on that memory, never the result.
 */
export function createTranslator(): Translator {
  const certificateOf = remember<Secret, CertificateResult>(parseCertificate);
  let memory: Memory | undefined;
  let lastOptions: TranslateOptions | undefined;
  return (snapshot, options, exclusions = NOTHING_EXCLUDED) => {
    const timeless = { ...options, now: 0 };
    if (memory === undefined || !isEqual(timeless, lastOptions)) memory = newMemory(options);
    lastOptions = timeless;
    return translate(snapshot, options, { ...memory, certificateOf, exclusions });
  };
}

/** What may be used again as long as the options stay the same. */
interface Memory extends BackendMemory {
  readonly rulesOf: (ingress: Ingress) => IngressRules;
  readonly features: FeatureMemory;
  readonly globals: GlobalsMemory;
  readonly policy: PolicyMemory;
  readonly routes: RouteMemory;
  readonly hosts: HostMemory;
  readonly model: ModelMemory;
}

function newMemory(options: TranslateOptions): Memory {
  return {
    rulesOf: remember((ingress) => readRules(ingress, pathSyntax(ingress, options))),
    resolutions: new WeakMap(),
    nodes: new NodeMemory(),
    slices: new WeakMap(),
    features: new WeakMap(),
    globals: { last: undefined },
    policy: new WeakMap(),
    routes: new WeakMap(),
    hosts: newHostMemory(),
    model: newModelMemory(),
  };
}

interface Readers extends Memory {
  readonly certificateOf: (secret: Secret) => CertificateResult;
  readonly exclusions: Exclusions;
}

function translate(snapshot: Snapshot, options: TranslateOptions, readers: Readers): Translation {
  const { claimed, ignored } = claimAll(snapshot, options, readers);
  const { exclusions } = readers;
  const globals = readGlobals(snapshot, options, readers.globals);
  const rules = { globals: globals.globals, prefixes: options.annotationPrefixes };
  const policed = applyPolicy(claimed, rules, readers.policy);
  const served = withoutExcluded(policed.served, exclusions, options.annotationPrefixes);
  const resolver = new BackendResolver(snapshot, options, readers);
  const certificateOf = withoutExcludedSecrets(readers.certificateOf, exclusions);
  const certificates = new CertificateChooser(snapshot, options, certificateOf);
  for (const rules of served) certificates.read(rules);
  const features = new FeatureResolver({ snapshot, options, resolver }, readers.features, globals.globals);
  features.addFiles(globals.files);
  const fallback = defaultTarget(snapshot, options, resolver);
  const redirects = {
    redirectToHttps: globals.globals.sslRedirect ?? options.redirectToHttps,
    neverRedirected: globals.globals.noTlsRedirectLocations,
  };
  const parts = {
    resolver,
    certificates,
    features,
    fallback,
    ...redirects,
    memory: readers.routes,
    knownHosts: readers.hosts,
    hosts: readers.model.hosts.last,
  };
  const { hosts, diagnostics } = assembleHosts(served, parts);
  const model = toModel(hosts, { resolver, certificates, features }, readers.model);
  const read = claimed.flatMap((item) => item.diagnostics);
  const own = [snapshot.diagnostics, read, globals.diagnostics, policed.diagnostics, diagnostics];
  const all = [...own, features.diagnostics, resolver.diagnostics, certificates.diagnostics];
  return { model, settings: globals.settings, diagnostics: sorted(all.flat()), ignored };
}

interface Claimed {
  /** Oldest first. */
  readonly claimed: readonly IngressRules[];
  readonly ignored: readonly IgnoredIngress[];
}

function claimAll(snapshot: Snapshot, options: TranslateOptions, { rulesOf }: Readers): Claimed {
  const claim = createClaim(snapshot.objects.IngressClass, options);
  const claimed: IngressRules[] = [];
  const ignored: IgnoredIngress[] = [];
  for (const ingress of byAge(snapshot.objects.Ingress.values())) {
    const reason = claim(ingress);
    const rules = rulesOf(ingress);
    if (reason === undefined) claimed.push(rules);
    else ignored.push({ object: rules.object, reason });
  }
  return { claimed, ignored };
}

function defaultTarget(
  snapshot: Snapshot,
  options: TranslateOptions,
  resolver: BackendResolver,
): { readonly target: Target; readonly source: Source | undefined } {
  if (options.defaultBackend === undefined) return { target: { type: 'status', status: 404 }, source: undefined };
  const { namespace, name } = options.defaultBackend;
  const first = snapshot.objects.Service.get(objectKey(namespace, name))?.ports[0]?.port ?? 80;
  const port = options.defaultBackend.port ?? { number: first };
  const source = { object: { kind: 'Service', namespace, name }, field: '--default-backend' };
  return { target: resolver.resolve({ type: 'service', name, port }, namespace, source), source };
}

/** Oldest first; the names decide between objects of the same second. */
export function byAge(ingresses: Iterable<Ingress>): readonly Ingress[] {
  return [...ingresses].sort(
    ({ metadata: left }, { metadata: right }) =>
      compareText(left.creationTimestamp, right.creationTimestamp) ||
      compareText(left.namespace, right.namespace) ||
      compareText(left.name, right.name),
  );
}

/** By object, field and code, so that equal worlds give equal lists whatever order their objects came in. */
function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyed = diagnostics.map((diagnostic) => ({ diagnostic, key: orderKey(diagnostic) }));
  const unique = new Map(keyed.map((item) => [item.key, item.diagnostic]));
  return [...unique].sort(([left], [right]) => compareText(left, right)).map(([, diagnostic]) => diagnostic);
}

function orderKey({ object, field, code, location, message }: Diagnostic): string {
  const where = location === undefined ? '' : `${location.file}:${location.line}`;
  // paths[2] before paths[10].
  const counted = field.replace(/\d+/g, (digits) => digits.padStart(6, '0'));
  return [object?.namespace, object?.kind, object?.name, where, counted, code, message].join('\u0000');
}

function remember<K extends WeakKey, V>(read: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = read(key);
    known.set(key, value);
    return value;
  };
}
