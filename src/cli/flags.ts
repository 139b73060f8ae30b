import { address, cidr, defaultBackend, hostOrAddress, namespacedName, owner, secretName } from './addresses.ts';
import { snippetPolicy } from './snippet-policy.ts';
import { duration, either, integer, list, oneOf, optional, port, seconds, text, wait, type Parser } from './values.ts';

/** One flag of the command line, which is also an environment variable: `--http-port` is `SLUICE_HTTP_PORT`. */
export interface Flag<T> {
  /** What stands for the value in `--help`; `undefined` for a switch. */
  readonly value: string | undefined;
  readonly fallback: string;
  readonly parse: Parser<T>;
  readonly help: string;
}

function flag<T>(value: string, fallback: string, parse: Parser<T>, help: string): Flag<T> {
  return { value, fallback, parse, help };
}

function toggle(fallback: boolean, help: string): Flag<boolean> {
  const parse = (given: string) => {
    const parsed = oneOf('true', 'false')(given);
    return parsed.ok ? { ok: true as const, value: parsed.value === 'true' } : parsed;
  };
  return { value: undefined, fallback: String(fallback), parse, help };
}

const NAME = text(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'a name of lower case letters, digits and dashes');
const DOMAIN_NAME = text(/^[a-z0-9.-]{1,253}\/[A-Za-z0-9._/-]{1,128}$/, 'DOMAIN/NAME');
const DOMAIN = text(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a domain name');
const ANY = text(/^[^\u0000-\u001f\u007f]+$/, 'text without control characters');
const ABSOLUTE = text(/^\/[^\u0000-\u001f\u007f-\u009f\u2028\u2029$]{0,1023}$/, 'an absolute path without "$"');
/** HAProxy takes a comma in the path of a socket for the end of the path. */
const DIRECTORY = text(
  /^\/[^\u0000-\u001f\u007f-\u009f\u2028\u2029$,]{0,1023}$/,
  'an absolute path without "$" and ","',
);
const PROXY = text(/^[a-z][a-z0-9-]{0,30}$/, 'the name of a proxy');
const VERSION = text(/^\d+\.\d+(\.\d+)?$/, 'a version such as 1.22.1');
const AUTO = oneOf('true', 'false', 'auto');
const SELECTOR = text(/^[A-Za-z0-9!][A-Za-z0-9 ._/,=!()-]*$/, 'a label selector such as team=web or env in (a,b)');
const SIZE = text(/^\d{1,9}[kKmMgG]?$/, 'a size such as 512k, 1m or 0 for no limit');

/** Which Ingresses, and what becomes of them. */
export const TRANSLATE_FLAGS = {
  'ingress-class': flag('NAME', 'sluice', NAME, 'name of the class that is ours'),
  'controller-name': flag(
    'DOMAIN/NAME',
    'sluice.dev/ingress-controller',
    DOMAIN_NAME,
    'spec.controller of IngressClasses that are ours',
  ),
  'class-by-name': flag(
    'WHEN',
    'auto',
    AUTO,
    'true, false: take Ingresses of our class although no IngressClass object exists; auto: unless those are read from a cluster',
  ),
  'without-class': flag(
    'WHEN',
    'auto',
    AUTO,
    'true, false: take Ingresses that name no class although no default class is ours; auto: not in a cluster',
  ),
  'catch-all': toggle(true, 'take Ingresses that have a default backend, also besides rules'),
  endpoints: flag(
    'KIND',
    'slices',
    oneOf('slices', 'endpoints', 'cluster-ip', 'node-port'),
    'what a Service leads to: the pods, by EndpointSlices or core v1 Endpoints; its cluster IP; the nodes, by its node port',
  ),
  'node-address': flag(
    'KIND',
    'internal',
    oneOf('internal', 'external'),
    'address of nodes for --endpoints node-port; the other where a node has none of the kind',
  ),
  'allow-external-name': toggle(false, 'serve Services of type ExternalName'),
  'default-backend': flag(
    'NS/SERVICE:PORT',
    '',
    optional(defaultBackend),
    'for requests that match nothing (default: 404)',
  ),
  'default-certificate': flag(
    'NS/SECRET',
    '',
    optional(secretName),
    'for hosts without their own (default: refuse the handshake)',
  ),
  'annotation-prefixes': flag(
    'PREFIXES',
    'nginx.ingress.kubernetes.io,sluice.dev',
    list(DOMAIN),
    'prefixes of the annotations that are read; of the same key, that of the last one counts',
  ),
  configmap: flag(
    'NS/NAME',
    '',
    optional(namespacedName),
    'settings for everything, with the keys of ingress-nginx; live',
  ),
  compat: flag(
    'CONTROLLER',
    '',
    optional(oneOf('ingress-nginx')),
    'ingress-nginx: take its flags under their names, and its defaults for all that flags and ConfigMap do not say',
  ),
  snippets: flag(
    'POLICY',
    '',
    snippetPolicy,
    'namespaces (*: all) whose Ingresses may have snippets: NAMESPACE;NAMESPACE=directive,… (default: none)',
  ),
  'ssl-redirect': toggle(true, 'redirect plain HTTP to https where the host has TLS'),
} as const;

/** What the proxy's configuration says besides routes. */
export const PROXY_FLAGS = {
  'bind-address': flag('ADDRESSES', '0.0.0.0,[::]', list(address), 'addresses to listen on'),
  'http-port': flag('PORT', '80', port, 'port for plain HTTP'),
  'https-port': flag('PORT', '443', port, 'port for TLS'),
  'public-http-port': flag('PORT', '', optional(port), 'port that clients connect to (default: --http-port)'),
  'public-https-port': flag('PORT', '', optional(port), 'the same for TLS; redirects name it (default: --https-port)'),
  'redirect-code': flag('CODE', '308', oneOf('301', '302', '307', '308'), 'status of the redirect to https'),
  http2: toggle(true, 'offer HTTP/2 on the TLS port'),
  'trusted-proxies': flag('CIDRS', '', list(cidr), 'whose X-Forwarded-* headers, or PROXY protocol, are believed'),
  'proxy-protocol': toggle(false, 'expect the PROXY protocol on both ports'),
  resolver: flag('ADDRESSES', '', list(address), 'DNS servers for ExternalName (default: /etc/resolv.conf)'),
  'access-log': flag('FORMAT', 'json', oneOf('json', 'combined', 'off'), 'format of the access log'),
  'access-log-path': flag('PATH', '/dev/stdout', ABSOLUTE, 'where the proxy writes it'),
  'proxy-log-level': flag(
    'LEVEL',
    'warn',
    oneOf('debug', 'info', 'notice', 'warn', 'error', 'crit'),
    "the proxy's error log",
  ),
  'worker-processes': flag('N', 'auto', either(oneOf('auto'), integer(1, 1024)), 'workers of the proxy'),
  'worker-connections': flag('N', '16384', integer(64, 1_000_000), 'connections of each worker'),
  'worker-shutdown-timeout': flag('TIME', '240s', seconds, 'how long old workers may drain after a reload'),
  'upstream-keepalive': flag('N', '32', integer(1, 10_000), 'idle connections kept to each upstream, by each worker'),
  'max-body-size': flag('SIZE', '1m', SIZE, 'largest request body'),
  'connect-timeout': flag('TIME', '5s', seconds, 'to connect to an endpoint'),
  'read-timeout': flag('TIME', '60s', seconds, 'between two reads from an endpoint'),
  'send-timeout': flag('TIME', '60s', seconds, 'between two writes to an endpoint'),
} as const;

/** Which proxy, and where its files are. */
export const TARGET_FLAGS = {
  proxy: flag('NAME', 'nginx', PROXY, 'nginx, haproxy, or one that your --templates describe'),
  'proxy-binary': flag('PATH', '', optional(ANY), 'its program (default: its name, found in PATH)'),
  'proxy-version': flag('VERSION', '', optional(VERSION), 'write for this version (default: ask the program)'),
  templates: flag('DIR', '', optional(ANY), 'templates of your own, over or instead of those that come with sluice'),
  'config-dir': flag('DIR', '/var/lib/sluice', DIRECTORY, 'where generations are kept'),
  'acknowledge-port': flag('PORT', '10247', port, 'on 127.0.0.1, for a proxy that cannot answer on a unix socket'),
  'check-timeout': flag('TIME', '60s', duration, "for the proxy's own check of a configuration"),
} as const;

/** Where the objects come from when no directory is named. */
export const CLUSTER_FLAGS = {
  kubeconfig: flag(
    'FILE',
    '',
    optional(ANY),
    'how to reach the cluster (default: $KUBECONFIG, ~/.kube/config, or the service account of the pod)',
  ),
  context: flag('NAME', '', optional(ANY), 'context of the kubeconfig (default: its current one)'),
  namespaces: flag('NAMES', '', list(NAME), 'namespaces to follow (default: all)'),
  'namespace-selector': flag('SELECTOR', '', optional(SELECTOR), 'follow the namespaces whose labels match'),
  'watch-ingress-class': toggle(true, 'read IngressClass objects, which a Role of one namespace cannot allow'),
  secrets: flag(
    'HOW',
    'referenced',
    oneOf('referenced', 'namespace', 'all'),
    'how Secrets are watched: one by one those that Ingresses name; or all of their namespaces; or all that are followed. The content of others is never kept',
  ),
  'watch-idle-limit': flag(
    'TIME',
    '90s',
    duration,
    'silence after which a connection to the API server counts as broken',
  ),
} as const;

/** What is told to the cluster. */
export const REPORT_FLAGS = {
  'update-status': toggle(true, 'write the addresses of the proxy into the status of Ingresses'),
  'publish-address': flag('ADDRESSES', '', list(hostOrAddress), 'addresses or names to write there'),
  'publish-service': flag(
    'NS/NAME',
    '',
    optional(namespacedName),
    'write those of this Service (default: of the nodes that run the pods)',
  ),
  'publish-internal': toggle(false, 'prefer internal addresses of nodes'),
  'remove-status': toggle(false, 'take them out again at the end, when no other replica is left'),
  events: toggle(true, 'write Events about what is wrong with Ingresses'),
  'leader-election': toggle(true, 'let only one replica write'),
  'lease-name': flag('NAME', 'sluice-leader', NAME, 'Lease that the replicas share'),
  'pod-name': flag('NAME', '', optional(NAME), 'of the pod that sluice runs in (default: the host name)'),
  'pod-namespace': flag('NAME', '', optional(NAME), 'of that pod (default: of the service account or context)'),
} as const;

/** For probes, metrics, and the end. */
export const ADMIN_FLAGS = {
  'admin-address': flag('ADDRESS', '127.0.0.1', address, 'for /healthz, /readyz, /startz and /metrics'),
  'admin-port': flag('PORT', '10254', either(oneOf('off'), port), 'the same; off: none'),
  'shutdown-delay': flag('TIME', '0s', duration, 'to go on, not ready, after SIGTERM'),
} as const;

/** How changes reach the running proxy. */
export const APPLY_FLAGS = {
  manage: toggle(false, 'start the proxy as a child and keep it running'),
  'pid-file': flag(
    'PATH',
    '',
    optional(ABSOLUTE),
    'of a proxy that sluice does not manage: reload by signal (default for nginx: CONFIG-DIR/run/nginx.pid)',
  ),
  'master-socket': flag(
    'PATH',
    '',
    optional(ABSOLUTE),
    'of an HAProxy that sluice does not manage, its -S (default: CONFIG-DIR/run/haproxy-master.sock)',
  ),
  'reload-command': flag('COMMAND', '', optional(ANY), 'reload by this command instead of a signal; no shell'),
  wait: flag('QUIET:CAP', '5ms:1s', wait, 'gather changes until none came for QUIET, at most CAP'),
  'collapse-hold': flag(
    'TIME',
    '5m',
    duration,
    'keep for so long what vanishes at once: all manifests, nearly all objects of a new list, all endpoints; 0s: not at all',
  ),
  'reload-interval': flag(
    'TIME',
    'auto',
    either(oneOf('auto'), duration),
    'least time between reloads; auto: as long as the last one took',
  ),
  'acknowledge-timeout': flag('TIME', '60s', duration, 'for new workers to answer with the new generation'),
  'keep-generations': flag('N', '5', integer(2, 1000), 'old generations to keep'),
  'file-owner': flag('UID:GID', '', optional(owner), 'owner of the files (default: sluice itself)'),
} as const;

export const LOG_FLAGS = {
  'log-level': flag('LEVEL', 'info', oneOf('debug', 'info', 'warn', 'error', 'silent'), 'least severe message to log'),
  'log-format': flag('FORMAT', 'auto', oneOf('auto', 'json', 'pretty'), 'auto: pretty on a terminal'),
} as const;

export const RENDER_FLAGS = { ...TRANSLATE_FLAGS, ...PROXY_FLAGS, ...TARGET_FLAGS } as const;
export const PACK_FLAGS = {
  proxy: flag(
    'NAME',
    '',
    optional(oneOf('nginx', 'haproxy')),
    'whose templates (default: of the directory, else nginx)',
  ),
} as const;
export const RUN_FLAGS = {
  ...RENDER_FLAGS,
  ...APPLY_FLAGS,
  ...CLUSTER_FLAGS,
  ...REPORT_FLAGS,
  ...ADMIN_FLAGS,
  ...LOG_FLAGS,
} as const;

/** Headings of `--help`. */
export const RENDER_GROUPS = {
  'Which Ingresses:': TRANSLATE_FLAGS,
  'The proxy:': TARGET_FLAGS,
  'Its configuration:': PROXY_FLAGS,
} as const;
export const RUN_GROUPS = {
  ...RENDER_GROUPS,
  'Applying changes:': APPLY_FLAGS,
  'The cluster, without --filename:': CLUSTER_FLAGS,
  'Telling the cluster:': REPORT_FLAGS,
  'Probes and metrics:': ADMIN_FLAGS,
  'Logging:': LOG_FLAGS,
} as const;

export type FlagSet = Readonly<Record<string, Flag<unknown>>>;

/** What a set of flags parses to, by flag name. */
export type ValuesOf<F extends FlagSet> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export type ParsedFlags<F extends FlagSet> =
  { readonly ok: true; readonly values: ValuesOf<F> } | { readonly ok: false; readonly problems: readonly string[] };

/** Parses the texts of all flags of a set; every problem is reported, not only the first. */
export function parseFlags<F extends FlagSet>(flags: F, given: Readonly<Record<string, string>>): ParsedFlags<F> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { parse, fallback }] of Object.entries(flags)) {
    const parsed = parse(given[name] ?? fallback);
    if (parsed.ok) values[name] = parsed.value;
    else problems.push(`--${name} (or ${environmentName(name)}): ${parsed.problem}`);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, values: values as ValuesOf<F> };
}

/** `http-port` → `SLUICE_HTTP_PORT`. */
export function environmentName(name: string): string {
  return `SLUICE_${name.toUpperCase().replaceAll('-', '_')}`;
}
