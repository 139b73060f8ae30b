import type { ProxySettings } from '../../../model/options.ts';
import { differs, HONOURED, unsupported } from '../../annotation.ts';
import { choice, integer, matching } from '../../grammar.ts';
import { listOf, logFormat } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const FORMAT: Setting<string> = {
  key: 'log-format-upstream',
  grammar: logFormat,
  syntax: 'text with variables of nginx and ingress-nginx',
  fallback:
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id',
  about: 'Format of the access log, in place of that of --access-log.',
  nginx: differs('where sluice answers by itself, the names of Service and upstream are empty'),
  haproxy: differs('times are in milliseconds; `$remote_user` and what only nginx knows is `-`'),
};

const JSON_ESCAPE: Setting<boolean> = {
  key: 'log-format-escape-json',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Values are escaped for JSON.',
};

const NO_ESCAPE: Setting<boolean> = {
  key: 'log-format-escape-none',
  ...BOOL,
  fallback: 'false',
  about: 'Values are not escaped at all.',
  nginx: HONOURED,
  haproxy: unsupported('a client could write lines of its own into the log'),
};

const STDOUT_ONLY = 'HAProxy writes to its standard output, or to /dev/stderr';
const LOG_FILE = matching(/^\/[!-#%-~]{1,500}$/, 'an absolute path without "$"');
/** A link to standard output in the image of ingress-nginx. */
const LINKED = '/var/log/nginx/access.log';

const PATH: Setting<string> = {
  key: 'access-log-path',
  grammar: LOG_FILE,
  syntax: 'absolute path',
  fallback: LINKED,
  keeps: 'it is a link to the standard output, where --access-log-path leads',
  about: 'Where the access log goes.',
  nginx: differs(`${LINKED} is where --access-log-path leads, as it is a link to the standard output in ingress-nginx`),
  haproxy: differs(STDOUT_ONLY),
};

const HTTP_PATH: Setting<string> = {
  ...PATH,
  key: 'http-access-log-path',
  fallback: '',
  about: 'The same; goes before it.',
};

const PARAMETERS: Setting<readonly string[]> = {
  key: 'access-log-params',
  grammar: listOf(
    /^(?:buffer=\d{1,6}[kKmM]?|gzip(?:=[1-9])?|flush=\d{1,6}(?:ms|s|m|h)?)$/,
    'buffer=SIZE, gzip=LEVEL or flush=TIME',
  ),
  syntax: 'buffer=SIZE gzip=LEVEL flush=TIME',
  fallback: '',
  about: 'How it is written.',
  nginx: HONOURED,
  haproxy: unsupported(STDOUT_ONLY),
};

const DISABLE: Setting<boolean> = {
  key: 'disable-access-log',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'No access log.',
};

const DISABLE_HTTP: Setting<boolean> = { ...DISABLE, key: 'disable-http-access-log', about: 'The same.' };

const SKIP: Setting<readonly string[]> = {
  key: 'skip-access-log-urls',
  grammar: listOf(/^\/[!-#%-~]{0,900}$/, 'a URI that starts with a slash', /,/),
  ...BOTH,
  syntax: 'URIs with commas',
  fallback: '',
  about: 'Requests for exactly these are not logged.',
};

const LEVEL = {
  key: 'error-log-level',
  grammar: choice('debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'),
  syntax: 'debug, info, notice, warn, error, crit, alert or emerg',
  fallback: 'notice',
  about: 'Least severe message of the error log.',
  nginx: differs('alert and emerg are crit'),
  haproxy: unsupported('HAProxy tells of its own errors at its start only'),
} as const satisfies Setting<string>;

const STDERR = unsupported('sluice reads the error log, to tell what is wrong: it goes to the standard error');

const ERROR_PATH: Setting<string> = {
  key: 'error-log-path',
  grammar: LOG_FILE,
  syntax: 'absolute path',
  fallback: '/var/log/nginx/error.log',
  about: 'Where the error log goes.',
  nginx: STDERR,
  haproxy: STDERR,
};

const SYSLOG: Setting<boolean> = {
  key: 'enable-syslog',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'The access log goes to a syslog server.',
};

const SYSLOG_HOST: Setting<string> = {
  key: 'syslog-host',
  grammar: matching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$|^\[[0-9a-fA-F:]{2,45}\]$/, 'a host or an IP address'),
  ...BOTH,
  syntax: 'host or IP address',
  fallback: '',
  about: 'That server. A name must resolve, or the proxy refuses the configuration.',
};

const SYSLOG_PORT: Setting<number> = {
  key: 'syslog-port',
  grammar: integer(1, 65_535),
  ...BOTH,
  syntax: 'port',
  fallback: '514',
  about: 'Its port.',
};

const DEFAULT_BACKEND: Setting<boolean> = {
  key: 'enable-access-log-for-default-backend',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Requests for hosts of no Ingress, which end at the default backend, are logged.',
};

const AUTH_LOG: Setting<boolean> = {
  key: 'enable-auth-access-log',
  ...BOOL,
  fallback: 'false',
  about: 'Requests of external authentication are logged.',
  nginx: unsupported('they belong to the request that they are made for'),
  haproxy: unsupported('HAProxy makes none'),
};

export const LOGGING: SettingGroup = {
  name: 'Logs',
  settings: [
    FORMAT,
    JSON_ESCAPE,
    NO_ESCAPE,
    PATH,
    HTTP_PATH,
    PARAMETERS,
    DISABLE,
    DISABLE_HTTP,
    SKIP,
    LEVEL,
    ERROR_PATH,
    SYSLOG,
    SYSLOG_HOST,
    SYSLOG_PORT,
    DEFAULT_BACKEND,
    AUTH_LOG,
  ],
  read: (values) => {
    values.get(ERROR_PATH);
    values.get(AUTH_LOG);
    const isOff = [values.get(DISABLE), values.get(DISABLE_HTTP)].includes(true);
    const level = values.get(LEVEL);
    const settings = said<Partial<ProxySettings>>({
      accessLog: isOff ? 'off' : undefined,
      accessLogPath: path(values),
      logFormat: values.get(FORMAT),
      logEscape: escape(values),
      accessLogParameters: parameters(values),
      unloggedUrls: values.get(SKIP),
      logDefaultBackend: values.get(DEFAULT_BACKEND),
      errorLogLevel: level === 'alert' || level === 'emerg' ? 'crit' : level,
      syslog: syslog(values),
    });
    return { settings };
  },
};

/** nginx flushes a buffer only. */
function parameters(values: SettingReader): readonly string[] | undefined {
  const words = values.get(PARAMETERS);
  const isBuffered = words?.some((word) => /^(?:buffer=|gzip)/.test(word)) === true;
  if (isBuffered || words?.some((word) => word.startsWith('flush=')) !== true) return words;
  values.refuse(PARAMETERS, 'has flush= without buffer= or gzip');
  return undefined;
}

function path(values: SettingReader): string | undefined {
  const found = values.get(HTTP_PATH) ?? values.get(PATH);
  return found === LINKED || found === '/dev/stdout' ? undefined : found;
}

function escape(values: SettingReader): 'default' | 'json' | 'none' | undefined {
  const [json, none] = [values.get(JSON_ESCAPE), values.get(NO_ESCAPE)];
  if (json === true) return 'json';
  return none === true ? 'none' : undefined;
}

function syslog(values: SettingReader): string | undefined {
  const [isOn, host, port] = [values.get(SYSLOG), values.get(SYSLOG_HOST), values.get(SYSLOG_PORT) ?? 514];
  if (isOn !== true) return undefined;
  if (host === undefined) values.refuse(SYSLOG, 'needs syslog-host');
  return host === undefined ? undefined : `${host}:${port}`;
}
