import type { ProxySettings } from '../../../model/options.ts';
import { differs, unsupported } from '../../annotation.ts';
import { cidrs, matching } from '../../grammar.ts';
import type { SettingReader } from '../reader.ts';
import { BOOL, BOTH, DURATION, said, type Setting, type SettingGroup } from '../setting.ts';

const USE_FORWARDED: Setting<boolean> = {
  key: 'use-forwarded-headers',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about:
    'Believe proxy-real-ip-cidr in X-Forwarded-For, -Proto, -Port and -Host. The host is the one of redirects to https, and what endpoints get as Host.',
};

const REAL_IP: Setting<boolean> = {
  key: 'enable-real-ip',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Believe it about the address of the client only.',
};

const CIDRS: Setting<readonly string[]> = {
  key: 'proxy-real-ip-cidr',
  grammar: cidrs,
  ...BOTH,
  syntax: 'CIDRs with commas',
  fallback: '0.0.0.0/0',
  about:
    'Proxies in front that are believed, once one of use-forwarded-headers, enable-real-ip and use-proxy-protocol is on.',
};

const HEADER = {
  grammar: matching(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'the name of a header'),
  syntax: 'name of a header',
};

const FOR_HEADER: Setting<string> = {
  key: 'forwarded-for-header',
  ...HEADER,
  ...BOTH,
  fallback: 'X-Forwarded-For',
  about: 'Header that has the address of the client.',
};

const HOST_HEADER: Setting<string> = {
  key: 'forwarded-host-header',
  ...HEADER,
  ...BOTH,
  fallback: 'X-Forwarded-Host',
  about: 'Header that has the host that the client asked for.',
};

const FULL: Setting<boolean> = {
  key: 'compute-full-forwarded-for',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Append to X-Forwarded-For instead of replacing it.',
};

const WITH_FORWARDED = differs(
  'with use-forwarded-headers, too, the address is that of the PROXY protocol, not that of X-Forwarded-For',
);

const PROXY_PROTOCOL: Setting<boolean> = {
  key: 'use-proxy-protocol',
  ...BOOL,
  fallback: 'false',
  about:
    'Clients come by a load balancer that speaks the PROXY protocol. The port that it tells is X-Forwarded-Port, and 443 is https.',
  nginx: WITH_FORWARDED,
  haproxy: WITH_FORWARDED,
};

const PASSTHROUGH = unsupported('it is for the TLS passthrough of ingress-nginx, which the proxy does here by itself');

const PROTOCOL_TIMEOUT: Setting<number> = {
  key: 'proxy-protocol-header-timeout',
  ...DURATION,
  fallback: '5s',
  about: 'For the PROXY protocol to arrive.',
  nginx: PASSTHROUGH,
  haproxy: PASSTHROUGH,
};

const OWN_HEADER = unsupported('endpoints get the address of the client in X-Forwarded-For and X-Real-IP');

const PROTOCOL_HEADER: Setting<string> = {
  key: 'forwarded-for-proxy-protocol-header',
  ...HEADER,
  fallback: 'X-Forwarded-For-Proxy-Protocol',
  about: 'Header for the address of the PROXY protocol.',
  nginx: OWN_HEADER,
  haproxy: OWN_HEADER,
};

export const CLIENT_ADDRESS: SettingGroup = {
  name: 'Address of the client',
  settings: [
    USE_FORWARDED,
    REAL_IP,
    CIDRS,
    FOR_HEADER,
    HOST_HEADER,
    FULL,
    PROXY_PROTOCOL,
    PROTOCOL_TIMEOUT,
    PROTOCOL_HEADER,
  ],
  read: (values) => {
    values.get(PROTOCOL_TIMEOUT);
    values.get(PROTOCOL_HEADER);
    const settings = said<Partial<ProxySettings>>({
      ...trust(values),
      forwardedAsTold: values.get(USE_FORWARDED) === true ? true : undefined,
      portOfProxyProtocol: values.get(PROXY_PROTOCOL) === true ? true : undefined,
      proxyProtocol: values.get(PROXY_PROTOCOL),
      forwardedForHeader: values.get(FOR_HEADER),
      forwardedHostHeader: values.get(HOST_HEADER),
      fullForwardedFor: values.get(FULL),
    });
    return { settings };
  },
};

/** Of ingress-nginx: everybody, unless proxy-real-ip-cidr says whom. What is off here is off even where a flag trusts somebody. */
function trust(values: SettingReader): Partial<ProxySettings> {
  const [forwarded, realIp, protocol] = [values.get(USE_FORWARDED), values.get(REAL_IP), values.get(PROXY_PROTOCOL)];
  const cidr = values.get(CIDRS) ?? ['0.0.0.0/0'];
  if (forwarded === true) return { trustedProxies: cidr, trustForwardedHeaders: true };
  if (realIp === true || protocol === true) return { trustedProxies: cidr, trustForwardedHeaders: false };
  return forwarded === false ? { trustedProxies: [] } : {};
}
