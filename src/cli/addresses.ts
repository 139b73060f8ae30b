import ipaddr from 'ipaddr.js';
import type { DefaultBackend, SecretName } from '../model/options.ts';
import type { Parsed } from './values.ts';

const NAME = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
const HOST = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const OBJECT = new RegExp(`^(${NAME})/(${NAME})$`);
const BACKEND = new RegExp(`^(${NAME})/(${NAME})(?::([a-z0-9-]{1,15}|\\d{1,5}))?$`);

function bad(what: string, text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: `expected ${what}, got ${JSON.stringify(text)}` };
}

/** An IP address to listen on or to ask; IPv6 with or without brackets becomes bracketed. */
export function address(text: string): Parsed<string> {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return { ok: true, value: bare };
  if (ipaddr.IPv6.isValid(bare) && !bare.includes('%'))
    return { ok: true, value: `[${ipaddr.IPv6.parse(bare).toRFC5952String()}]` };
  return bad('an IP address', text);
}

/**
 * `10.0.0.0/8`, `fd00::/8`, or an address alone. IPv4 only as four decimal numbers: programs do not agree on what `010.0.0.1`
 * or `0x7f.1` is, and this is whom the proxy believes.
 */
export function cidr(text: string): Parsed<string> {
  const [bare = '', length, ...more] = text.split('/');
  const most = longestPrefix(bare);
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= most);
  return most > 0 && fits && more.length === 0 ? { ok: true, value: text } : bad('a CIDR such as 10.0.0.0/8', text);
}

/** Bits of an address; 0 for what is none. */
function longestPrefix(bare: string): number {
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return 32;
  return ipaddr.IPv6.isValid(bare) && !bare.includes('%') ? 128 : 0;
}

/** `namespace/name`. */
export function namespacedName(text: string): Parsed<SecretName> {
  const [, namespace, name] = OBJECT.exec(text) ?? [];
  if (namespace === undefined || name === undefined) return bad('NAMESPACE/NAME', text);
  return { ok: true, value: { namespace, name } };
}

/** `namespace/name` of a Secret. */
export function secretName(text: string): Parsed<SecretName> {
  const parsed = namespacedName(text);
  return parsed.ok ? parsed : bad('NAMESPACE/NAME of a Secret', text);
}

/** An IP address, without brackets, or a DNS name. */
export function hostOrAddress(text: string): Parsed<string> {
  const parsed = address(text);
  if (parsed.ok) return { ok: true, value: parsed.value.replace(/^\[|\]$/g, '') };
  const isName = text.length <= 253 && HOST.test(text) && !/^[\d.]+$/.test(text);
  return isName ? { ok: true, value: text } : bad('an IP address or a DNS name', text);
}

/** `namespace/service:port`, the port by number or name. */
export function defaultBackend(text: string): Parsed<DefaultBackend> {
  const [, namespace, name, port] = BACKEND.exec(text) ?? [];
  if (namespace === undefined || name === undefined) return bad('NAMESPACE/SERVICE:PORT', text);
  if (port === undefined) return { ok: true, value: { namespace, name, port } };
  const reference = /^\d+$/.test(port) ? { number: Number(port) } : { name: port };
  return { ok: true, value: { namespace, name, port: reference } };
}

/** `UID:GID`, in numbers: names differ between containers. */
export function owner(text: string): Parsed<{ readonly uid: number; readonly gid: number }> {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (uid === undefined || gid === undefined) return bad('UID:GID in numbers', text);
  return { ok: true, value: { uid: Number(uid), gid: Number(gid) } };
}
