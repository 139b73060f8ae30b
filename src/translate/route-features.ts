import { featuresOfRoute, withId, type IngressFeatures } from '../features/read-features.ts';
import type { Canary } from '../model/route-features/canary.ts';
import type { FeaturedRoute, Route, Target } from '../model/routing.ts';
import { NO_ROUTE_FEATURES, type RouteFeatures } from '../model/features.ts';
import type { BackendResolver } from './backends.ts';
import type { CanaryDraft } from './drafts.ts';

/** A route before its features. */
export type RouteShape = Omit<Route, 'features' | 'featured'>;

interface Decoration {
  readonly asked: IngressFeatures;
  readonly canaries: readonly CanaryDraft[];
  readonly host: string;
}

/** Gives a route the features that its Ingress, and the canaries of it, ask for. */
export function decorate(shape: RouteShape, { asked, canaries, host }: Decoration, resolver: BackendResolver): Route {
  if (asked.route === undefined && canaries.length === 0) return { ...shape, features: undefined, featured: undefined };
  const facts = { host, path: shape.path, match: shape.match };
  const plain = featuresOfRoute(asked, [], facts) ?? withId(NO_ROUTE_FEATURES);
  const chosen = canaries.flatMap((canary) => toCanary(canary, { asked, plain, shape }, resolver) ?? []);
  const features = chosen.length === 0 ? plain : featuresOfRoute(asked, chosen, facts);
  if (features === undefined) return { ...shape, features: undefined, featured: undefined };
  return { ...shape, features, featured: featuredId(shape.target, features, shape.redirectToHttps) };
}

interface Main {
  readonly asked: IngressFeatures;
  /** Of the main route, without canaries. */
  readonly plain: RouteFeatures;
  readonly shape: RouteShape;
}

/** A canary without endpoints, or one that leads where the main route leads, gets no request (ingress-nginx, 4.8). */
function toCanary({ rule, asked }: CanaryDraft, main: Main, resolver: BackendResolver): Canary | undefined {
  const { namespace } = rule.source.object;
  const target = resolver.resolve(rule.backend, namespace, rule.backendSource, main.asked.upstream);
  if (target.type !== 'upstream' || !target.available) return undefined;
  if (main.shape.target.type === 'upstream' && main.shape.target.upstream === target.upstream) return undefined;
  const featured = featuredId(target, main.plain, main.shape.redirectToHttps);
  return { ...asked, target, featured, source: rule.source };
}

function featuredId(target: Target, features: RouteFeatures, redirectToHttps: boolean): string {
  const to = target.type === 'status' ? `_${target.status}` : target.available ? target.upstream : `_503`;
  return `${to}.${features.id}${redirectToHttps ? '.https' : ''}`;
}

/** The featured routes of a route: its own, and one for each canary. */
export function featuredRoutesOf(route: Route, upstreams: BackendResolver['upstreams']): readonly FeaturedRoute[] {
  const { features, featured, target, redirectToHttps, source } = route;
  if (features === undefined || featured === undefined) return [];
  const make = (id: string, to: Target, of: RouteFeatures): FeaturedRoute => {
    const upstream = to.type === 'upstream' ? upstreams.get(to.upstream) : undefined;
    return { id, target: to, upstream, redirectToHttps, features: of, source };
  };
  const { canaries } = features;
  if (canaries.length === 0) return [make(featured, target, features)];
  const without = withId({ ...features, canaries: [] });
  return [make(featured, target, features), ...canaries.map((canary) => make(canary.featured, canary.target, without))];
}
