import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual, Keeper } from '../model/equal.ts';
import { NOTHING_EXCLUDED, type Exclusions } from '../model/exclusions.ts';
import type { Ingress, Secret } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { compareText, type Source } from '../model/refs.ts';
import type { Certificate, Host, RoutingModel, Target } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { BackendResolver, type BackendMemory } from './backends.ts';
import { parseCertificate, type CertificateResult } from './certificates.ts';
import { createClaim, type IgnoredIngress } from './claim.ts';
import { withoutExcluded, withoutExcludedSecrets } from './exclusions.ts';
import { assembleHosts, type RouteMemory } from './hosts.ts';
import { NodeMemory } from './nodes.ts';
import { readRules, type IngressRules } from './rules.ts';
import { CertificateChooser } from './tls.ts';

export interface Translation {
  readonly model: RoutingModel;
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
  const rulesOf = remember<Ingress, IngressRules>(readRules);
  const certificateOf = remember<Secret, CertificateResult>(parseCertificate);
  let memory = newMemory();
  let lastOptions: TranslateOptions | undefined;
  return (snapshot, options, exclusions = NOTHING_EXCLUDED) => {
    const timeless = { ...options, now: 0 };
    if (!isEqual(timeless, lastOptions)) memory = newMemory();
    lastOptions = timeless;
    return translate(snapshot, options, { ...memory, rulesOf, certificateOf, exclusions });
  };
}

/** What may be used again as long as the options stay the same. */
interface Memory extends BackendMemory {
  readonly routes: RouteMemory;
  readonly hosts: Keeper<Host>;
  readonly certificates: Keeper<Certificate>;
}

function newMemory(): Memory {
  return {
    resolutions: new WeakMap(),
    nodes: new NodeMemory(),
    routes: new WeakMap(),
    hosts: new Keeper(),
    certificates: new Keeper(),
  };
}

interface Readers extends Memory {
  readonly rulesOf: (ingress: Ingress) => IngressRules;
  readonly certificateOf: (secret: Secret) => CertificateResult;
  readonly exclusions: Exclusions;
}

function translate(snapshot: Snapshot, options: TranslateOptions, readers: Readers): Translation {
  const claim = createClaim(snapshot.objects.IngressClass, options);
  const claimed: IngressRules[] = [];
  const ignored: IgnoredIngress[] = [];
  for (const ingress of byAge(snapshot.objects.Ingress.values())) {
    const reason = claim(ingress);
    const rules = readers.rulesOf(ingress);
    if (reason === undefined) claimed.push(rules);
    else ignored.push({ object: rules.object, reason });
  }
  const { exclusions } = readers;
  const served = withoutExcluded(claimed, exclusions);
  const resolver = new BackendResolver(snapshot, options, readers);
  const certificateOf = withoutExcludedSecrets(readers.certificateOf, exclusions);
  const certificates = new CertificateChooser(snapshot, options, certificateOf);
  for (const rules of served) certificates.read(rules);
  const fallback = defaultTarget(options, resolver);
  const parts = { resolver, certificates, fallback, redirectToHttps: options.redirectToHttps, memory: readers.routes };
  const { hosts, diagnostics } = assembleHosts(served, parts);
  const model = {
    hosts: readers.hosts.keepAll(hosts, (host) => host.name),
    upstreams: usedUpstreams(hosts, resolver),
    certificates: readers.certificates.keepAll(usedCertificates(hosts, certificates), (certificate) => certificate.id),
  };
  const all = [snapshot.diagnostics, claimed.flatMap((rules) => rules.diagnostics), diagnostics];
  return { model, diagnostics: sorted([...all, resolver.diagnostics, certificates.diagnostics].flat()), ignored };
}

function usedUpstreams(hosts: readonly Host[], resolver: BackendResolver): RoutingModel['upstreams'] {
  const ids = new Set<string>();
  for (const { routes } of hosts) {
    for (const { target } of routes) if (target.type === 'upstream') ids.add(target.upstream);
  }
  return [...ids].sort().flatMap((id) => resolver.upstreams.get(id) ?? []);
}

function usedCertificates(hosts: readonly Host[], chooser: CertificateChooser): RoutingModel['certificates'] {
  return chooser.used(new Set(hosts.flatMap(({ certificate }) => certificate ?? [])));
}

function defaultTarget(
  options: TranslateOptions,
  resolver: BackendResolver,
): { readonly target: Target; readonly source: Source | undefined } {
  if (options.defaultBackend === undefined) return { target: { type: 'status', status: 404 }, source: undefined };
  const { namespace, name, port } = options.defaultBackend;
  const source = { object: { kind: 'Service', namespace, name }, field: '--default-backend' };
  return { target: resolver.resolve({ type: 'service', name, port }, namespace, source), source };
}

/** Oldest first; the names decide between objects of the same second. */
export function byAge(ingresses: Iterable<Ingress>): readonly Ingress[] {
  return [...ingresses].sort((left, right) => {
    const [a, b] = [left.metadata, right.metadata];
    return (
      compareText(a.creationTimestamp, b.creationTimestamp) ||
      compareText(a.namespace, b.namespace) ||
      compareText(a.name, b.name)
    );
  });
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
