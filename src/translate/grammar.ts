import { patternProblem } from '../features/pcre.ts';
import { literalPattern } from '../model/pattern.ts';

/** A value that fits its grammar, or what is wrong with it, to be put after the quoted value: `"x" is not …`. */
export type Parsed = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
const LOOKS_LIKE_IPV4 = /^\d+(\.\d+){3}$/;
const LONGEST_HOST = 253;

/**
 * A host of spec.rules or spec.tls: a DNS name in lower case, or `*.` and a DNS name.
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/#IngressRule
 */
export function parseHost(text: string): Parsed {
  if (text.length > LONGEST_HOST) return bad(`is longer than ${LONGEST_HOST} characters`);
  if (LOOKS_LIKE_IPV4.test(text)) return bad('is an IP address, which a rule cannot name');
  if (HOST.test(text)) return { ok: true, value: text };
  if (HOST.test(lowerAscii(text))) return bad('has upper case letters; write it in lower case');
  return bad('is not a DNS name such as shop.example.com or *.example.com');
}

/** Printable ASCII that needs no care in any proxy's language and means only itself in a URL path. */
const PATH = /^\/[A-Za-z0-9\-._~!&()*+,=:@/%]*$/;
const NOT_IN_PATH = /[^A-Za-z0-9\-._~!&()*+,=:@/%]/u;
/** A proxy's configuration lines are limited (nginx: 4096 bytes a token). */
const LONGEST_PATH = 1024;
/** What a path may hold both plain and encoded: one form for both, because proxies compare decoded paths. */
const PLAIN = /[A-Za-z0-9\-._~!&()*+,=:@]/;

/**
 * A path of a rule, with percent-encoding brought to one form: what can be plain is plain, hexadecimal digits are in upper
 * case. That goes further than RFC 3986, 6.2.2: to a proxy, which decodes what it compares, `/a%2Bb` and `/a+b` are one path,
 * and nginx refuses a configuration that has it twice. An empty path is `/`. Refused is what the API server refuses, too (`//`, `/../`, `%2F`), and
 * what a request can only hold percent-encoded.
 */
export function parsePath(text: string): Parsed {
  if (text === '') return { ok: true, value: '/' };
  if (!text.startsWith('/')) return bad('does not start with "/"');
  if (text.length > LONGEST_PATH) return bad(`is longer than ${LONGEST_PATH} characters`);
  if (!PATH.test(text)) return bad(`holds ${nameOf(NOT_IN_PATH.exec(text)?.[0])}, which a path cannot hold`);
  return parseEncoded(text);
}

/** Printable ASCII: the proxies compare bytes. */
const REGEX_PATH = /^\/[ -~]*$/;

/** A path of an Ingress whose annotations make a regular expression of it. An empty path is `/`. */
export function parseRegexPath(text: string): Parsed {
  if (text === '') return { ok: true, value: '/' };
  if (!text.startsWith('/')) return bad('does not start with "/"');
  if (text.length > LONGEST_PATH) return bad(`is longer than ${LONGEST_PATH} characters`);
  if (!REGEX_PATH.test(text))
    return bad(`holds ${nameOf(/[^ -~]/u.exec(text)?.[0])}, which a regular expression cannot hold`);
  const problem = patternProblem(text);
  return problem === undefined ? { ok: true, value: text } : bad(problem);
}

/**
 * A plain path as a regular expression, where another Ingress makes one of every path of the host. Like ingress-nginx, it is
 * one as it is written, with dots for any character; but not when it is no expression, or one for a decoded path.
 * @param text a path that parsePath takes
 */
export function patternOfPath(text: string): string {
  return text.includes('%') || patternProblem(text) !== undefined ? literalPattern(decodeURIComponent(text)) : text;
}

function parseEncoded(text: string): Parsed {
  const decoded = decode(text);
  if (decoded === undefined) return bad('holds a "%" that is not the start of percent-encoded UTF-8');
  if (/%2f/i.test(text)) return bad('holds "%2F", which the API server refuses in a path');
  const awkward = /[\u0000-\u001f\u007f-\u009f\u2028\u2029$]/.exec(decoded);
  if (awkward !== null) return bad(`holds ${nameOf(awkward[0])} in percent-encoding, which no proxy can match`);
  const value = text.replace(/%[0-9a-f]{2}/gi, canonicalOctet);
  if (/\/\/|\/\.\.?(?:\/|$)/.test(value)) return bad('holds "//", "/./" or "/../"; write the path without them');
  return { ok: true, value };
}

function canonicalOctet(octet: string): string {
  const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
  return PLAIN.test(character) ? character : octet.toUpperCase();
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Lower case of ASCII only: `toLowerCase` makes a plain `k` of the sign for Kelvin (U+212A). */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function nameOf(character: string | undefined): string {
  if (character === undefined) return 'a character';
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[!-~]$/.test(character) ? `"${character}"` : code;
}

function bad(problem: string): Parsed {
  return { ok: false, problem };
}
