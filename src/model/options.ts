import type { GlobalSettings } from './global-settings.ts';
import type { Secret } from './objects.ts';
import type { SnippetPolicy } from './snippet-policy.ts';

/** What decides how objects become routes. */
export interface TranslateOptions {
  /** Value of `spec.controller` of the IngressClasses that are ours. */
  readonly controllerName: string;
  /** Name of our class, for the class annotation and for classes without an IngressClass object. */
  readonly ingressClass: string;
  /** Take an Ingress that names our class although no IngressClass object of that name exists. */
  readonly claimByName: boolean;
  /** Take an Ingress that names no class, even when no default IngressClass is ours. */
  readonly claimWithoutClass: boolean;
  /** Take an Ingress that has a default backend, with or without rules. */
  readonly claimCatchAll: boolean;
  /**
   * What tells the addresses of a Service: EndpointSlices; core v1 Endpoints; the Service itself, by its cluster IP; or
   * the nodes, by its node port.
   */
  readonly endpointSource: 'slices' | 'endpoints' | 'cluster-ip' | 'node-port';
  /** Which address of a node is used for node ports; the other one where a node has none of it. */
  readonly nodeAddress: 'internal' | 'external';
  readonly allowExternalName: boolean;
  /** Whether the proxy has a DNS server to resolve an ExternalName with. */
  readonly hasResolver: boolean;
  /** Redirect plain HTTP when the host has TLS. */
  readonly redirectToHttps: boolean;
  /** Service for requests that match nothing; `undefined`: 404. */
  readonly defaultBackend: DefaultBackend | undefined;
  /** TLS Secret for hosts without their own. */
  readonly defaultCertificate: SecretName | undefined;
  /** In place of it where it is not there: one that was made for this process, as in ingress-nginx. */
  readonly ownCertificate: Secret | undefined;
  /** Prefixes of annotations that are read, without the slash; of the same key, that of the last prefix counts. */
  readonly annotationPrefixes: readonly string[];
  /** ConfigMap of settings for everything, with the keys of ingress-nginx. */
  readonly configMap: SecretName | undefined;
  /** Whose defaults hold for keys that the ConfigMap does not have; `undefined`: those of the flags. */
  readonly compat: 'ingress-nginx' | undefined;
  /** Which namespaces may have snippets, of which directives. */
  readonly snippets: SnippetPolicy;
  /** The proxy that the routes are for: it decides which annotations can be honoured. */
  readonly target: TargetProxy;
  /** For certificate expiry; milliseconds since 1970, passed in because the core has no clock. */
  readonly now: number;
}

export interface TargetProxy {
  readonly name: string;
  /** For example `1.22.1`. */
  readonly version: string;
  /** As in ProxyIdentity. */
  readonly modules: readonly string[];
  /** Families of annotations that the templates express; `*`: all. */
  readonly families: readonly string[];
}

export interface DefaultBackend {
  readonly namespace: string;
  readonly name: string;
  /** `undefined`: the first that the Service has. */
  readonly port: { readonly number: number } | { readonly name: string } | undefined;
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** Global settings that templates see as `settings`. Times are in seconds. */
export interface ProxySettings extends GlobalSettings {
  /** Addresses to listen on, IPv6 in brackets. */
  readonly bindAddresses: readonly string[];
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The port that clients connect to, which X-Forwarded-Port tells: another one than `httpPort` behind a port mapping. */
  readonly publicHttpPort: number;
  /** As above for TLS; redirects name it, unless it is 443. */
  readonly publicHttpsPort: number;
  readonly redirectCode: 301 | 302 | 307 | 308;
  readonly http2: boolean;
  /** Absolute; sockets, pid file and temporary files of the proxy. */
  readonly runDirectory: string;
  readonly pidFile: string;
  readonly acknowledgeSocket: string;
  /** On 127.0.0.1, for a proxy that cannot listen on a unix socket. */
  readonly acknowledgePort: number;
  readonly accessLog: 'json' | 'combined' | 'off';
  readonly accessLogPath: string;
  readonly errorLogLevel: 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit';
  /** `auto` or a number. */
  readonly workerProcesses: string;
  readonly workerConnections: number;
  /** Files that each worker may open; a connection to a client and one to its endpoint are two. */
  readonly workerOpenFiles: number;
  readonly workerShutdownTimeout: number;
  /** CIDRs whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Expect the PROXY protocol on the HTTP and HTTPS ports. */
  readonly proxyProtocol: boolean;
  /** DNS servers for ExternalName Services, IPv6 in brackets. */
  readonly resolvers: readonly string[];
  readonly upstreamKeepalive: number;
  readonly maxBodySize: string;
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly sendTimeout: number;
}

/** The proxy that the configuration is for, as its own binary reports it. */
export interface ProxyIdentity {
  readonly name: string;
  /** For example `1.22.1`. */
  readonly version: string;
  /** Names of optional parts that the binary was built with, sorted; for nginx the `--with-` and `--add-` switches. */
  readonly modules: readonly string[];
}
