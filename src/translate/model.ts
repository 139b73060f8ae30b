import { isEqual, Keeper } from '../model/equal.ts';
import type { RateLimit } from '../model/route-features/limits.ts';
import { NO_ROUTE_FEATURES, type FeatureFile, type RouteFeatureName } from '../model/features.ts';
import { compareText } from '../model/refs.ts';
import type { Certificate, FeaturedRoute, Host, RoutingModel, Upstream } from '../model/routing.ts';
import type { BackendResolver } from './backends.ts';
import type { FeatureResolver } from './features.ts';
import { featuredRoutesOf } from './route-features.ts';
import type { CertificateChooser } from './tls.ts';

/** Values of the last translation, to be handed out again where nothing about them changes. */
export interface ModelMemory {
  readonly hosts: Keeper<Host>;
  readonly certificates: Keeper<Certificate>;
  readonly featuredRoutes: Keeper<FeaturedRoute>;
  readonly files: Keeper<FeatureFile>;
  readonly limits: Keeper<RateLimit>;
  /** Upstreams that no route without features leads to, by their usual value. */
  readonly indirect: WeakMap<Upstream, Upstream>;
}

export function newModelMemory(): ModelMemory {
  return {
    hosts: new Keeper(),
    certificates: new Keeper(),
    featuredRoutes: new Keeper(),
    files: new Keeper(),
    limits: new Keeper(),
    indirect: new WeakMap(),
  };
}

interface ModelParts {
  readonly resolver: BackendResolver;
  readonly certificates: CertificateChooser;
  readonly features: FeatureResolver;
}

/** Puts the hosts together with everything that they refer to. */
export function toModel(hosts: readonly Host[], parts: ModelParts, memory: ModelMemory): RoutingModel {
  const featured = featuredRoutes(hosts, parts.resolver);
  const features = featured.map((route) => route.features);
  const limits = new Map(features.flatMap(({ limits: limit }) => (limit === undefined ? [] : [[limit.zone, limit]])));
  return {
    hosts: memory.hosts.keepAll(hosts, (host) => host.name),
    upstreams: usedUpstreams(hosts, featured, parts.resolver, memory),
    certificates: memory.certificates.keepAll(usedCertificates(hosts, parts.certificates), ({ id }) => id),
    featuredRoutes: memory.featuredRoutes.keepAll(featured, ({ id }) => id),
    files: memory.files.keepAll(byKey(parts.features.files), ({ id }) => id),
    limits: memory.limits.keepAll(byKey(limits), ({ zone }) => zone),
    uses: usedFeatures(featured),
  };
}

function featuredRoutes(hosts: readonly Host[], { upstreams }: BackendResolver): readonly FeaturedRoute[] {
  const byId = new Map<string, FeaturedRoute>();
  const add = (found: FeaturedRoute) => byId.has(found.id) || byId.set(found.id, found);
  for (const { routes } of hosts) {
    for (const route of routes) if (route.features !== undefined) featuredRoutesOf(route, upstreams).forEach(add);
  }
  return byKey(byId);
}

function byKey<V>(values: ReadonlyMap<string, V>): readonly V[] {
  if (values.size === 0) return [];
  return [...values].sort(([left], [right]) => compareText(left, right)).map(([, value]) => value);
}

/** Those that a route leads to, and those that a feature speaks to by itself. */
function usedUpstreams(
  hosts: readonly Host[],
  featured: readonly FeaturedRoute[],
  { upstreams }: BackendResolver,
  { indirect }: ModelMemory,
): readonly Upstream[] {
  const direct = new Set<string>();
  for (const { routes } of hosts) {
    for (const { target, features } of routes) {
      if (features === undefined && target.type === 'upstream') direct.add(target.upstream);
    }
  }
  const others = new Set(featured.flatMap(({ target, features }) => [...upstreamsNamedIn(target, features)]));
  const ids = [...new Set([...direct, ...others])].sort();
  return ids.flatMap((id) => {
    const upstream = upstreams.get(id);
    if (upstream === undefined) return [];
    return direct.has(id) ? upstream : withoutDirect(upstream, indirect);
  });
}

function upstreamsNamedIn(target: FeaturedRoute['target'], features: FeaturedRoute['features']): readonly string[] {
  const { externalAuth, mirror, errors } = features;
  const targets = [target, errors?.backend, errors?.standIn];
  const ids = targets.map((item) => (item?.type === 'upstream' ? item.upstream : undefined));
  return [...ids, externalAuth?.upstream, mirror?.upstream].filter((id) => id !== undefined);
}

function withoutDirect(upstream: Upstream, memory: ModelMemory['indirect']): Upstream {
  const known = memory.get(upstream) ?? { ...upstream, direct: false };
  memory.set(upstream, known);
  return known;
}

function usedCertificates(hosts: readonly Host[], chooser: CertificateChooser): RoutingModel['certificates'] {
  return chooser.used(new Set(hosts.flatMap(certificatesOf)));
}

function certificatesOf({ certificate, features }: Host): readonly string[] {
  return [certificate, features?.redirectFrom?.certificate].filter((id) => id !== undefined);
}

const NAMES = Object.keys(NO_ROUTE_FEATURES) as readonly RouteFeatureName[];

function usedFeatures(featured: readonly FeaturedRoute[]): readonly RouteFeatureName[] {
  if (featured.length === 0) return [];
  return NAMES.filter((name) => featured.some(({ features }) => !isEqual(features[name], NO_ROUTE_FEATURES[name])));
}
