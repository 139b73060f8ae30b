import type { Balance } from './route-features/balance.ts';
import type { RateLimit } from './route-features/limits.ts';
import type { FeatureFile, HostFeatures, RouteFeatureName, RouteFeatures } from './features.ts';
import type { Source } from './refs.ts';

/**
 * What the proxy shall do, in no proxy's language. Everything is sorted, so that equal worlds give equal models.
 * Templates see these values: the shape is the versioned contract of docs/template-packs.md.
 */
export interface RoutingModel {
  /** By name; the default host, whose name is empty, comes first and is always there. */
  readonly hosts: readonly Host[];
  /** Every upstream that a route refers to, by id. */
  readonly upstreams: readonly Upstream[];
  /** Every certificate that a host refers to, by id. */
  readonly certificates: readonly Certificate[];
  /** Routes with features, by id: for proxies that keep features with the backend. Routes that ask for the same share one. */
  readonly featuredRoutes: readonly FeaturedRoute[];
  /** Files that features refer to, by id. */
  readonly files: readonly FeatureFile[];
  /** Limits that routes refer to, by zone. */
  readonly limits: readonly RateLimit[];
  /** Features that some route has, sorted: what only they need can be left out. */
  readonly uses: readonly RouteFeatureName[];
}

export const EMPTY_MODEL: RoutingModel = {
  hosts: [],
  upstreams: [],
  certificates: [],
  featuredRoutes: [],
  files: [],
  limits: [],
  uses: [],
};

/** One virtual host: all rules for a host name, of any number of Ingresses. */
export interface Host {
  /** Lower case; `*.example.com` covers exactly one label more; empty for the default host. */
  readonly name: string;
  readonly kind: 'exact' | 'wildcard' | 'default';
  /** Id of the certificate to present; `undefined`: refuse the TLS handshake. */
  readonly certificate: string | undefined;
  /** `undefined` when no annotation asks for anything. */
  readonly features: HostFeatures | undefined;
  /**
   * Exact before prefix; exact paths in text order, prefixes from the longest to the shortest. The last one is always the
   * prefix `/`: written by an Ingress, or the way to the default backend. Where paths are regular expressions, all routes
   * are `regex`, from the longest to the shortest.
   */
  readonly routes: readonly Route[];
  /** The Ingress that named this host first. */
  readonly source: Source | undefined;
}

export interface Route {
  /**
   * Starts with `/`. A prefix has no slash at its end, except for `/` itself, and matches whole path elements. A regular
   * expression matches from the start of the path, without case.
   */
  readonly path: string;
  readonly match: 'exact' | 'prefix' | 'regex';
  /** For a prefix: an exact route of the same path exists, and answers for the path itself. */
  readonly exactTwin: boolean;
  readonly target: Target;
  /** Answer plain HTTP with a redirect to https. */
  readonly redirectToHttps: boolean;
  /** What annotations ask for; `undefined`: nothing. */
  readonly features: RouteFeatures | undefined;
  /** Id of the FeaturedRoute; `undefined` for a route without features. */
  readonly featured: string | undefined;
  /** `undefined` for the way to the default backend when no object asks for it. */
  readonly source: Source | undefined;
}

/** All that answers a request once its route is known; shared by routes that are alike in it. */
export interface FeaturedRoute {
  /** `<upstream or status>.<features>`, with `.https` when plain HTTP is redirected. */
  readonly id: string;
  readonly target: Target;
  /** What the target names. */
  readonly upstream: Upstream | undefined;
  /** What answers in its place when it has no endpoint. */
  readonly standIn: Upstream | undefined;
  readonly redirectToHttps: boolean;
  readonly features: RouteFeatures;
  readonly source: Source | undefined;
}

/** Where a request ends: at an upstream, or at an answer by the proxy itself. */
export type Target =
  | {
      readonly type: 'upstream';
      /** Id of the upstream. */
      readonly upstream: string;
      /** False when it has no endpoint: the proxy answers 503. */
      readonly available: boolean;
      /** The name that the upstream resolves while it runs; for proxies that do so where the route is. */
      readonly externalName: ExternalName | undefined;
    }
  | { readonly type: 'status'; readonly status: 404 | 503 };

/** A set of endpoints that serve one port of one Service; shared by every route to it. */
export interface Upstream {
  /**
   * `namespace_service_port`; unique, because names in Kubernetes hold no underscore. With a dot and a hash where routes ask
   * for another choice among the endpoints.
   */
  readonly id: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  /** By address, then port. */
  readonly endpoints: readonly Endpoint[];
  /** Set for an ExternalName Service: a name to be resolved by the proxy while it runs. */
  readonly externalName: ExternalName | undefined;
  /** `undefined`: round robin. */
  readonly balance: Balance | undefined;
  /** Some route without features leads here. */
  readonly direct: boolean;
  readonly source: Source;
}

export interface Endpoint {
  /** An IPv4 address, or an IPv6 address in brackets. */
  readonly address: string;
  readonly port: number;
}

export interface ExternalName {
  readonly name: string;
  readonly port: number;
}

export interface Certificate {
  /** First 32 hexadecimal digits of the SHA-256 of `pem`. */
  readonly id: string;
  /** Certificate chain and private key, PEM. Secret: never in logs or diagnostics. */
  readonly pem: string;
  /** Names that the certificate is valid for, lower case. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly source: Source;
}
