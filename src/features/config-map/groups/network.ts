import ipaddr from 'ipaddr.js';
import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, unsupported, type Grammar } from '../../annotation.ts';
import { bad, cidrs, good } from '../../grammar.ts';
import { BOOL, BOTH, COUNT, said, type Setting, type SettingGroup } from '../setting.ts';

const addresses: Grammar<readonly string[]> = (text) => {
  const items = text.split(',').flatMap((item) => (item.trim() === '' ? [] : item.trim().replace(/^\[(.*)\]$/, '$1')));
  const isAddress = (item: string) =>
    ipaddr.IPv4.isValidFourPartDecimal(item) || (ipaddr.IPv6.isValid(item) && !item.includes('%'));
  if (items.length === 0 || !items.every(isAddress)) return bad('is not a list of IP addresses');
  return good([...new Set(items.map((item) => (item.includes(':') ? `[${ipaddr.parse(item).toString()}]` : item)))]);
};

const BIND: Setting<readonly string[]> = {
  key: 'bind-address',
  grammar: addresses,
  ...BOTH,
  syntax: 'IP addresses with commas',
  fallback: '',
  about: 'Addresses to listen on.',
};

const NO_IPV6: Setting<boolean> = {
  key: 'disable-ipv6',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Listen on no address of IPv6.',
};

const NO_IPV6_DNS: Setting<boolean> = {
  key: 'disable-ipv6-dns',
  ...BOOL,
  fallback: 'false',
  about: 'Names of ExternalName Services are resolved to IPv4 only.',
  nginx: HONOURED,
  haproxy: differs('IPv4 is preferred in any case'),
};

const STATUS = unsupported('the status page of nginx is not served; ask --admin-port for metrics');

const STATUS_LISTS: readonly Setting<readonly string[]>[] = (['4', '6'] as const).map((version) => ({
  key: `nginx-status-ipv${version}-whitelist`,
  grammar: cidrs,
  syntax: 'CIDRs with commas',
  fallback: version === '4' ? '127.0.0.1' : '::1',
  about: 'Who may see the status page of nginx.',
  nginx: STATUS,
  haproxy: STATUS,
}));

const TABLES = unsupported('HAProxy has no such tables');

const tableSize = (key: string, fallback: string, about: string): Setting<number> => ({
  key,
  ...COUNT,
  fallback,
  about,
  nginx: differs('at least so much; more where names need it, because nginx would not start'),
  haproxy: TABLES,
});

const NAMES_MAX = tableSize('server-name-hash-max-size', '1024', 'Size of the table of host names.');
const NAMES_BUCKET = tableSize('server-name-hash-bucket-size', '0', 'Size of a bucket of it.');
const MAP_BUCKET = tableSize('map-hash-bucket-size', '64', 'Size of a bucket of the tables of maps.');
const VARIABLES_MAX = tableSize('variables-hash-max-size', '2048', 'Size of the table of variables.');
const VARIABLES_BUCKET = tableSize('variables-hash-bucket-size', '256', 'Size of a bucket of it.');
const HEADERS_MAX = tableSize('proxy-headers-hash-max-size', '512', 'Size of the table of headers.');
const HEADERS_BUCKET = tableSize('proxy-headers-hash-bucket-size', '64', 'Size of a bucket of it.');

export const NETWORK: SettingGroup = {
  name: 'Addresses and tables',
  settings: [
    BIND,
    NO_IPV6,
    NO_IPV6_DNS,
    ...STATUS_LISTS,
    NAMES_MAX,
    NAMES_BUCKET,
    MAP_BUCKET,
    VARIABLES_MAX,
    VARIABLES_BUCKET,
    HEADERS_MAX,
    HEADERS_BUCKET,
  ],
  read: (values) => {
    for (const setting of STATUS_LISTS) values.get(setting);
    const settings = said<Partial<ProxySettings>>({
      bindAddresses: values.get(BIND),
      disableIpv6: values.get(NO_IPV6),
      disableIpv6Dns: values.get(NO_IPV6_DNS),
      serverNamesHashMaxSize: values.get(NAMES_MAX),
      serverNamesHashBucketSize: rounded(values.get(NAMES_BUCKET)),
      mapHashBucketSize: atLeast(128, rounded(values.get(MAP_BUCKET))),
      variablesHashMaxSize: atLeast(4096, values.get(VARIABLES_MAX)),
      variablesHashBucketSize: atLeast(128, rounded(values.get(VARIABLES_BUCKET))),
      proxyHeadersHashMaxSize: atLeast(1024, values.get(HEADERS_MAX)),
      proxyHeadersHashBucketSize: atLeast(128, rounded(values.get(HEADERS_BUCKET))),
    });
    return { settings };
  },
};

function atLeast(least: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(least, value);
}

/** Whole cache lines. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.ceil(value / 64) * 64;
}
