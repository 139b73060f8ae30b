/** What becomes of one flag of ingress-nginx. */
export interface CompatFlag {
  /** Go takes no value for it but behind `=`. */
  readonly isSwitch?: true;
  /** Flags of sluice that say the same. @param value as it is given; of a switch, `true` or `false` */
  readonly to?: (value: string) => Readonly<Record<string, string>>;
  /** What is said about it, when it is given; with `to`, besides. */
  readonly notice?: string;
  /** It was for something that gets lost here. */
  readonly isLoss?: true;
  /** The value tells what is lost; of others, it may be a secret. */
  readonly tellsValue?: true;
}

/** The same under another name. */
function as(name: string): CompatFlag {
  return { to: (value) => ({ [name]: value }) };
}

function switchAs(name: string, isOpposite = false): CompatFlag {
  return { isSwitch: true, to: (value) => ({ [name]: isOpposite ? String(value !== 'true') : value }) };
}

function pointless(notice: string): CompatFlag {
  return { notice };
}

function pointlessSwitch(notice: string): CompatFlag {
  return { isSwitch: true, notice };
}

function lost(notice: string, isSwitch?: true): CompatFlag {
  return { notice, isLoss: true, ...(isSwitch === undefined ? {} : { isSwitch }) };
}

const LAYER_4 = 'sluice does not serve layer 4 yet: the ports of this ConfigMap are not served';
const WEBHOOK =
  'sluice has no webhook and needs none; delete the ValidatingWebhookConfiguration of ingress-nginx, or the API server refuses every change of an Ingress';
const METRICS = 'metrics are always at --admin-port';
const OWN_PORT = 'sluice needs no such port';
const KLOG = 'use --log-level';
const LUA = 'there is no Lua here';
const GEO = 'the stock proxies have no GeoIP2';

/** https://kubernetes.github.io/ingress-nginx/user-guide/cli-arguments/ */
export const COMPAT_TABLE: Readonly<Record<string, CompatFlag>> = {
  'ingress-class': as('ingress-class'),
  'controller-class': as('controller-name'),
  'watch-ingress-without-class': switchAs('without-class'),
  'ingress-class-by-name': { isSwitch: true, to: (value) => (value === 'true' ? { 'class-by-name': 'true' } : {}) },
  'watch-namespace': as('namespaces'),
  'watch-namespace-selector': as('namespace-selector'),
  configmap: as('configmap'),
  'tcp-services-configmap': { ...lost(LAYER_4), tellsValue: true },
  'udp-services-configmap': { ...lost(LAYER_4), tellsValue: true },
  'default-backend-service': as('default-backend'),
  'default-ssl-certificate': as('default-certificate'),
  'publish-service': as('publish-service'),
  'publish-status-address': as('publish-address'),
  'report-node-internal-ip-address': switchAs('publish-internal'),
  'update-status': switchAs('update-status'),
  'update-status-on-shutdown': switchAs('remove-status'),
  'status-update-interval': pointless('the status is written as soon as it changes'),
  'election-id': as('lease-name'),
  'election-ttl': pointless('a lease lasts 15 s'),
  'disable-leader-election': switchAs('leader-election', true),
  'healthz-port': as('admin-port'),
  'healthz-host': { to: (value) => (value === '' ? {} : { 'admin-address': value }) },
  'health-check-path': pointless(
    'probes are answered at /healthz, as in ingress-nginx, and more exactly at /readyz and /startz',
  ),
  'health-check-timeout': pointless('probes are answered at once'),
  'http-port': as('http-port'),
  'https-port': as('https-port'),
  'default-server-port': pointless(OWN_PORT),
  'ssl-passthrough-proxy-port': pointless(OWN_PORT),
  'status-port': pointless(OWN_PORT),
  'stream-port': pointless(OWN_PORT),
  'profiler-port': pointless(OWN_PORT),
  profiling: pointlessSwitch('there is no profiler; use --cpu-prof of Node.js'),
  'enable-ssl-passthrough': pointlessSwitch(
    'the annotation ssl-passthrough says so by itself, where the proxy can do it',
  ),
  'disable-catch-all': switchAs('catch-all', true),
  'disable-svc-external-name': switchAs('allow-external-name', true),
  'shutdown-grace-period': { to: (value) => ({ 'shutdown-delay': `${value}s` }) },
  'post-shutdown-grace-period': pointless('sluice ends when the proxy has ended'),
  'sync-rate-limit': pointless('changes are gathered by --wait, reloads kept apart by --reload-interval'),
  'sync-period': pointless('a watch that breaks is opened anew; there is nothing to repeat'),
  'validating-webhook': lost(WEBHOOK),
  'validating-webhook-certificate': pointless(WEBHOOK),
  'validating-webhook-key': pointless(WEBHOOK),
  'disable-full-test': pointlessSwitch('the proxy checks every configuration before it is installed'),
  'deep-inspect': pointlessSwitch('every value passes a grammar and is quoted'),
  'enable-annotation-validation': pointlessSwitch('every value passes a grammar and is quoted'),
  'annotations-prefix': { to: (value) => ({ 'annotation-prefixes': `${value},sluice.dev` }) },
  'enable-metrics': pointlessSwitch(METRICS),
  'metrics-per-host': pointlessSwitch(METRICS),
  'metrics-per-undefined-host': pointlessSwitch(METRICS),
  'report-status-classes': pointlessSwitch(METRICS),
  'exclude-socket-metrics': pointless(METRICS),
  'time-buckets': pointless(METRICS),
  'length-buckets': pointless(METRICS),
  'size-buckets': pointless(METRICS),
  'bucket-factor': pointless(METRICS),
  'max-buckets': pointless(METRICS),
  'monitor-max-batch-size': pointless(METRICS),
  'enable-ssl-chain-completion': lost('a certificate needs its whole chain in its Secret', true),
  'enable-topology-aware-routing': lost('all ready endpoints are used, whatever their zone', true),
  'disable-sync-events': pointlessSwitch('Events are written about problems only'),
  'dynamic-configuration-retries': pointless(LUA),
  'internal-logger-address': pointless(LUA),
  'maxmind-edition-ids': lost(GEO),
  'maxmind-license-key': lost(GEO),
  'maxmind-mirror': lost(GEO),
  'maxmind-retries-count': pointless(GEO),
  'maxmind-retries-timeout': pointless(GEO),
  kubeconfig: as('kubeconfig'),
  'apiserver-host': lost('use --kubeconfig'),
  'certificate-authority': lost('use --kubeconfig'),
  v: pointless(KLOG),
  vmodule: pointless(KLOG),
  logtostderr: pointlessSwitch(KLOG),
  alsologtostderr: pointlessSwitch(KLOG),
  stderrthreshold: pointless(KLOG),
  log_backtrace_at: pointless(KLOG),
  log_dir: pointless(KLOG),
  log_file: pointless(KLOG),
  log_file_max_size: pointless(KLOG),
  add_dir_header: pointlessSwitch(KLOG),
  one_output: pointlessSwitch(KLOG),
  skip_headers: pointlessSwitch(KLOG),
  skip_log_headers: pointlessSwitch(KLOG),
};

/** What holds without a flag, where ingress-nginx has another default than sluice. */
export const COMPAT_DEFAULTS: Readonly<Record<string, string>> = {
  'ingress-class': 'nginx',
  'controller-name': 'k8s.io/ingress-nginx',
  'without-class': 'false',
  'allow-external-name': 'true',
  'remove-status': 'true',
  'lease-name': 'ingress-controller-leader',
  'admin-address': '0.0.0.0',
};
