/**
 * What the ConfigMap says for all Ingresses, as far as it is not a setting of the proxy (those are ProxySettings). The keys
 * and their defaults are those of ingress-nginx: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
 * A field that is `undefined` (or an empty list) says nothing: what holds without a ConfigMap holds.
 */
export interface Globals {
  readonly allowCrossNamespaceResources: boolean;
  readonly allowSnippetAnnotations: boolean;
  /** The highest risk that an annotation may have; an Ingress with a riskier one is not served. */
  readonly annotationsRiskLevel: Risk;
  /** An Ingress with one of these texts in a value of its annotations is not served. */
  readonly annotationValueBlocklist: readonly string[];
  /** Paths of type Exact and Prefix hold letters, digits and `-_./` only. */
  readonly strictPathTypes: boolean;
  /** Headers that `custom-headers` may set, lower case; empty: none. */
  readonly allowedResponseHeaders: readonly string[];
  /** Redirect to https where the host has TLS; `undefined`: the flag says. */
  readonly sslRedirect: boolean | undefined;
  /** Redirect to https everywhere. */
  readonly forceSslRedirect: boolean;
  readonly preserveTrailingSlash: boolean;
  readonly relativeRedirects: boolean;
  readonly usePortInRedirects: boolean;
  /** Starts of paths that are never redirected to https. */
  readonly noTlsRedirectLocations: readonly string[];
  /** Starts of paths without basic and external authentication. */
  readonly noAuthLocations: readonly string[];
  /** External authentication of every route that has none of its own, and does not say `enable-global-auth: "false"`. */
  readonly externalAuth: GlobalAuth | undefined;
  /** CIDRs. */
  readonly allowedSources: readonly string[];
  readonly deniedSources: readonly string[];
  /** Status codes whose answers come from the default backend. */
  readonly customHttpErrors: readonly number[];
  readonly disableProxyInterceptErrors: boolean;
  readonly loadBalance: 'round_robin' | 'ewma' | undefined;
  readonly upstreamHashBy: string | undefined;
  readonly serviceUpstream: boolean;
  /** Kilobytes a second of each answer; 0: no limit. */
  readonly limitRate: number;
  readonly limitRateAfter: number;
  /** Where an Ingress differs in only one of them, the other is still needed. */
  readonly proxyBufferSize: string | undefined;
  readonly proxyBuffersNumber: number | undefined;
  readonly retryNonIdempotent: boolean;
}

export type Risk = 'Low' | 'Medium' | 'High' | 'Critical';

/** The keys `global-auth-*`, as the annotations `auth-*` have them. */
export interface GlobalAuth {
  readonly url: string;
  readonly method: string | undefined;
  readonly signin: string | undefined;
  readonly signinRedirectParameter: string | undefined;
  readonly responseHeaders: readonly string[];
  readonly requestRedirect: string | undefined;
  readonly cacheKey: string | undefined;
  readonly cacheDurations: readonly string[];
  readonly alwaysSetCookie: boolean;
}

/** What holds without a ConfigMap. */
export const DEFAULT_GLOBALS: Globals = {
  allowCrossNamespaceResources: false,
  allowSnippetAnnotations: false,
  annotationsRiskLevel: 'Critical',
  annotationValueBlocklist: [],
  strictPathTypes: false,
  allowedResponseHeaders: [],
  sslRedirect: undefined,
  forceSslRedirect: false,
  preserveTrailingSlash: false,
  relativeRedirects: false,
  usePortInRedirects: false,
  noTlsRedirectLocations: ['/.well-known/acme-challenge'],
  noAuthLocations: ['/.well-known/acme-challenge'],
  externalAuth: undefined,
  allowedSources: [],
  deniedSources: [],
  customHttpErrors: [],
  disableProxyInterceptErrors: false,
  loadBalance: undefined,
  upstreamHashBy: undefined,
  serviceUpstream: false,
  limitRate: 0,
  limitRateAfter: 0,
  proxyBufferSize: undefined,
  proxyBuffersNumber: undefined,
  retryNonIdempotent: false,
};
