import type { Diagnostic } from '../model/diagnostics.ts';
import { defaultBackendConflict, pathConflict } from '../model/problems.ts';
import { compareText, type Source } from '../model/refs.ts';
import type { Host, Route, Target } from '../model/routing.ts';
import type { BackendResolver } from './backends.ts';
import type { IngressRules, PathRule } from './rules.ts';
import type { CertificateChooser } from './tls.ts';

/** cert-manager's HTTP-01 solver must answer plain HTTP; ingress-nginx: `no-tls-redirect-locations`. */
const NEVER_REDIRECTED = '/.well-known/acme-challenge/';

/** What all Ingresses together say about one host, while it is being gathered. */
interface Draft {
  readonly name: string;
  readonly source: Source | undefined;
  /** By match and path; the first, that is the oldest, Ingress keeps it. */
  readonly paths: Map<string, PathRule>;
  /** In order of age. */
  readonly ingresses: Set<IngressRules>;
}

export interface Assembled {
  readonly hosts: readonly Host[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Parts {
  readonly resolver: BackendResolver;
  readonly certificates: CertificateChooser;
  /** Where requests go that match nothing. */
  readonly fallback: Fallback;
  readonly redirectToHttps: boolean;
  readonly memory: RouteMemory;
}

/** The last route of each rule, to be handed out again while nothing about it changes. */
export type RouteMemory = WeakMap<PathRule, Route>;

interface Fallback {
  readonly target: Target;
  readonly source: Source | undefined;
}

/** Merges the rules of all Ingresses, oldest first, into one virtual host for each host name. */
export function assembleHosts(ingresses: readonly IngressRules[], parts: Parts): Assembled {
  const diagnostics: Diagnostic[] = [];
  const drafts = new Map<string, Draft>([['', newDraft('', undefined)]]);
  for (const rules of ingresses) collect(rules, drafts, diagnostics);
  const fallback = chooseFallback(ingresses, parts, diagnostics);
  const ordered = [...drafts.values()].sort((left, right) => compareText(left.name, right.name));
  const certificateOf = certificatesOf(ordered, parts.certificates);
  const hosts = ordered.map((draft) => finish(draft, { ...parts, fallback }, certificateOf));
  return { hosts, diagnostics };
}

function newDraft(name: string, source: Source | undefined): Draft {
  return { name, source, paths: new Map(), ingresses: new Set() };
}

function collect(rules: IngressRules, drafts: Map<string, Draft>, diagnostics: Diagnostic[]): void {
  for (const [name, source] of rules.hosts) {
    const draft = drafts.get(name) ?? newDraft(name, source);
    drafts.set(name, draft);
    draft.ingresses.add(rules);
  }
  for (const rule of rules.paths) {
    const draft = drafts.get(rule.host);
    if (draft === undefined) continue;
    const key = `${rule.match} ${rule.path}`;
    const winner = draft.paths.get(key);
    if (winner === undefined) draft.paths.set(key, rule);
    else diagnostics.push(pathConflict(rule.source, `${rule.match} path ${rule.host}${rule.path}`, winner.source));
  }
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

function finish(draft: Draft, parts: Parts, certificateOf: (name: string) => string | undefined): Host {
  const certificate = certificateOf(draft.name);
  const redirect = parts.redirectToHttps && wantsHttps(draft, certificate);
  const routes = [...draft.paths.values()].map((rule) => toRoute(rule, draft, parts, redirect));
  if (!draft.paths.has('prefix /')) routes.push(fallbackRoute(draft, parts, redirect));
  routes.sort(byPrecedence);
  const kind = draft.name === '' ? 'default' : draft.name.startsWith('*.') ? 'wildcard' : 'exact';
  return { name: draft.name, kind, certificate, routes, source: draft.source };
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

function toRoute(rule: PathRule, draft: Draft, parts: Parts, redirect: boolean): Route {
  const { path, match, source } = rule;
  const target = parts.resolver.resolve(rule.backend, source.object.namespace, rule.backendSource);
  const redirectToHttps = redirect && !`${path}/`.startsWith(NEVER_REDIRECTED);
  const exactTwin = match === 'prefix' && draft.paths.has(`exact ${path}`);
  const last = parts.memory.get(rule);
  const isSame = last?.target === target && last.exactTwin === exactTwin && last.redirectToHttps === redirectToHttps;
  if (isSame) return last;
  const route = { path, match, exactTwin, target, redirectToHttps, source };
  parts.memory.set(rule, route);
  return route;
}

/** The default backend of the oldest Ingress of this host that has one, else that of everything. */
function fallbackRoute(draft: Draft, parts: Parts, redirectToHttps: boolean): Route {
  const exactTwin = draft.paths.has('exact /');
  const fixed = { path: '/', match: 'prefix', exactTwin, redirectToHttps } as const;
  for (const { ingress, object } of draft.ingresses) {
    if (ingress.defaultBackend === undefined) continue;
    const source = { object, field: 'spec.defaultBackend' };
    return { ...fixed, target: parts.resolver.resolve(ingress.defaultBackend, object.namespace, source), source };
  }
  return { ...fixed, ...parts.fallback };
}

function byPrecedence(left: Route, right: Route): number {
  if (left.match !== right.match) return left.match === 'exact' ? -1 : 1;
  if (left.match === 'prefix' && left.path.length !== right.path.length) return right.path.length - left.path.length;
  return compareText(left.path, right.path);
}
