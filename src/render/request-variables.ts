import { FASTCGI_VARIABLES, isRequestVariable, piecesOf } from '../model/request-variables.ts';
import { haproxyFormat } from './quoting.ts';

/*
 * Texts with variables of the request, such as `${request_uri}-a`, in the languages of the proxies. Only what
 * model/request-variables.ts lists becomes a variable; a `$` that is anything else is refused.
 */

/** Variables that our own templates define. */
const OWN = /^(?:sluice_[a-z0-9_]+|request_id|upstream_addr|http_cookie|is_args|remote_user)$/;

/** Variables of ingress-nginx that the pack has under other names. */
const ALIASES: Readonly<Record<string, string>> = {
  escaped_request_uri: 'sluice_escaped_uri',
  pass_access_scheme: 'sluice_scheme',
  best_http_host: 'sluice_host',
  req_id: 'sluice_request_id',
  the_real_ip: 'remote_addr',
};

/**
 * A double-quoted nginx string in which `$name` and `${name}` are variables: those of a request, and those that the pack
 * defines itself.
 */
export function nginxExpression(...parts: readonly string[]): string {
  const text = parts.join('');
  const pieces = piecesOf(text) ?? [];
  const isKnown = pieces.length > 0 || text === '';
  const quoted = pieces.map((piece) => {
    if ('text' in piece) return plain(piece.text);
    const name = ALIASES[piece.variable] ?? piece.variable;
    if (!isKnownVariable(name) && !OWN.test(name)) throw unknown(name);
    return `\${${name}}`;
  });
  if (!isKnown) throw new RangeError(`nginx cannot express "$" in ${JSON.stringify(text)}`);
  return `"${quoted.join('')}"`;
}

function plain(text: string): string {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)) throw new RangeError('control character in a text');
  return text.replace(/["\\]/g, '\\$&');
}

const SAMPLES: Readonly<Record<string, string>> = {
  args: 'query',
  query_string: 'query',
  binary_remote_addr: 'src',
  remote_addr: 'src',
  host: 'var(txn.host)',
  server_name: 'var(txn.host)',
  http_host: 'req.fhdr(host)',
  request_method: 'method',
  request_uri: 'pathq',
  scheme: 'var(txn.scheme)',
  uri: 'var(txn.path)',
  content_length: 'req.fhdr(content-length)',
  content_type: 'req.fhdr(content-type)',
  document_uri: 'path',
  fastcgi_script_name: 'path',
  best_http_host: 'var(txn.host)',
  pass_access_scheme: 'var(txn.scheme)',
  req_id: 'var(txn.request_id)',
  request_id: 'var(txn.request_id)',
  the_real_ip: 'src',
};

function isKnownVariable(name: string): boolean {
  return isRequestVariable(name) || FASTCGI_VARIABLES.includes(name);
}

/** The same as a log format of HAProxy. */
export function haproxyExpression(text: string): string {
  const pieces = piecesOf(text);
  if (pieces === undefined) throw new RangeError(`${JSON.stringify(text)} has a "$" that begins no variable`);
  const words = pieces.map((piece) =>
    'text' in piece ? haproxyFormat(piece.text).slice(1, -1) : `%[${sampleOf(piece.variable)}]`,
  );
  return `'${words.join('')}'`;
}

function sampleOf(variable: string): string {
  if (Object.hasOwn(SAMPLES, variable)) return SAMPLES[variable] ?? '';
  if (!isKnownVariable(variable)) throw unknown(variable);
  const [, kind, name = ''] = /^(http|cookie|arg)_(\w+)$/.exec(variable) ?? [];
  if (kind === 'http') return `req.fhdr(${name.toLowerCase().replaceAll('_', '-')})`;
  return kind === 'cookie' ? `req.cook(${name})` : `url_param(${name})`;
}

function unknown(variable: string): RangeError {
  return new RangeError(`${JSON.stringify(variable)} is no variable that may be used`);
}
