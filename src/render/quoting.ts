/*
 * How a value becomes one token of a proxy's language. Each function throws a RangeError for a value that the language
 * cannot express: grammars have refused such values long before, this is the last barrier.
 */

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * A double-quoted nginx string. nginx has no way to write a `$` that is not a variable, so it is refused.
 * https://nginx.org/en/docs/dev/development_guide.html#core_config
 */
export function nginxString(value: string): string {
  if (value.includes('$')) throw new RangeError(`nginx cannot express "$" in ${JSON.stringify(value)}`);
  return nginxQuoted(value);
}

/**
 * A double-quoted nginx string in which the named variables stand for their values, and every other `$` is refused. `1` to
 * `9` are the groups of the regular expression that matched last.
 */
export function nginxVariables(value: string, ...names: readonly string[]): string {
  for (const [text, name = ''] of value.matchAll(/\$([1-9]|[A-Za-z_]\w*)?/g)) {
    if (!names.includes(name)) throw new RangeError(`nginx would expand ${text} in ${JSON.stringify(value)}`);
  }
  return nginxQuoted(value);
}

/** A double-quoted nginx regular expression, for places where nginx expands no variables (location, server_name). */
export function nginxRegex(...parts: readonly string[]): string {
  return nginxQuoted(parts.join(''));
}

/** Bytes with quotes. nginx reads a file in pieces of 4096 bytes, and takes no word that is longer (NGX_CONF_BUFFER). */
const LONGEST_NGINX_WORD = 4000;

function nginxQuoted(value: string): string {
  refuseControl(value);
  const quoted = `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (Buffer.byteLength(quoted) > LONGEST_NGINX_WORD)
    throw new RangeError(`nginx takes no word of ${quoted.length} characters`);
  return quoted;
}

/**
 * A word in single quotes of HAProxy, within which nothing but the quote means anything: no `$`, `%`, `#` or backslash. Not
 * for places that HAProxy reads as a log format, where `%` means something in any quotes.
 * https://docs.haproxy.org/2.6/configuration.html#2.2
 */
export function haproxyString(value: string): string {
  refuseControl(value);
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * The same where HAProxy reads a log format: in the value of a header, in a redirect.
 * https://docs.haproxy.org/2.6/configuration.html#8.2.4
 */
export function haproxyFormat(value: string): string {
  return haproxyString(value.replaceAll('%', '%%'));
}

/**
 * The first word of a line of a HAProxy map, or a name in a certificate list: up to a space; no comment, no negation, no
 * list of options.
 */
export function mapKey(value: string): string {
  if (/^[^#![ ]/.test(value) && !/[ \u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) return value;
  throw new RangeError(`${JSON.stringify(value)} cannot be a key of a map`);
}

/** A token of plain characters that stand for themselves in every proxy's language: names, addresses, enumerations. */
export function word(value: string): string {
  if (typeof value === 'string' && /^[A-Za-z0-9_.:/@[\]-]{1,2000}$/.test(value)) return value;
  throw new RangeError(`${JSON.stringify(value)} is not a plain word`);
}

/** A finite number in decimal digits. */
export function number(value: number): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new RangeError(`${JSON.stringify(value)} is not a number`);
}

/** Text for a comment: printable ASCII, anything else becomes `?`. A comment never ends early and never continues a line. */
export function comment(...parts: readonly string[]): string {
  return parts.join('').replace(/[^ -[\]-~]/g, '?');
}

const PEM = /^(?:-----BEGIN ([A-Z0-9 ]+)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n)+$/;

/** PEM blocks and nothing else, ending in a line feed. */
export function pem(value: string): string {
  if (PEM.test(value)) return value;
  throw new RangeError('the value is not PEM');
}

/** Neither a comment nor a space at its end: a space within is part of the name. */
const USER =
  '[^\\u0000-\\u0020\\u007f-\\u009f\\u2028\\u2029:#](?:[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029:]*[^\\u0000-\\u0020\\u007f-\\u009f\\u2028\\u2029:])?';
const HTPASSWD = new RegExp(`^(?:${USER}:[!-9;-~]+\\n)*$`);

/** Lines of `user:hash`, each with a line feed; none: nobody can log in. https://httpd.apache.org/docs/2.4/misc/password_encryptions.html */
export function htpasswd(value: string): string {
  if (HTPASSWD.test(value)) return value;
  throw new RangeError('the value is not a list of users and hashes');
}

/** One line of such a list. */
export interface HtpasswdUser {
  readonly name: string;
  /** A hash, or the password itself where `isPlain`. */
  readonly secret: string;
  readonly isPlain: boolean;
}

const PLAIN = '{PLAIN}';

/** The users of such a list, for proxies that want them in a form of their own. */
export function htpasswdUsers(value: string): readonly HtpasswdUser[] {
  const lines = htpasswd(value)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const at = line.indexOf(':');
    const hash = line.slice(at + 1);
    const isPlain = hash.startsWith(PLAIN);
    return { name: line.slice(0, at), secret: isPlain ? hash.slice(PLAIN.length) : hash, isPlain };
  });
}

function refuseControl(value: string): void {
  if (CONTROL.test(value)) throw new RangeError(`control character in ${JSON.stringify(value)}`);
}
