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
}

/** One virtual host: all rules for a host name, of any number of Ingresses. */
export interface Host {
  /** Lower case; `*.example.com` covers exactly one label more; empty for the default host. */
  readonly name: string;
  readonly kind: 'exact' | 'wildcard' | 'default';
  /** Id of the certificate to present; `undefined`: refuse the TLS handshake. */
  readonly certificate: string | undefined;
  /**
   * Exact before prefix; exact paths in text order, prefixes from the longest to the shortest. The last one is always the
   * prefix `/`: written by an Ingress, or the way to the default backend.
   */
  readonly routes: readonly Route[];
  /** The Ingress that named this host first. */
  readonly source: Source | undefined;
}

export interface Route {
  /** Starts with `/`. A prefix has no slash at its end, except for `/` itself, and matches whole path elements. */
  readonly path: string;
  readonly match: 'exact' | 'prefix';
  /** For a prefix: an exact route of the same path exists, and answers for the path itself. */
  readonly exactTwin: boolean;
  readonly target: Target;
  /** Answer plain HTTP with a redirect to https. */
  readonly redirectToHttps: boolean;
  /** `undefined` for the way to the default backend when no object asks for it. */
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
  /** `namespace_service_port`; unique, because names in Kubernetes hold no underscore. */
  readonly id: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  /** By address, then port. */
  readonly endpoints: readonly Endpoint[];
  /** Set for an ExternalName Service: a name to be resolved by the proxy while it runs. */
  readonly externalName: ExternalName | undefined;
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
