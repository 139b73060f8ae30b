import type { IngressFeatures } from '../features/read-features.ts';
import type { ServiceName } from '../features/family.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import type { HostFeatures } from '../model/features.ts';
import { defaultBackendConflict } from '../model/problems.ts';
import { compareText } from '../model/refs.ts';
import type { Host, Route, Target } from '../model/routing.ts';
import type { BackendResolver, KnownTarget } from './backends.ts';
import { canariesOfFallback } from './canaries.ts';
import { gatherDrafts, type Draft, type PathDraft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';
import { patternOfPath } from './grammar.ts';
import { allHostFeatures } from './host-features.ts';
import { impliedRoot } from './implied-root.ts';
import { KnownHosts, type Begun, type Fallback, type HostMemory } from './known-hosts.ts';
import { clientsOf, decorate, type RouteShape } from './route-features.ts';
import type { IngressRules, PathRule } from './rules.ts';
import type { CertificateChooser } from './tls.ts';

export interface Assembled {
  readonly hosts: readonly Host[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Parts {
  readonly resolver: BackendResolver;
  readonly certificates: CertificateChooser;
  readonly features: FeatureResolver;
  /** Where requests go that match nothing. */
  readonly fallback: Fallback;
  readonly redirectToHttps: boolean;
  /** Starts of paths that always answer plain HTTP, as cert-manager's HTTP-01 solver must. */
  readonly neverRedirected: readonly string[];
  readonly memory: RouteMemory;
  readonly knownHosts: HostMemory;
  /** Those of the last snapshot, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
}

/** The last route of each rule, to be handed out again while nothing about it changes. */
export type RouteMemory = WeakMap<PathRule, RememberedRoute>;

interface RememberedRoute {
  readonly asked: IngressFeatures;
  readonly route: Route;
  readonly known: KnownTarget | undefined;
  /** Where requests went that matched nothing: error pages come from there. */
  readonly fallback: Target;
  /** Of the host. */
  readonly snippets: HostFeatures['snippets'];
}

/** A host, while its routes are made. */
interface Making extends Begun {
  readonly hasTls: boolean;
  readonly isRegex: boolean;
}

/** Merges the rules of all Ingresses, oldest first, into one virtual host for each host name. */
export function assembleHosts(ingresses: readonly IngressRules[], parts: Parts): Assembled {
  const diagnostics: Diagnostic[] = [];
  const drafts = gatherDrafts(ingresses, parts.features, diagnostics);
  const fallback = chooseFallback(ingresses, parts, diagnostics);
  const ordered = [...drafts.values()].sort((left, right) => compareText(left.name, right.name));
  const certificateOf = certificatesOf(ordered, parts.certificates);
  const covers = parts.certificates.covers.bind(parts.certificates);
  const features = allHostFeatures({ drafts, certificateOf, covers }, parts.features, diagnostics);
  const whole = { ...parts, fallback };
  const known = new KnownHosts(whole, parts.knownHosts);
  const hosts = ordered.map((draft) => {
    const begun = { draft, certificate: certificateOf(draft.name), features: features.get(draft.name) };
    const last = known.again(begun);
    const host = last?.host ?? finish(begun, whole);
    diagnostics.push(...(last?.conflicts ?? draft.conflicts));
    if (last === undefined) known.keep(begun, host, targetsOf(draft, parts.memory));
    return host;
  });
  known.end();
  return { hosts, diagnostics };
}

/** What its routes lead to; `undefined` when one of them is to be found anew each time. */
function targetsOf(draft: Draft, memory: RouteMemory): readonly KnownTarget[] | undefined {
  const targets = [...draft.paths.values()].flatMap(({ rule }) => memory.get(rule)?.known ?? []);
  return targets.length === draft.paths.size ? targets : undefined;
}

/** An Ingress without rules is the default backend of everything, as in ingress-nginx; else what the flag names. */
function chooseFallback(ingresses: readonly IngressRules[], parts: Parts, diagnostics: Diagnostic[]): Fallback {
  let chosen: { readonly rules: IngressRules; readonly fallback: Fallback } | undefined;
  for (const rules of ingresses) {
    if (rules.ingress.defaultBackend === undefined || rules.ingress.rules.length > 0) continue;
    if (parts.features.of(rules).canary !== undefined) continue;
    const source = { object: rules.object, field: 'spec.defaultBackend' };
    if (chosen !== undefined) {
      diagnostics.push(defaultBackendConflict(source, chosen.rules.object));
      continue;
    }
    const target = parts.resolver.resolve(rules.ingress.defaultBackend, rules.ingress.metadata.namespace, source);
    chosen = { rules, fallback: { target, source } };
  }
  return { ...(chosen?.fallback ?? parts.fallback), canaries: canariesOfFallback(ingresses, parts.features) };
}

/**
 * A host without a certificate of its own is served with that of the wildcard host over it, then with that of an Ingress
 * whose spec.tls names no hosts, then with the default one.
 */
function certificatesOf(drafts: readonly Draft[], chooser: CertificateChooser): (name: string) => string | undefined {
  const own = new Map<string, string>();
  for (const { name, ingresses } of drafts) {
    let id: string | undefined;
    for (const rules of ingresses) id ??= chooser.choose(rules, name);
    if (id !== undefined) own.set(name, id);
  }
  if (own.size === 0) return () => chooser.fallback;
  return (name) => own.get(name) ?? own.get(name.replace(/^[^.]*/, '*')) ?? own.get('') ?? chooser.fallback;
}

function finish(begun: Begun, parts: Parts): Host {
  const { draft, certificate, features } = begun;
  const { name, source } = draft;
  const making = { ...begun, hasTls: wantsHttps(draft, certificate), isRegex: features?.regex === true };
  const routes = routesOf(making, parts);
  const kind = name === '' ? 'default' : name.startsWith('*.') ? 'wildcard' : 'exact';
  const last = parts.hosts.get(name);
  const isSame =
    last !== undefined &&
    last.certificate === certificate &&
    last.source === source &&
    isEqual(last.features, features) &&
    sameRoutes(last.routes, routes);
  return isSame ? last : { name, kind, certificate, features, routes, source };
}

function sameRoutes(left: readonly Route[], right: readonly Route[]): boolean {
  return left.length === right.length && left.every((route, index) => route === right[index]);
}

function routesOf(making: Making, parts: Parts): readonly Route[] {
  const items = [...making.draft.paths.values()];
  if (making.isRegex) items.sort(byLength);
  const routes = items.map((item) => toRoute(item, making, parts));
  if (!making.draft.paths.has('prefix /')) routes.push(fallbackRoute(making, parts));
  return making.isRegex ? routes : routes.sort(byPrecedence);
}

/**
 * A named host has TLS when any of its Ingresses has a spec.tls, whichever hosts that lists (ingress-nginx, section 4.6).
 * The default host needs an entry for all hosts, and a certificate, too: no redirect into a refused handshake.
 */
function wantsHttps(draft: Draft, certificate: string | undefined): boolean {
  const { ingresses } = draft;
  if (draft.name !== '') return ingresses.some((rules) => rules.ingress.tls.length > 0);
  return certificate !== undefined && ingresses.some((rules) => rules.tls.some((tls) => tls.hosts.length === 0));
}

function toRoute(item: PathDraft, making: Making, parts: Parts): Route {
  const { rule, canaries } = item;
  const asked = parts.features.of(item.rules);
  const last = parts.memory.get(rule);
  const { target, known } = locate(rule, asked, last, parts.resolver);
  const shape = shapeOf({ rule, target }, asked, making, parts);
  const fallback = parts.fallback.target;
  const same = canaries.length === 0 ? sameRoute(last, { asked, shape, making, fallback }) : undefined;
  if (same !== undefined && last?.known === known) return same;
  const { features: hostFeatures, draft } = making;
  const named = nameOf(rule);
  const decoration = { asked, canaries, host: draft.name, hostFeatures, fallback, named };
  const route = same ?? decorate(shape, decoration, parts.resolver);
  if (canaries.length === 0)
    parts.memory.set(rule, { asked, route, fallback, known, snippets: hostFeatures?.snippets });
  else parts.memory.delete(rule);
  return route;
}

/** As the rule names it, for error pages, which tell it also where no such Service is. */
function nameOf({ backend, source }: PathRule): ServiceName | undefined {
  if (backend.type === 'resource') return undefined;
  const { name, port } = backend;
  const { namespace } = source.object;
  return { namespace, name, port: 'number' in port ? String(port.number) : port.name };
}

interface Now {
  readonly asked: IngressFeatures;
  readonly shape: RouteShape;
  readonly making: Making;
  readonly fallback: Target;
}

/** The route of the last snapshot, if it would be made again. */
function sameRoute(last: RememberedRoute | undefined, now: Now): Route | undefined {
  if (last?.asked !== now.asked || !hasShape(last.route, now.shape)) return undefined;
  const { route } = last;
  if (route.features?.errors !== undefined && !isEqual(last.fallback, now.fallback)) return undefined;
  return isSameHost(last, now) ? route : undefined;
}

/** What comes from other Ingresses of the host. */
function isSameHost({ route, snippets }: RememberedRoute, { making, shape }: Now): boolean {
  const { draft, features } = making;
  const clients = clientsOf(draft.name, features, shape.path);
  return isEqual(snippets, features?.snippets) && isEqual(route.features?.clientCertificates, clients);
}

const CLOSED: Target = { type: 'status', status: 503 };

interface Located {
  readonly target: Target;
  /** What may be used again for the next snapshot. */
  readonly known: KnownTarget | undefined;
}

/** Where a rule leads: where it led before, as long as what that followed from is the same. */
function locate(
  rule: PathRule,
  asked: IngressFeatures,
  last: RememberedRoute | undefined,
  resolver: BackendResolver,
): Located {
  if (rule.isClosed === true) return { target: CLOSED, known: undefined };
  const known = last?.asked === asked ? last.known : undefined;
  const target = known && resolver.again(known);
  if (target !== undefined) return { target, known };
  const { backend, backendSource, source } = rule;
  const asking = { backend, namespace: source.object.namespace, source: backendSource, how: asked.upstream };
  const found = resolver.resolveKnown(asking);
  return found.type === 'known'
    ? { target: found.resolution.target, known: found }
    : { target: found, known: undefined };
}

interface Targeted {
  readonly rule: PathRule;
  readonly target: Target;
}

function shapeOf({ rule, target }: Targeted, asked: IngressFeatures, making: Making, parts: Parts): RouteShape {
  const { source, text } = rule;
  const { draft, isRegex } = making;
  const path = isRegex && !rule.isRegex ? patternOfPath(text) : rule.path;
  return {
    path,
    match: isRegex ? 'regex' : rule.match,
    target,
    redirectToHttps: isRedirected(asked, making, parts) && !isBelow(text, parts.neverRedirected),
    exactTwin: rule.match === 'prefix' && draft.paths.has(`exact ${rule.path}`),
    source,
  };
}

/** Whether a path is one of these, or has one of them for its first elements. */
function isBelow(path: string, starts: readonly string[]): boolean {
  return starts.some((start) => `${path}/`.startsWith(start.endsWith('/') ? start : `${start}/`));
}

function isRedirected({ route }: IngressFeatures, { hasTls }: Making, { redirectToHttps }: Parts): boolean {
  const when = route?.httpsRedirect?.when ?? 'default';
  if (when === 'always' || when === 'never') return when === 'always';
  return hasTls && (redirectToHttps || when === 'tls');
}

function hasShape(route: Route, shape: RouteShape): boolean {
  return (
    route.target === shape.target &&
    route.exactTwin === shape.exactTwin &&
    route.redirectToHttps === shape.redirectToHttps &&
    route.match === shape.match &&
    route.path === shape.path
  );
}

/** The default backend of the oldest Ingress of this host that has one, with its annotations; else that of everything. */
function fallbackRoute(making: Making, parts: Parts): Route {
  const { draft, isRegex, features: hostFeatures } = making;
  const exactTwin = draft.paths.has('exact /');
  const fixed = { path: '/', match: isRegex ? 'regex' : 'prefix', exactTwin } as const;
  for (const rules of draft.ingresses) {
    const { ingress, object } = rules;
    if (ingress.defaultBackend === undefined) continue;
    const source = { object, field: 'spec.defaultBackend' };
    const asked = parts.features.of(rules);
    const target = parts.resolver.resolve(ingress.defaultBackend, object.namespace, source, asked.upstream);
    const redirectToHttps = isRedirected(asked, making, parts);
    const shape = { ...fixed, redirectToHttps, target, source };
    const fallback = parts.fallback.target;
    const decoration = { asked, canaries: [], host: draft.name, hostFeatures, fallback, named: undefined };
    return decorate(shape, decoration, parts.resolver);
  }
  const { target, source, canaries = [] } = parts.fallback;
  const asked = impliedRoot(draft, parts.features);
  const isOfHost = asked.route !== undefined;
  const redirectToHttps = isRedirected(asked, making, parts);
  const shape = { ...fixed, redirectToHttps, target, source: isOfHost ? draft.source : source };
  const decoration = { asked, canaries, host: draft.name, hostFeatures, fallback: target, named: undefined };
  return decorate(shape, decoration, parts.resolver);
}

function byPrecedence(left: Route, right: Route): number {
  if (left.match !== right.match) return left.match === 'exact' ? -1 : 1;
  if (left.match === 'prefix' && left.path.length !== right.path.length) return right.path.length - left.path.length;
  return compareText(left.path, right.path);
}

/** As ingress-nginx orders regular expressions: the longest text first, of equal ones that of the oldest Ingress. */
function byLength({ rule: left }: PathDraft, { rule: right }: PathDraft): number {
  return right.text.length - left.text.length || compareText(right.text, left.text);
}
