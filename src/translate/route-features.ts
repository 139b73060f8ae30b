import type { Features, ServiceName } from '../features/family.ts';
import { fillSnippet, hasHeaders, withHeadersOf } from '../features/snippets/fill.ts';
import { featuresOfRoute, withId, type IngressFeatures } from '../features/read-features.ts';
import { isEqual } from '../model/equal.ts';
import type { FeaturedRoute, Route, Target } from '../model/routing.ts';
import { NO_ROUTE_FEATURES, type HostFeatures, type RouteFeatures } from '../model/features.ts';
import type { BackendResolver } from './backends.ts';
import { canariesOf, canaryFeatures, type CanaryDraft } from './canaries.ts';

/** A route before its features. */
export type RouteShape = Omit<Route, 'features' | 'featured'>;

interface Decoration {
  readonly asked: IngressFeatures;
  readonly canaries: readonly CanaryDraft[];
  readonly host: string;
  readonly hostFeatures: HostFeatures | undefined;
  /** Where requests go that match nothing. */
  readonly fallback: Target;
  /** The Service that the rule names, whether it is there or not; `undefined`: the route is of no rule. */
  readonly named: ServiceName | undefined;
}

/** Gives a route the features that its Ingress, and the canaries of it, ask for. */
export function decorate(shape: RouteShape, decoration: Decoration, resolver: BackendResolver): Route {
  const { canaries, host, hostFeatures, fallback, named } = decoration;
  const clients = withHost(decoration.asked, clientsOf(host, hostFeatures, shape.path));
  const asked = withHostHeaders(clients, hostFeatures, () => serviceOf(shape.target, resolver) ?? named);
  if (asked.route === undefined && canaries.length === 0) return { ...shape, features: undefined, featured: undefined };
  const service = serviceOf(shape.target, resolver) ?? named;
  const facts = { host, path: shape.path, match: shape.match, service, fallback };
  const decided = asked.route === undefined ? asked : { ...asked, route: withoutRedirect(asked.route, shape) };
  const plain = featuresOfRoute(decided, [], facts) ?? withId(NO_ROUTE_FEATURES);
  const idOf = (target: Target, of: RouteFeatures): string => featuredId(target, of, shape.redirectToHttps);
  const main = { asked, plain, target: shape.target, featuredId: idOf };
  const chosen = canariesOf(canaries, main, resolver);
  const features = chosen.length === 0 ? plain : featuresOfRoute(decided, chosen, facts);
  if (features === undefined || asksNothing(features)) return { ...shape, features: undefined, featured: undefined };
  return { ...shape, features, featured: featuredId(shape.target, features, shape.redirectToHttps) };
}

/** Client certificates are a matter of the host: every route has them, whichever Ingress asked. */
export function clientsOf(
  host: string,
  features: HostFeatures | undefined,
  path: string,
): RouteFeatures['clientCertificates'] {
  const asked = features?.clientCertificates;
  const isOpen = asked === undefined || asked.openPaths.some((start) => path.startsWith(start));
  return isOpen ? undefined : { ...asked, isNamed: host !== '' };
}

function withHost(asked: IngressFeatures, clientCertificates: RouteFeatures['clientCertificates']): IngressFeatures {
  if (clientCertificates === undefined) return asked;
  return { ...asked, route: { ...(asked.route ?? NO_ROUTE_FEATURES), clientCertificates } };
}

/** What the snippet of the host says of headers: nginx would drop it where a path has headers of its own. */
function withHostHeaders(
  asked: IngressFeatures,
  host: HostFeatures | undefined,
  serviceName: () => ServiceName | undefined,
): IngressFeatures {
  if (host?.snippets === undefined || !hasHeaders(host.snippets)) return asked;
  const service = serviceName();
  const names = { service_name: service?.name ?? '', service_port: service?.port ?? '' };
  const route = asked.route ?? NO_ROUTE_FEATURES;
  const snippets = withHeadersOf(fillSnippet(host.snippets, names), route.snippets);
  return { ...asked, route: { ...route, snippets } };
}

function serviceOf(target: Target, { upstreams }: BackendResolver): ServiceName | undefined {
  const upstream = target.type === 'upstream' ? upstreams.get(target.upstream) : undefined;
  return upstream && { namespace: upstream.namespace, name: upstream.service, port: upstream.port };
}

/** Where plain HTTP is served, it does not matter how a redirect would be written. */
function withoutRedirect(route: Features, { redirectToHttps }: RouteShape): Features {
  return redirectToHttps || route.httpsRedirect === undefined ? route : { ...route, httpsRedirect: undefined };
}

/** What is asked for came to nothing on this route: a redirect to https that is off, a path that is rewritten to itself. */
function asksNothing(features: RouteFeatures): boolean {
  return isEqual(features, { ...NO_ROUTE_FEATURES, id: features.id });
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
    const standIn = of.errors?.standIn && upstreams.get(of.errors.standIn.upstream);
    return { id, target: to, upstream, standIn, redirectToHttps, features: of, source };
  };
  const { canaries } = features;
  if (canaries.length === 0) return [make(featured, target, features)];
  const without = withId({ ...features, canaries: [] });
  const others = canaries.map((canary) => make(canary.featured, canary.target, canaryFeatures(without, canary)));
  return [make(featured, target, features), ...others];
}
