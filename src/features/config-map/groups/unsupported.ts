import { unsupported } from '../../annotation.ts';
import { ANY, type Setting, type SettingGroup } from '../setting.ts';

function lost(about: string, why: string, keys: Readonly<Record<string, string>>): readonly Setting<string>[] {
  const support = unsupported(why);
  const entries = Object.entries(keys);
  return entries.map(([key, fallback]) => ({ key, ...ANY, fallback, about, nginx: support, haproxy: support }));
}

const SNIPPETS = lost(
  'Configuration of nginx for its level main.',
  'put it into partials/main.hbs of templates of your own: sluice pack init, --templates',
  { 'main-snippet': '' },
);

const STREAM = lost('Layer 4.', 'sluice does not serve layer 4 yet', {
  'stream-snippet': '',
  'log-format-stream': '[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time',
  'stream-access-log-path': '',
  'disable-stream-access-log': 'false',
  'proxy-stream-timeout': '600s',
  'proxy-stream-next-upstream': 'true',
  'proxy-stream-next-upstream-timeout': '600s',
  'proxy-stream-next-upstream-tries': '3',
  'proxy-stream-responses': '1',
});

const GEO = lost('Where clients are.', 'the stock proxies have no GeoIP2; a load balancer or a CDN in front can tell', {
  'use-geoip': 'false',
  'use-geoip2': 'false',
  'geoip2-autoreload-in-minutes': '0',
});

const FIREWALL = lost('A web application firewall.', 'the stock proxies have no ModSecurity; put a firewall in front', {
  'enable-modsecurity': 'false',
  'enable-owasp-modsecurity-crs': 'false',
  'modsecurity-snippet': '',
});

const TRACING = lost('Traces.', 'the stock proxies trace nothing by themselves; endpoints get X-Request-ID', {
  'enable-opentelemetry': 'false',
  'opentelemetry-trust-incoming-span': 'true',
  'opentelemetry-operation-name': '',
  'opentelemetry-config': '/etc/ingress-controller/telemetry/opentelemetry.toml',
  'otlp-collector-host': '',
  'otlp-collector-port': '4317',
  'otel-service-name': 'nginx',
  'otel-sampler': 'AlwaysOn',
  'otel-sampler-ratio': '0.01',
  'otel-sampler-parent-based': 'true',
  'otel-max-queuesize': '2048',
  'otel-schedule-delay-millis': '5000',
  'otel-max-export-batch-size': '512',
});

const OTHERS = [
  ...lost('Memory for Lua.', 'there is no Lua here', { 'lua-shared-dicts': '' }),
  ...lost('Connections of which nginx tells everything.', 'the stock nginx is built without debugging', {
    'debug-connections': '',
  }),
];

export const UNSUPPORTED: SettingGroup = {
  name: 'Not supported',
  settings: [...SNIPPETS, ...STREAM, ...GEO, ...FIREWALL, ...TRACING, ...OTHERS],
  read: (values) => {
    for (const setting of UNSUPPORTED.settings) values.given(setting);
    return {};
  },
};
