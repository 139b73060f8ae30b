import ipaddr from 'ipaddr.js';
import { quoteText } from '../model/diagnostics.ts';
import type { Grammar, Parsed } from './annotation.ts';
import { patternProblem } from './pcre.ts';

/*
 * Grammars of annotation values, after those of ingress-nginx (internal/ingress/annotations/parser/validators.go), but always
 * anchored and never with control characters. A value that passes has no more meaning than its grammar says.
 */

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

const LONGEST = 4096;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** The text itself, when all of it fits. @param is completes "is not …" */
export function matching(pattern: RegExp, is: string): Grammar<string> {
  return (text) => {
    const value = text.trim();
    if (value.length > LONGEST) return bad(`is longer than ${LONGEST} characters`);
    if (CONTROL.test(value)) return bad('holds a control character or a line break');
    return pattern.test(value) ? good(value) : bad(`is not ${is}`);
  };
}

/** As Go's ParseBool: https://pkg.go.dev/strconv#ParseBool */
export const bool: Grammar<boolean> = (text) => {
  const value = text.trim();
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return good(true);
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return good(false);
  return bad('is not true or false');
};

export function integer(least: number, most: number): Grammar<number> {
  return (text) => {
    const value = text.trim();
    if (!/^[+-]?\d{1,15}$/.test(value)) return bad('is not a whole number');
    const number = Number(value);
    return number < least || number > most ? bad(`is not a number from ${least} to ${most}`) : good(number);
  };
}

/** Seconds, as many as nginx can hold in milliseconds. */
export const seconds = integer(0, 2_000_000);

/** One of some words. */
export function choice<const T extends string>(...words: readonly T[]): Grammar<T> {
  return (text) => {
    const value = text.trim();
    const found = words.find((word) => word === value);
    return found === undefined ? bad(`is not one of ${words.join(', ')}`) : good(found);
  };
}

/** As `choice`, in upper or lower case. */
export function choiceAnyCase<const T extends string>(...words: readonly T[]): Grammar<T> {
  return (text) => {
    const value = text.trim().toLowerCase();
    const found = words.find((word) => word.toLowerCase() === value);
    return found === undefined ? bad(`is not one of ${words.join(', ')}`) : good(found);
  };
}

export const onOff = choice('on', 'off');

/** `8k`, `1m`, `0`; nginx: ngx_parse_size, with the `b` that ingress-nginx takes for no unit at all left out. */
export const size: Grammar<string> = (text) => {
  const value = text.replaceAll(' ', '').toLowerCase();
  return /^\d{1,9}[kmg]?b?$/.test(value) ? good(value.replace('b', '')) : bad('is not a size such as 8k, 1m or 0');
};

/** IP addresses and CIDRs with commas between them; every one in its shortest form, host bits cleared. */
export const cidrs: Grammar<readonly string[]> = (text) => {
  const items = text.split(',').map((item) => item.trim());
  const parsed = items.filter((item) => item !== '').map(cidr);
  return parsed.find((item) => !item.ok) ?? good(parsed.flatMap((item) => (item.ok ? [item.value] : [])));
};

/** ipaddr.js takes `10.1`, too. */
const DOTTED = /^\d+\.\d+\.\d+\.\d+(?:\/|$)/;

function cidr(text: string): Parsed<string> {
  const problem = `holds ${quoteText(text)}, which is no IP address or CIDR`;
  // A zone, as in fe80::1%eth0, is of one machine, and no proxy takes it.
  if (text.includes('%')) return bad(problem);
  try {
    if (!text.includes('/')) return parseAddress(text);
    const [address, bits] = ipaddr.parseCIDR(text);
    if (address.kind() === 'ipv4' && !DOTTED.test(text)) return bad(problem);
    const network =
      address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
    return good(`${network.toString()}/${bits}`);
  } catch {
    return bad(problem);
  }
}

function parseAddress(text: string): Parsed<string> {
  const address = ipaddr.parse(text);
  if (address.kind() === 'ipv4' && !DOTTED.test(text)) return bad(`holds ${quoteText(text)}, which is no IP address`);
  return good(address.toString());
}

const BASIC = '/\\-._~a-zA-Z0-9:';

/** Letters, digits and `/-._~:`: BASIC of ingress-nginx. */
export const basic = matching(new RegExp(`^[${BASIC}]*$`), 'of letters, digits and /-._~: only');
/** BASIC with commas and spaces. */
export const extended = matching(new RegExp(`^[${BASIC}, ]*$`), 'of letters, digits, spaces and /-._~:, only');
/** BASIC with spaces. */
export const spaced = matching(new RegExp(`^[${BASIC} ]*$`), 'of letters, digits, spaces and /-._~: only');
/** A URL without variables. */
export const url = matching(/^[-._~a-zA-Z0-9/:,?&=]*$/, 'a URL of letters, digits and -._~/:,?&= only');
/** A URL with nginx variables. */
export const urlWithVariables = matching(/^[-._~a-zA-Z0-9/:,?&= $]*$/, 'a URL of letters, digits and -._~/:,?&=$ only');
/** nginx variables and plain text. */
export const nginxVariables = matching(
  /^[A-Za-z0-9\-_${}]*$/,
  'of letters, digits, -, _ and variables such as $uri only',
);
/** A path with `$1` to `$9`. */
export const pathWithGroups = matching(/^\/?[-._~a-zA-Z0-9/:$]*$/, 'a path of letters, digits and -._~/:$ only');
/** Names of headers with commas or spaces between them. */
export const headerNames = matching(/^[A-Za-z0-9\-_, ]*$/, 'a list of header names');
/** What ingress-nginx takes for a regular expression. */
export const regularExpression: Grammar<string> = (text) => {
  const plain = matching(
    /^[/\-._~a-zA-Z0-9:^$[\](){}*+?|&=\\]*$/,
    'a regular expression without spaces and quotes',
  )(text);
  if (!plain.ok) return plain;
  const problem = patternProblem(plain.value);
  return problem === undefined ? plain : bad(problem);
};
/** A host name, or another name without spaces and quotes. */
export const serverName = regularExpression;
/** Name of a Service in the own namespace. */
export const serviceName = matching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, 'the name of a Service');

export interface ObjectName {
  /** `undefined`: the own one. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `name` or `namespace/name`. */
export const objectName: Grammar<ObjectName> = (text) => {
  const [, namespace, name] = /^(?:([a-z0-9][-a-z0-9]{0,62})\/)?([a-z0-9][-.a-z0-9]{0,252})$/.exec(text.trim()) ?? [];
  return name === undefined ? bad('is not NAME or NAMESPACE/NAME') : good({ namespace, name });
};

/** Name of a cookie, of characters that need no quotes in any proxy. */
export const cookieName = matching(/^[A-Za-z0-9._-]{1,64}$/, 'the name of a cookie: letters, digits and -._ only');

/** Of words of nginx, which are 4,000 bytes at most, each backslash takes two. */
const LONGEST_WORD = 1900;

/** For texts that become one word of a proxy's configuration together with other text. */
export function inOneWord(grammar: Grammar<string>): Grammar<string> {
  return (text) => {
    const parsed = grammar(text);
    if (!parsed.ok || parsed.value.length <= LONGEST_WORD) return parsed;
    return bad(`is longer than ${LONGEST_WORD} characters`);
  };
}
