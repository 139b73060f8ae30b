import type { AccessControl, BasicAuth } from './route-features/access.ts';
import type { BackendProtocol, BackendTls } from './route-features/backend.ts';
import type { Canary } from './route-features/canary.ts';
import type { ClientCertificates, RouteClientCertificates } from './route-features/client-certificates.ts';
import type { Cors } from './route-features/cors.ts';
import type { ErrorPages } from './route-features/errors.ts';
import type { ExternalAuth } from './route-features/external-auth.ts';
import type { RateLimit } from './route-features/limits.ts';
import type { Logging } from './route-features/logging.ts';
import type { Mirror } from './route-features/mirror.ts';
import type { ProxyTuning } from './route-features/proxy.ts';
import type { HttpsRedirect, Redirect } from './route-features/redirect.ts';
import type { RequestHeaders, ResponseHeaders } from './route-features/headers.ts';
import type { Rewrite } from './route-features/rewrite.ts';
import type { SessionCookie } from './route-features/balance.ts';
import type { Snippets } from './route-features/snippets.ts';
import type { HostTls } from './route-features/host-tls.ts';
import type { Source } from './refs.ts';

/**
 * What annotations ask for on one route. A feature that nothing asks for is `undefined`; a route without any has no
 * `RouteFeatures` at all, so that plain Ingresses pay nothing.
 */
export interface RouteFeatures {
  /** Ten hexadecimal digits of a hash over everything below: the same for routes that ask for the same. */
  readonly id: string;
  /**
   * Why every request is answered 503, in place of all that follows: an access control that cannot be honoured closes the
   * route and never opens it.
   */
  readonly closed: string | undefined;
  readonly cors: Cors | undefined;
  readonly redirect: Redirect | undefined;
  /** How the redirect to https is written, where it is not the usual one. */
  readonly httpsRedirect: HttpsRedirect | undefined;
  readonly access: AccessControl | undefined;
  readonly basicAuth: BasicAuth | undefined;
  readonly externalAuth: ExternalAuth | undefined;
  readonly clientCertificates: RouteClientCertificates | undefined;
  readonly limits: RateLimit | undefined;
  readonly proxy: ProxyTuning | undefined;
  readonly requestHeaders: RequestHeaders | undefined;
  readonly responseHeaders: ResponseHeaders | undefined;
  readonly errors: ErrorPages | undefined;
  readonly logging: Logging | undefined;
  readonly mirror: Mirror | undefined;
  readonly rewrite: Rewrite | undefined;
  /** Cookie that keeps a client at its endpoint. */
  readonly session: SessionCookie | undefined;
  /** Other upstreams for a part of the requests, in the order in which they are tried. */
  readonly canaries: readonly Canary[];
  /** How endpoints are spoken to; `undefined`: HTTP/1.1. */
  readonly protocol: BackendProtocol | undefined;
  readonly backendTls: BackendTls | undefined;
  readonly snippets: Snippets | undefined;
}

/** What annotations ask for on a whole host; of several Ingresses, the oldest that asks for a thing has it. */
export interface HostFeatures {
  /** Paths are regular expressions, compared in order without case: some Ingress of the host uses them (ingress-nginx, 4.1). */
  readonly regex: boolean;
  /** Other names of the host, sorted: exact ones, or regular expressions that start with `~`. */
  readonly aliases: readonly string[];
  /** Where `/` is redirected to. */
  readonly appRoot: string | undefined;
  /** The `www.` twin, or the host without it, that is redirected here. */
  readonly redirectFrom: RedirectedHost | undefined;
  readonly tls: HostTls | undefined;
  /** Client certificates are asked for at the handshake, so for all paths. */
  readonly clientCertificates: ClientCertificates | undefined;
  /** TLS goes to this upstream as it comes. */
  readonly passthrough: string | undefined;
  readonly snippets: Snippets | undefined;
}

/** A host of which every request is redirected to another one. */
export interface RedirectedHost {
  readonly name: string;
  /** Id of the certificate to present; `undefined`: it has no TLS. */
  readonly certificate: string | undefined;
}

/** A file that a feature needs besides the configuration: `files/<id>`; users are in `users/<id>` or `users.cfg`. */
export interface FeatureFile {
  /** A hash of its text, with an extension that tells what it is. */
  readonly id: string;
  readonly kind: 'htpasswd' | 'pem';
  /** Secret: never in logs or diagnostics. */
  readonly text: string;
  readonly source: Source;
}

/** Names of the route features in the order of the interface; the keys of `NO_FEATURES`. */
export type RouteFeatureName = Exclude<keyof RouteFeatures, 'id'>;

export const NO_ROUTE_FEATURES: Omit<RouteFeatures, 'id'> = {
  closed: undefined,
  cors: undefined,
  redirect: undefined,
  httpsRedirect: undefined,
  access: undefined,
  basicAuth: undefined,
  externalAuth: undefined,
  clientCertificates: undefined,
  limits: undefined,
  proxy: undefined,
  requestHeaders: undefined,
  responseHeaders: undefined,
  errors: undefined,
  logging: undefined,
  mirror: undefined,
  rewrite: undefined,
  session: undefined,
  canaries: [],
  protocol: undefined,
  backendTls: undefined,
  snippets: undefined,
};

export const NO_HOST_FEATURES: HostFeatures = {
  regex: false,
  aliases: [],
  appRoot: undefined,
  redirectFrom: undefined,
  tls: undefined,
  clientCertificates: undefined,
  passthrough: undefined,
  snippets: undefined,
};
