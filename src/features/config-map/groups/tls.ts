import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, needsModule, unsupported, type Grammar } from '../../annotation.ts';
import { ciphers } from '../../ciphers.ts';
import { bad, good, integer, matching } from '../../grammar.ts';
import { listOf, reference } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { MEMORY, within } from '../sizes.ts';
import { BOOL, BOTH, DURATION, said, SIZE, type Setting, type SettingGroup } from '../setting.ts';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** In their order; SSLv2 and SSLv3 are in no library any more. */
const protocols: Grammar<readonly string[]> = (text) => {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const unknown = words.find((word) => !VERSIONS.includes(word) && !/^SSLv[23]$/.test(word));
  if (unknown !== undefined) return bad('is not a list of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3');
  const found = VERSIONS.filter((version) => words.includes(version));
  return found.length === 0 ? bad('names no version of TLS that there is') : good(found);
};

const PROTOCOLS: Setting<readonly string[]> = {
  key: 'ssl-protocols',
  grammar: protocols,
  syntax: 'versions of TLS with spaces',
  fallback: 'TLSv1.2 TLSv1.3',
  about: 'Versions of TLS that are spoken.',
  nginx: HONOURED,
  haproxy: differs('from the oldest to the newest of them, without gaps'),
};

const CIPHERS: Setting<string> = {
  key: 'ssl-ciphers',
  grammar: ciphers,
  ...BOTH,
  syntax: 'ciphers in the words of OpenSSL',
  fallback:
    'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256',
  about: 'Ciphers up to TLS 1.2; the order of the server counts.',
};

const CURVES: Setting<readonly string[]> = {
  key: 'ssl-ecdh-curve',
  grammar: listOf(
    /^(?:auto|X25519|X448|P-256|P-384|P-521|prime256v1|secp384r1|secp521r1)$/,
    'the name of a curve that every OpenSSL has',
    /[\s,:]+/,
  ),
  syntax: 'auto, or names of curves with colons',
  fallback: 'auto',
  about: 'Curves for ECDHE.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const DH_PARAM: Setting<{ readonly namespace: string; readonly name: string }> = {
  key: 'ssl-dh-param',
  grammar: reference,
  ...BOTH,
  syntax: 'NAMESPACE/NAME of a Secret with the key dhparam.pem',
  fallback: '',
  about: 'Parameters for DHE.',
};

const EARLY_DATA: Setting<boolean> = {
  key: 'ssl-early-data',
  ...BOOL,
  fallback: 'false',
  about: 'Take requests in the first packet of TLS 1.3, which others may send again.',
  nginx: HONOURED,
  haproxy: differs('a request in early data waits until the handshake has ended before it goes to the endpoint'),
};

const BUFFER_SIZE: Setting<string> = {
  key: 'ssl-buffer-size',
  ...SIZE,
  ...BOTH,
  fallback: '4k',
  about: 'Largest piece of an answer that is encrypted at once.',
};

const SESSION_CACHE: Setting<boolean> = {
  key: 'ssl-session-cache',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'Keep TLS sessions, for clients that come again.',
};

const SESSION_CACHE_SIZE: Setting<string> = {
  key: 'ssl-session-cache-size',
  ...SIZE,
  fallback: '10m',
  about: 'Size of that cache.',
  nginx: HONOURED,
  haproxy: differs('taken as sessions of 256 bytes'),
};

const SESSION_TIMEOUT: Setting<number> = {
  key: 'ssl-session-timeout',
  ...DURATION,
  ...BOTH,
  fallback: '10m',
  about: 'How long a session may be used again.',
};

const TICKETS: Setting<boolean> = {
  key: 'ssl-session-tickets',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Have clients keep their sessions themselves.',
};

const TICKET_KEY = 'a key in a ConfigMap is no secret: each proxy makes its own at every start';

const TICKET_KEY_SETTING: Setting<string> = {
  key: 'ssl-session-ticket-key',
  grammar: matching(/^[A-Za-z0-9+/=]*$/, 'base64'),
  syntax: 'base64',
  fallback: '',
  about: 'Key for session tickets.',
  nginx: unsupported(TICKET_KEY),
  haproxy: unsupported(TICKET_KEY),
};

const REJECT: Setting<boolean> = {
  key: 'ssl-reject-handshake',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Refuse the handshake for names of no host, in place of the default certificate.',
};

const OCSP =
  'stapling needs a resolver and certificates that name a responder, and public authorities have given it up';

const ENABLE_OCSP: Setting<boolean> = {
  key: 'enable-ocsp',
  ...BOOL,
  fallback: 'false',
  about: 'Staple answers of OCSP.',
  nginx: unsupported(OCSP),
  haproxy: unsupported(OCSP),
};

const HSTS: Setting<boolean> = {
  key: 'hsts',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'Answers over TLS have Strict-Transport-Security, in place of that of the endpoint.',
};

const HSTS_MAX_AGE: Setting<number> = {
  key: 'hsts-max-age',
  grammar: integer(0, 9_999_999_999),
  syntax: 'number of seconds',
  ...BOTH,
  fallback: '31536000',
  about: 'How long clients keep to https.',
};

const HSTS_SUBDOMAINS: Setting<boolean> = {
  key: 'hsts-include-subdomains',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'Subdomains, too.',
};

const HSTS_PRELOAD: Setting<boolean> = {
  key: 'hsts-preload',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Browsers may have the host in their lists.',
};

const PROXY_SSL: Setting<boolean> = {
  key: 'proxy-ssl-location-only',
  ...BOOL,
  fallback: 'false',
  about: 'Settings of TLS to endpoints are those of their own path only.',
  nginx: differs('always so: each path has its own'),
  haproxy: differs('always so: each path has its own'),
};

const DYNAMIC_RECORDS: Setting<boolean> = {
  key: 'enable-dynamic-tls-records',
  ...BOOL,
  fallback: 'false',
  about: 'Smaller TLS records at first; ingress-nginx has it no more.',
  nginx: needsModule('dynamic-tls-records', 'a patch of nginx that no release has'),
  haproxy: unsupported('HAProxy does so by itself: see tune.ssl.maxrecord'),
};

export const TLS: SettingGroup = {
  name: 'TLS',
  settings: [
    PROTOCOLS,
    CIPHERS,
    CURVES,
    DH_PARAM,
    EARLY_DATA,
    BUFFER_SIZE,
    SESSION_CACHE,
    SESSION_CACHE_SIZE,
    SESSION_TIMEOUT,
    TICKETS,
    TICKET_KEY_SETTING,
    REJECT,
    ENABLE_OCSP,
    HSTS,
    HSTS_MAX_AGE,
    HSTS_SUBDOMAINS,
    HSTS_PRELOAD,
    PROXY_SSL,
    DYNAMIC_RECORDS,
  ],
  read: (values) => {
    values.get(TICKET_KEY_SETTING);
    values.get(ENABLE_OCSP);
    values.get(DYNAMIC_RECORDS);
    const ciphers = values.get(CIPHERS);
    return {
      settings: said<Partial<ProxySettings>>({
        tlsProtocols: values.get(PROTOCOLS),
        tlsCiphers: ciphers,
        tlsPreferServerCiphers: ciphers === undefined ? undefined : true,
        tlsCurves: values.get(CURVES)?.filter((name) => name !== 'auto'),
        tlsSessionCacheSize: cacheSize(values),
        tlsSessionTimeout: sessionTimeout(values),
        tlsSessionTickets: values.get(TICKETS),
        tlsEarlyData: values.get(EARLY_DATA),
        tlsBufferSize: within(values.get(BUFFER_SIZE), MEMORY),
        tlsRejectUnknown: values.get(REJECT),
        dhParameters: dhParameters(values),
        hsts: hsts(values),
      }),
    };
  },
};

/** nginx takes no cache under 32k. */
function cacheSize(values: SettingReader): string | undefined {
  const size = values.get(SESSION_CACHE_SIZE);
  return values.get(SESSION_CACHE) === false ? '0' : within(size, { least: 64 * 1024, most: 1024 ** 3 });
}

const YEAR = 31_536_000;

function sessionTimeout(values: SettingReader): number | undefined {
  const seconds = values.get(SESSION_TIMEOUT);
  return seconds === undefined ? undefined : Math.min(YEAR, Math.max(1, seconds));
}

function hsts(values: SettingReader): string | undefined {
  const isOn = values.get(HSTS);
  const maxAge = values.get(HSTS_MAX_AGE) ?? 31_536_000;
  const [subdomains, preload] = [values.get(HSTS_SUBDOMAINS) ?? true, values.get(HSTS_PRELOAD) ?? false];
  if (isOn !== true) return undefined;
  return `max-age=${maxAge}${subdomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`;
}

const DH = /^\s*(-----BEGIN DH PARAMETERS-----\n[A-Za-z0-9+/=\n]+-----END DH PARAMETERS-----)\s*$/;

function dhParameters(values: SettingReader): string | undefined {
  const name = values.get(DH_PARAM);
  if (name === undefined) return undefined;
  const secret = values.lookup.secret(name);
  const encoded = secret?.data['dhparam.pem'];
  if (encoded === undefined) {
    values.refuse(DH_PARAM, secret === undefined ? 'does not exist' : 'has no key dhparam.pem');
    return undefined;
  }
  const text = DH.exec(Buffer.from(encoded, 'base64').toString('latin1').replaceAll('\r\n', '\n'))?.[1];
  if (text === undefined) values.refuse(DH_PARAM, 'holds no DH PARAMETERS in PEM');
  if (text === undefined) return undefined;
  return values.lookup.addFile({ kind: 'pem', text: `${text}\n`, source: values.sourceOf(DH_PARAM) }, 'pem');
}
