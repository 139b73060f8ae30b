import type { CanaryRule, UpstreamOptions } from '../features/family.ts';
import { withId, type IngressFeatures } from '../features/read-features.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import type { RouteFeatures } from '../model/features.ts';
import type { IngressBackend } from '../model/objects.ts';
import { annotationIgnored } from '../model/problems.ts';
import type { Source } from '../model/refs.ts';
import type { Balance } from '../model/route-features/balance.ts';
import type { Canary } from '../model/route-features/canary.ts';
import type { Target } from '../model/routing.ts';
import type { BackendResolver } from './backends.ts';
import type { Draft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';
import type { IngressRules } from './rules.ts';

/** A backend of a canary Ingress, and what makes requests go there. */
export interface CanaryDraft {
  readonly backend: IngressBackend;
  /** Of the path, or of spec.defaultBackend. */
  readonly source: Source;
  readonly backendSource: Source;
  readonly asked: CanaryRule;
  readonly upstream: UpstreamOptions | undefined;
}

/** Everything of an Ingress that is a canary. */
export interface CanaryIngress {
  readonly rules: IngressRules;
  readonly asked: CanaryRule;
  readonly upstream: UpstreamOptions | undefined;
}

/** A canary takes requests from a path that another Ingress serves: same host, path and pathType (ingress-nginx, 4.8). */
export function attachCanaries(
  canaries: readonly CanaryIngress[],
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: Diagnostic[],
): void {
  for (const { rules, asked, upstream } of canaries) {
    for (const rule of rules.paths) {
      const { backend, source, backendSource } = rule;
      const canary = { backend, source, backendSource, asked, upstream };
      if (drafts.get(rule.host)?.addCanary(rule.key, canary) === true) continue;
      diagnostics.push(
        annotationIgnored(source, 'no other Ingress serves this path with this pathType: its canary gets no request'),
      );
    }
  }
}

/** The canaries of the default backend of everything, in order of age. */
export function canariesOfFallback(
  ingresses: readonly IngressRules[],
  features: FeatureResolver,
): readonly CanaryDraft[] {
  return ingresses.flatMap((rules) => {
    const { ingress, object } = rules;
    if (ingress.defaultBackend === undefined || ingress.rules.length > 0) return [];
    const { canary: asked, upstream } = features.of(rules);
    if (asked === undefined) return [];
    const source = { object, field: 'spec.defaultBackend' };
    return [{ backend: ingress.defaultBackend, source, backendSource: source, asked, upstream }];
  });
}

/** The route that canaries take requests from. */
export interface MainRoute {
  readonly asked: IngressFeatures;
  /** Without canaries. */
  readonly plain: RouteFeatures;
  readonly target: Target;
  /** Names the FeaturedRoute that leads to a target with these features. */
  readonly featuredId: (target: Target, features: RouteFeatures) => string;
}

const MILLION = 1_000_000;

/**
 * The canaries of a route. One without endpoints, or that leads where the route leads, gets no request, and none does when
 * the route itself has no endpoints: then it answers 503 (ingress-nginx, 4.8).
 */
export function canariesOf(
  drafts: readonly CanaryDraft[],
  main: MainRoute,
  resolver: BackendResolver,
): readonly Canary[] {
  if (drafts.length === 0 || main.target.type !== 'upstream' || !main.target.available) return [];
  const canaries: Canary[] = [];
  let upTo = 0;
  for (const draft of drafts) {
    const canary = toCanary(draft, main, resolver);
    if (canary === undefined) continue;
    const share = Math.min(canary.share, MILLION - upTo);
    // Nothing ever chooses it: a weight of nought, and neither header nor cookie nor session.
    if (share === 0 && canary.header === undefined && canary.cookie === undefined && !canary.sticky) continue;
    upTo += share;
    canaries.push({ ...canary, share, upTo });
  }
  return canaries;
}

function toCanary(draft: CanaryDraft, main: MainRoute, resolver: BackendResolver): Canary | undefined {
  const { backend, source, backendSource, asked } = draft;
  const sticky = asked.sticky && main.plain.session?.canaries === 'sticky';
  const how = upstreamOf(draft.upstream, main.asked.upstream, sticky);
  const target = resolver.resolve(backend, source.object.namespace, backendSource, how);
  if (target.type !== 'upstream' || !target.available || leadsTo(main.target, target.upstream)) return undefined;
  const featured = main.featuredId(target, canaryFeatures(main.plain, { sticky }));
  return { ...asked, target, featured, upTo: 0, sticky, source };
}

const USUAL: Balance = { algorithm: 'round-robin', hashBy: undefined, subsetSize: undefined, session: undefined };

/** The options of the canary's own Ingress, with the session and the protocol of the route that it belongs to. */
function upstreamOf(
  own: UpstreamOptions | undefined,
  main: UpstreamOptions | undefined,
  sticky: boolean,
): UpstreamOptions | undefined {
  const balance = balanceOf(own?.balance, sticky ? main?.balance : undefined);
  const viaClusterIp = own?.viaClusterIp ?? false;
  if (main?.speaks !== undefined) return { balance, viaClusterIp, speaks: main.speaks };
  return balance === undefined && !viaClusterIp ? undefined : { balance, viaClusterIp };
}

function balanceOf(own: Balance | undefined, main: Balance | undefined): Balance | undefined {
  const balance = { ...(own ?? USUAL), session: main?.session };
  return isEqual(balance, USUAL) ? undefined : balance;
}

function leadsTo(target: Target, upstream: string): boolean {
  return target.type === 'upstream' && isSameService(target.upstream, upstream);
}

/** `namespace_service_port`, whatever the options. */
function isSameService(left: string, right: string): boolean {
  return left.split('.', 1)[0] === right.split('.', 1)[0];
}

/** The features of requests that went to a canary: those of the route, which has the only say. */
export function canaryFeatures(plain: RouteFeatures, { sticky }: Pick<Canary, 'sticky'>): RouteFeatures {
  if (sticky || plain.session === undefined) return plain;
  return withId({ ...plain, session: undefined });
}
