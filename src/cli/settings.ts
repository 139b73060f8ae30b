import { NO_GLOBAL_SETTINGS } from '../model/global-settings.ts';
import type { Secret } from '../model/objects.ts';
import type { ProxySettings, TargetProxy, TranslateOptions } from '../model/options.ts';
import type { RENDER_FLAGS, TRANSLATE_FLAGS, ValuesOf } from './flags.ts';

export type RenderValues = ValuesOf<typeof RENDER_FLAGS>;

export interface TranslateFacts {
  readonly hasResolver: boolean;
  readonly target: TargetProxy;
  readonly now: number;
  /** The objects come from a cluster, where other controllers may be. */
  readonly isCluster: boolean;
  /** Whoever made IngressClass objects wants them to count. */
  readonly readsClasses: boolean;
  /** Left out where what is made shall be the same every time. */
  readonly ownCertificate?: Secret | undefined;
}

export function toTranslateOptions(values: ValuesOf<typeof TRANSLATE_FLAGS>, facts: TranslateFacts): TranslateOptions {
  const { readsClasses, isCluster, ownCertificate, ...rest } = facts;
  return {
    controllerName: values['controller-name'],
    ingressClass: values['ingress-class'],
    claimByName: isChosen(values['class-by-name'], !readsClasses),
    claimWithoutClass: isChosen(values['without-class'], !isCluster),
    claimCatchAll: values['catch-all'],
    endpointSource: values.endpoints,
    nodeAddress: values['node-address'],
    allowExternalName: values['allow-external-name'],
    redirectToHttps: values['ssl-redirect'],
    defaultBackend: values['default-backend'],
    defaultCertificate: values['default-certificate'],
    ownCertificate,
    annotationPrefixes: values['annotation-prefixes'],
    configMap: values.configmap,
    compat: values.compat,
    snippets: values.snippets,
    ...rest,
  };
}

function isChosen(when: 'true' | 'false' | 'auto', automatic: boolean): boolean {
  return when === 'auto' ? automatic : when === 'true';
}

/** Facts of the machine that fill in flags which were not given, or that set a bound to them. */
export interface MachineFacts {
  readonly resolvers: readonly string[];
  readonly hasIpv6: boolean;
  /** Hard limit of open files. */
  readonly openFileLimit: number;
  /** Whether a program that opens /dev/stdout by name would get our standard output: not when that is a socket. */
  readonly canOpenStdout: boolean;
}

/** Logs, certificates, sockets. */
const FILES_BESIDE_CONNECTIONS = 1024;

const REDIRECT_CODES = { 301: 301, 302: 302, 307: 307, 308: 308 } as const;

export function toProxySettings(values: RenderValues, facts: MachineFacts): ProxySettings {
  const run = `${values['config-dir']}/run`;
  return {
    ...NO_GLOBAL_SETTINGS,
    bindAddresses: bindAddresses(values['bind-address'], facts.hasIpv6),
    httpPort: values['http-port'],
    httpsPort: values['https-port'],
    publicHttpPort: values['public-http-port'] ?? values['http-port'],
    publicHttpsPort: values['public-https-port'] ?? values['https-port'],
    redirectCode: REDIRECT_CODES[values['redirect-code']],
    http2: values.http2,
    runDirectory: run,
    pidFile: `${run}/${values.proxy}.pid`,
    acknowledgeSocket: `${run}/${values.proxy}.sock`,
    acknowledgePort: values['acknowledge-port'],
    accessLog: values['access-log'],
    accessLogPath: values['access-log-path'],
    errorLogLevel: values['proxy-log-level'],
    workerProcesses: String(values['worker-processes']),
    workerConnections: values['worker-connections'],
    workerOpenFiles: Math.min(values['worker-connections'] * 2 + FILES_BESIDE_CONNECTIONS, facts.openFileLimit),
    workerShutdownTimeout: values['worker-shutdown-timeout'],
    trustedProxies: values['trusted-proxies'],
    proxyProtocol: values['proxy-protocol'],
    resolvers: values.resolver.length > 0 ? values.resolver : facts.resolvers,
    upstreamKeepalive: values['upstream-keepalive'],
    maxBodySize: values['max-body-size'],
    connectTimeout: values['connect-timeout'],
    readTimeout: values['read-timeout'],
    sendTimeout: values['send-timeout'],
  };
}

/** The wildcard of a protocol that the kernel lacks would keep the proxy from starting. */
function bindAddresses(wanted: readonly string[], hasIpv6: boolean): readonly string[] {
  return hasIpv6 ? wanted : wanted.filter((item) => item !== '[::]');
}

/** For a configuration that shall be the same text on every machine. */
export const NO_MACHINE: MachineFacts = {
  resolvers: [],
  hasIpv6: true,
  openFileLimit: Number.MAX_SAFE_INTEGER,
  canOpenStdout: true,
};
