/** Part of `settings`: what no flag sets but the ConfigMap of `--configmap` does. Times are in seconds, sizes as nginx writes them: `8k`. */
export interface GlobalSettings {
  /** Of `TLSv1` to `TLSv1.3`, in that order. */
  readonly tlsProtocols: readonly string[];
  /** In OpenSSL's words; `undefined`: those of the pack. */
  readonly tlsCiphers: string | undefined;
  readonly tlsPreferServerCiphers: boolean;
  /** Empty: as OpenSSL chooses. */
  readonly tlsCurves: readonly string[];
  /** `0`: no cache. */
  readonly tlsSessionCacheSize: string;
  /** `undefined`: a day, or as long as the proxy keeps it by itself. */
  readonly tlsSessionTimeout: number | undefined;
  readonly tlsSessionTickets: boolean;
  readonly tlsEarlyData: boolean;
  readonly tlsBufferSize: string | undefined;
  /** Refuse the handshake for names of no host, although there is a default certificate. */
  readonly tlsRejectUnknown: boolean;
  /** Id of a file. */
  readonly dhParameters: string | undefined;
  /** Value of Strict-Transport-Security on answers over TLS. */
  readonly hsts: string | undefined;
  /** The redirect to https of plain routes loses a slash at the end of the URI, as in ingress-nginx. */
  readonly cutTrailingSlash: boolean;

  readonly clientHeaderTimeout: number | undefined;
  readonly clientBodyTimeout: number | undefined;
  readonly clientBodyBufferSize: string | undefined;
  readonly clientHeaderBufferSize: string | undefined;
  readonly largeHeaderBuffers: { readonly number: number; readonly size: string } | undefined;
  /** 0: every connection is closed after an answer. */
  readonly keepaliveTimeout: number;
  readonly keepaliveRequests: number;

  readonly proxyBuffering: 'on' | 'off' | undefined;
  readonly proxyRequestBuffering: 'on' | 'off' | undefined;
  readonly proxyBufferSize: string | undefined;
  readonly proxyBuffersNumber: number | undefined;
  readonly proxyBusyBuffersSize: string | undefined;
  readonly proxyMaxTempFileSize: string | undefined;
  readonly proxyHttpVersion: '1.0' | '1.1';
  readonly proxyCookiePath: { readonly from: string; readonly to: string } | undefined;
  readonly proxyCookieDomain: { readonly from: string; readonly to: string } | undefined;
  readonly proxyRedirect: { readonly from: string; readonly to: string } | undefined;
  /** Words of proxy_next_upstream. */
  readonly nextUpstream: readonly string[];
  readonly nextUpstreamTries: number;
  /** 0: no limit. */
  readonly nextUpstreamTimeout: number;

  /** Whether `trustedProxies` are believed in X-Forwarded-Proto and X-Forwarded-Host, too, or only about addresses. */
  readonly trustForwardedHeaders: boolean;
  /** They are believed as in ingress-nginx: any scheme, X-Forwarded-Port, and the host as Host for endpoints and redirects. */
  readonly forwardedAsTold: boolean;
  /** X-Forwarded-Port is the port that the PROXY protocol tells, and 443 of it is https. */
  readonly portOfProxyProtocol: boolean;
  readonly forwardedForHeader: string;
  readonly forwardedHostHeader: string;
  /** Append to X-Forwarded-For instead of replacing it. */
  readonly fullForwardedFor: boolean;

  readonly upstreamKeepaliveTimeout: number | undefined;
  readonly upstreamKeepaliveRequests: number | undefined;
  readonly upstreamKeepaliveTime: number | undefined;
  readonly workerCpuAffinity: string | undefined;
  readonly multiAccept: boolean;
  readonly http2Streams: number | undefined;
  readonly grpcBufferSize: string | undefined;

  readonly gzip: Compression | undefined;
  readonly brotli: Compression | undefined;

  readonly serverTokens: boolean;
  /** The Server header of endpoints reaches the client; `undefined`: as the proxy does by itself. */
  readonly backendServerHeader: boolean | undefined;
  readonly hiddenHeaders: readonly string[];
  /** Values may hold variables of requests, as `${host}`. */
  readonly responseHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  /** Names of `requestHeaders` in lower case: they take the place of the usual ones. */
  readonly requestHeaderNames: readonly string[];
  readonly underscoresInHeaders: boolean;
  readonly ignoreInvalidHeaders: boolean;
  readonly generateRequestId: boolean;
  readonly originalUriHeader: boolean;
  readonly defaultType: string;

  /** In place of what `accessLog` says, unless that is `off`; variables as `${status}`. */
  readonly logFormat: string | undefined;
  readonly logEscape: 'default' | 'json' | 'none';
  /** Words behind the path of the access log. */
  readonly accessLogParameters: readonly string[];
  readonly unloggedUrls: readonly string[];
  /** The access log has requests that no Ingress answers, too. */
  readonly logDefaultBackend: boolean;
  /** `host:port` of a syslog server that gets the access log. */
  readonly syslog: string | undefined;

  /** Answered 403. */
  readonly blockedAddresses: { readonly v4: readonly string[]; readonly v6: readonly string[] } | undefined;
  readonly blockedAgents: readonly BlockedText[];
  readonly blockedReferers: readonly BlockedText[];
  readonly limitRequestStatus: number;
  readonly limitConnectionStatus: number;

  readonly disableIpv6: boolean;
  readonly disableIpv6Dns: boolean;
  /** At least so large; what names need is more. */
  readonly serverNamesHashMaxSize: number;
  readonly serverNamesHashBucketSize: number;
  readonly mapHashBucketSize: number;
  readonly variablesHashMaxSize: number;
  readonly variablesHashBucketSize: number;
  readonly proxyHeadersHashMaxSize: number;
  readonly proxyHeadersHashBucketSize: number;
}

export interface Compression {
  readonly level: number;
  /** Bytes. */
  readonly minLength: number;
  /** Media types besides text/html. */
  readonly types: readonly string[];
  /** Regular expression for User-Agent. */
  readonly disable: string | undefined;
}

/** A header that is equal to a text, or matches a regular expression without case. */
export interface BlockedText {
  readonly text: string;
  readonly isRegex: boolean;
}

/** What holds without a ConfigMap. */
export const NO_GLOBAL_SETTINGS: GlobalSettings = {
  tlsProtocols: ['TLSv1.2', 'TLSv1.3'],
  tlsCiphers: undefined,
  tlsPreferServerCiphers: false,
  tlsCurves: [],
  tlsSessionCacheSize: '10m',
  tlsSessionTimeout: undefined,
  tlsSessionTickets: false,
  tlsEarlyData: false,
  tlsBufferSize: undefined,
  tlsRejectUnknown: false,
  dhParameters: undefined,
  hsts: undefined,
  cutTrailingSlash: false,
  clientHeaderTimeout: undefined,
  clientBodyTimeout: undefined,
  clientBodyBufferSize: undefined,
  clientHeaderBufferSize: undefined,
  largeHeaderBuffers: undefined,
  keepaliveTimeout: 75,
  keepaliveRequests: 10000,
  proxyBuffering: undefined,
  proxyRequestBuffering: undefined,
  proxyBufferSize: undefined,
  proxyBuffersNumber: undefined,
  proxyBusyBuffersSize: undefined,
  proxyMaxTempFileSize: undefined,
  proxyHttpVersion: '1.1',
  proxyCookiePath: undefined,
  proxyCookieDomain: undefined,
  proxyRedirect: undefined,
  nextUpstream: ['error', 'timeout'],
  nextUpstreamTries: 3,
  nextUpstreamTimeout: 0,
  trustForwardedHeaders: true,
  forwardedAsTold: false,
  portOfProxyProtocol: false,
  forwardedForHeader: 'X-Forwarded-For',
  forwardedHostHeader: 'X-Forwarded-Host',
  fullForwardedFor: false,
  upstreamKeepaliveTimeout: undefined,
  upstreamKeepaliveRequests: undefined,
  upstreamKeepaliveTime: undefined,
  workerCpuAffinity: undefined,
  multiAccept: false,
  http2Streams: undefined,
  grpcBufferSize: undefined,
  gzip: undefined,
  brotli: undefined,
  serverTokens: false,
  backendServerHeader: undefined,
  hiddenHeaders: [],
  responseHeaders: [],
  requestHeaders: [],
  requestHeaderNames: [],
  underscoresInHeaders: false,
  ignoreInvalidHeaders: true,
  generateRequestId: true,
  originalUriHeader: false,
  defaultType: 'text/plain',
  logFormat: undefined,
  logEscape: 'default',
  accessLogParameters: [],
  unloggedUrls: [],
  logDefaultBackend: true,
  syslog: undefined,
  blockedAddresses: undefined,
  blockedAgents: [],
  blockedReferers: [],
  limitRequestStatus: 503,
  limitConnectionStatus: 503,
  disableIpv6: false,
  disableIpv6Dns: false,
  serverNamesHashMaxSize: 0,
  serverNamesHashBucketSize: 0,
  mapHashBucketSize: 128,
  variablesHashMaxSize: 4096,
  variablesHashBucketSize: 128,
  proxyHeadersHashMaxSize: 1024,
  proxyHeadersHashBucketSize: 128,
};
