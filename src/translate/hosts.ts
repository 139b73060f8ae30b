import type { UpstreamOptions } from '../features/family.ts';
import type { IngressFeatures } from '../features/read-features.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { HostFeatures } from '../model/features.ts';
import { defaultBackendConflict } from '../model/problems.ts';
import { compareText, type Source } from '../model/refs.ts';
import type { Host, Route, Target } from '../model/routing.ts';
import type { BackendResolver } from './backends.ts';
import { gatherDrafts, type Draft, type PathDraft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';
import { hostFeatures } from './host-features.ts';
import { decorate, type RouteShape } from './route-features.ts';
import type { IngressRules, PathRule } from './rules.ts';
import type { CertificateChooser } from './tls.ts';

/** cert-manager's HTTP-01 solver must answer plain HTTP; ingress-nginx: `no-tls-redirect-locations`. */
const NEVER_REDIRECTED = '/.well-known/acme-challenge/';

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
  readonly memory: RouteMemory;
}

/** The last route of each rule, to be handed out again while nothing about it changes. */
export type RouteMemory = WeakMap<PathRule, RememberedRoute>;

interface RememberedRoute {
  readonly asked: IngressFeatures;
  readonly route: Route;
}

interface Fallback {
  readonly target: Target;
  readonly source: Source | undefined;
}

/** A host, while its routes are made. */
interface Making {
  readonly draft: Draft;
  readonly features: HostFeatures | undefined;
  readonly redirect: boolean;
}

/** Merges the rules of all Ingresses, oldest first, into one virtual host for each host name. */
export function assembleHosts(ingresses: readonly IngressRules[], parts: Parts): Assembled {
  const diagnostics: Diagnostic[] = [];
  const drafts = gatherDrafts(ingresses, parts.features, diagnostics);
  const fallback = chooseFallback(ingresses, parts, diagnostics);
  const ordered = [...drafts.values()].sort((left, right) => compareText(left.name, right.name));
  const certificateOf = certificatesOf(ordered, parts.certificates);
  const names = new Set(drafts.keys());
  const hosts = ordered.map((draft) => finish(draft, { ...parts, fallback }, { certificateOf, names }));
  return { hosts, diagnostics };
}

/** An Ingress without rules is the default backend of everything, as in ingress-nginx; else what the flag names. */
function chooseFallback(ingresses: readonly IngressRules[], parts: Parts, diagnostics: Diagnostic[]): Fallback {
  let chosen: { readonly rules: IngressRules; readonly fallback: Fallback } | undefined;
  for (const rules of ingresses) {
    if (rules.ingress.defaultBackend === undefined || rules.ingress.rules.length > 0) continue;
    const source = { object: rules.object, field: 'spec.defaultBackend' };
    if (chosen !== undefined) {
      diagnostics.push(defaultBackendConflict(source, chosen.rules.object));
      continue;
    }
    const target = parts.resolver.resolve(rules.ingress.defaultBackend, rules.ingress.metadata.namespace, source);
    chosen = { rules, fallback: { target, source } };
  }
  return chosen?.fallback ?? parts.fallback;
}

/**
 * A host without a certificate of its own is served with that of the wildcard host over it, then with that of an Ingress
 * whose spec.tls names no hosts, then with the default one.
 */
function certificatesOf(drafts: readonly Draft[], chooser: CertificateChooser): (name: string) => string | undefined {
  const own = new Map<string, string | undefined>();
  for (const { name, ingresses } of drafts) {
    let id: string | undefined;
    for (const rules of ingresses) id ??= chooser.choose(rules, name);
    own.set(name, id);
  }
  return (name) => own.get(name) ?? own.get(name.replace(/^[^.]*/, '*')) ?? own.get('') ?? chooser.fallback;
}

interface AllHosts {
  readonly certificateOf: (name: string) => string | undefined;
  readonly names: ReadonlySet<string>;
}

function finish(draft: Draft, parts: Parts, { certificateOf, names }: AllHosts): Host {
  const { name, source } = draft;
  const certificate = certificateOf(name);
  const features = hostFeatures(draft, parts.features, names);
  const making = { draft, features, redirect: parts.redirectToHttps && wantsHttps(draft, certificate) };
  const routes = [...draft.paths.values()].map((item) => toRoute(item, making, parts));
  if (!draft.paths.has('prefix /')) routes.push(fallbackRoute(making, parts));
  routes.sort(features?.regex === true ? byLength : byPrecedence);
  const kind = name === '' ? 'default' : name.startsWith('*.') ? 'wildcard' : 'exact';
  return { name, kind, certificate, features, routes, source };
}

/**
 * A named host has TLS when any of its Ingresses has a spec.tls, whichever hosts that lists (ingress-nginx, section 4.6).
 * The default host needs an entry for all hosts, and a certificate, too: no redirect into a refused handshake.
 */
function wantsHttps(draft: Draft, certificate: string | undefined): boolean {
  const ingresses = [...draft.ingresses];
  if (draft.name !== '') return ingresses.some((rules) => rules.ingress.tls.length > 0);
  return certificate !== undefined && ingresses.some((rules) => rules.tls.some((tls) => tls.hosts.length === 0));
}

function toRoute(item: PathDraft, making: Making, parts: Parts): Route {
  const { rule } = item;
  const asked = parts.features.of(item.rules);
  const shape = shapeOf(rule, asked.upstream, making, parts);
  const last = parts.memory.get(rule);
  const isSame = item.canaries.length === 0 && last?.asked === asked && hasShape(last.route, shape);
  if (isSame) return last.route;
  const route = decorate(shape, { asked, canaries: item.canaries, host: making.draft.name }, parts.resolver);
  parts.memory.set(rule, { asked, route });
  return route;
}

function shapeOf(rule: PathRule, how: UpstreamOptions | undefined, making: Making, parts: Parts): RouteShape {
  const { path, source } = rule;
  const { draft, redirect } = making;
  return {
    path,
    match: making.features?.regex === true ? 'regex' : rule.match,
    target: parts.resolver.resolve(rule.backend, source.object.namespace, rule.backendSource, how),
    redirectToHttps: redirect && !`${path}/`.startsWith(NEVER_REDIRECTED),
    exactTwin: rule.match === 'prefix' && draft.paths.has(`exact ${path}`),
    source,
  };
}

function hasShape(route: Route, shape: RouteShape): boolean {
  return (
    route.target === shape.target &&
    route.exactTwin === shape.exactTwin &&
    route.redirectToHttps === shape.redirectToHttps &&
    route.match === shape.match
  );
}

/** The default backend of the oldest Ingress of this host that has one, with its annotations; else that of everything. */
function fallbackRoute({ draft, features, redirect }: Making, parts: Parts): Route {
  const exactTwin = draft.paths.has('exact /');
  const match = features?.regex === true ? 'regex' : 'prefix';
  const fixed = { path: '/', match, exactTwin, redirectToHttps: redirect } as const;
  for (const rules of draft.ingresses) {
    const { ingress, object } = rules;
    if (ingress.defaultBackend === undefined) continue;
    const source = { object, field: 'spec.defaultBackend' };
    const asked = parts.features.of(rules);
    const target = parts.resolver.resolve(ingress.defaultBackend, object.namespace, source, asked.upstream);
    return decorate({ ...fixed, target, source }, { asked, canaries: [], host: draft.name }, parts.resolver);
  }
  return { ...fixed, ...parts.fallback, features: undefined, featured: undefined };
}

function byPrecedence(left: Route, right: Route): number {
  if (left.match !== right.match) return left.match === 'exact' ? -1 : 1;
  if (left.match === 'prefix' && left.path.length !== right.path.length) return right.path.length - left.path.length;
  return compareText(left.path, right.path);
}

/** As ingress-nginx orders regular expressions: the longest text first. */
function byLength(left: Route, right: Route): number {
  return right.path.length - left.path.length || compareText(right.path, left.path);
}
