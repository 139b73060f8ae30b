import { isLogVariable, isTimelyVariable } from '../model/log-variables.ts';
import { piecesOf, type Piece } from '../model/request-variables.ts';
import { textArgument } from './helpers/arguments.ts';
import { haproxyFormat } from './quoting.ts';

/*
 * Log formats and values of headers with the variables of model/log-variables.ts, in the languages of the proxies. Nothing
 * else becomes a variable.
 */

/** Variables of ingress-nginx, as the nginx pack has them. */
const IN_NGINX: Readonly<Record<string, string>> = {
  req_id: 'sluice_request_id',
  request_id: 'sluice_request_id',
  the_real_ip: 'remote_addr',
  best_http_host: 'sluice_host',
  pass_access_scheme: 'sluice_scheme',
  pass_server_port: 'sluice_port',
  namespace: 'sluice_namespace',
  ingress_name: 'sluice_ingress_name',
  service_name: 'sluice_service_name',
  service_port: 'sluice_service_port',
  location_path: 'sluice_location',
  proxy_upstream_name: 'sluice_upstream_name',
  proxy_alternative_upstream_name: 'sluice_alternative_upstream_name',
};

/** A double-quoted nginx string in which `${name}` are variables that a log may have. */
export function nginxLog(text: string): string {
  const quoted = known(text).map((piece) => {
    if ('variable' in piece) return `\${${IN_NGINX[piece.variable] ?? piece.variable}}`;
    return piece.text.replace(/["\\]/g, '\\$&');
  });
  return `"${quoted.join('')}"`;
}

const NOTHING = '-';

/** What HAProxy has no sample for but a tag. https://docs.haproxy.org/2.6/configuration.html#8.2.4 */
const TAGS: Readonly<Record<string, string>> = {
  body_bytes_sent: '%B',
  bytes_sent: '%B',
  connection: '%rt',
  connection_requests: NOTHING,
  hostname: '%H',
  pipe: NOTHING,
  remote_port: '%cp',
  remote_user: NOTHING,
  request_length: '%U',
  request_time: '%Ta',
  server_addr: '%fi',
  server_port: '%fp',
  server_protocol: '%HV',
  ssl_cipher: '%sslc',
  ssl_protocol: '%sslv',
  status: '%ST',
  time_iso8601: '%[date,utime(%Y-%m-%dT%H:%M:%S+00:00)]',
  time_local: '%trl',
  msec: '%[date]',
  upstream_addr: '%si:%sp',
  upstream_bytes_received: '%B',
  upstream_bytes_sent: '%U',
  upstream_cache_status: NOTHING,
  upstream_connect_time: '%Tc',
  upstream_header_time: '%Tr',
  upstream_response_length: '%B',
  upstream_response_time: '%Tr',
  upstream_status: '%ST',
  proxy_alternative_upstream_name: '',
  location_path: NOTHING,
  content_length: NOTHING,
  content_type: NOTHING,
};

/** What does not come from the client. */
const SAMPLES: Readonly<Record<string, string>> = {
  binary_remote_addr: 'src',
  remote_addr: 'src',
  the_real_ip: 'src',
  request_method: 'method',
  scheme: 'var(txn.scheme)',
  pass_access_scheme: 'var(txn.scheme)',
  pass_server_port: 'dst_port',
  namespace: 'var(txn.route),field(3,|),field(1,/)',
  ingress_name: 'var(txn.route),field(3,|),field(2,/)',
  proxy_host: 'be_name',
  service_name: 'be_name,field(2,_)',
  service_port: 'be_name,field(3,_),field(1,.)',
};

/** What comes from the client, kept while the request is there. */
const KEPT: Readonly<Record<string, string>> = {
  args: 'query',
  query_string: 'query',
  best_http_host: 'req.fhdr(host)',
  host: 'var(txn.host)',
  server_name: 'var(txn.host)',
  ssl_server_name: 'ssl_fc_sni',
  http_host: 'req.fhdr(host)',
  req_id: 'var(txn.request_id)',
  request_id: 'var(txn.request_id)',
  request_uri: 'pathq',
  uri: 'var(txn.path)',
};

export type Escape = 'default' | 'json' | 'none';

/** A log format of HAProxy, in quotes. */
export function haproxyLog(text: string, escape: Escape): string {
  const pieces = known(text);
  const words = pieces.map((piece, index) => {
    if ('variable' in piece) return logTag(piece.variable, escape, isQuoted(pieces, index));
    const from = piece.text.startsWith('"') && escape === 'json' && isQuoted(pieces, index - 1) ? 1 : 0;
    const to = piece.text.endsWith('"') && escape === 'json' && isQuoted(pieces, index + 1) ? -1 : undefined;
    return haproxyFormat(piece.text.slice(from, to)).slice(1, -1);
  });
  return `'${words.join('')}'`;
}

/** Whether a variable that is kept stands alone between quotes: only those of HAProxy itself stay empty for an empty value. */
function isQuoted(pieces: readonly Piece[], index: number): boolean {
  const [before, piece, after] = [pieces[index - 1], pieces[index], pieces[index + 1]];
  if (piece === undefined || !('variable' in piece) || sampleOf(piece.variable) === undefined) return false;
  if (before === undefined || after === undefined || !('text' in before) || !('text' in after)) return false;
  return before.text.endsWith('"') && after.text.startsWith('"') && after.text !== '"';
}

/** As nginx escapes by default. The sample is in quotes of HAProxy, and what is to be put in is no back-reference. */
const LIKE_NGINX = String.raw`regsub("\\\\","\\\\x5C",g),regsub("\"","\\\\x22",g)`;

function logTag(variable: string, escape: Escape, isQuoted: boolean): string {
  if (variable === 'proxy_upstream_name')
    return '%[be_name,field(1,_)]-%[be_name,field(2,_)]-%[be_name,field(3,_),field(1,.)]';
  if (variable === 'request') return `%HM ${logTag('request_uri', escape, false)} %HV`;
  const own = TAGS[variable] ?? (SAMPLES[variable] === undefined ? undefined : `%[${SAMPLES[variable]}]`);
  if (own !== undefined) return own;
  if (/^(?:sent|upstream)_http_/.test(variable)) return NOTHING;
  const kept = `var(txn.v_${keptName(variable)})`;
  if (escape === 'json') return `%${isQuoted ? '{+Q}' : ''}[${kept},json(utf8s)]`;
  return `%[${kept},${LIKE_NGINX}]`;
}

/** The value of a header for HAProxy, in quotes. */
export function haproxyHeader(text: string): string {
  const words = known(text).map((piece) => {
    if ('text' in piece) return haproxyFormat(piece.text).slice(1, -1);
    if (!isTimelyVariable(piece.variable)) throw unknown(piece.variable);
    const own =
      TAGS[piece.variable] ?? (SAMPLES[piece.variable] === undefined ? undefined : `%[${SAMPLES[piece.variable]}]`);
    return own ?? `%[var(txn.v_${keptName(piece.variable)})]`;
  });
  return `'${words.join('')}'`;
}

export interface KeptVariable {
  readonly name: string;
  readonly sample: string;
}

/** What has to be kept of a request for such texts, by name. */
export function keptVariables(...texts: readonly unknown[]): readonly KeptVariable[] {
  const found = new Map<string, string>();
  for (const text of texts.flat()) {
    for (const piece of known(textArgument('keptVariables', text))) {
      const variable = 'variable' in piece ? (piece.variable === 'request' ? 'request_uri' : piece.variable) : '';
      const sample = sampleOf(variable);
      if (sample !== undefined) found.set(keptName(variable), sample);
    }
  }
  return [...found].sort().map(([name, sample]) => ({ name, sample }));
}

function keptName(variable: string): string {
  return variable.toLowerCase();
}

function sampleOf(variable: string): string | undefined {
  if (KEPT[variable] !== undefined) return KEPT[variable];
  if (TAGS[variable] !== undefined || SAMPLES[variable] !== undefined) return undefined;
  const [, kind, name = ''] = /^(http|cookie|arg)_(\w+)$/.exec(variable) ?? [];
  if (kind === 'http') return `req.fhdr(${name.toLowerCase().replaceAll('_', '-')})`;
  if (kind === 'cookie') return `req.cook(${name})`;
  return kind === 'arg' ? `url_param(${name})` : undefined;
}

function known(text: string): readonly Piece[] {
  const pieces = piecesOf(text);
  if (pieces === undefined) throw new RangeError(`${JSON.stringify(text)} has a "$" that begins no variable`);
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)) throw new RangeError('control character in a text');
  for (const piece of pieces) {
    if ('variable' in piece && !isLogVariable(piece.variable)) throw unknown(piece.variable);
  }
  return pieces;
}

function unknown(variable: string): RangeError {
  return new RangeError(`${JSON.stringify(variable)} is no variable that may be used`);
}
