import { SocketAddress } from 'node:net';
import { defaultServer, optionsOf } from './haproxy-options.ts';

/** A backend whose servers are other ones than before, and nothing else of it is. Addresses are those of `addressKey`. */
export interface BackendChange {
  readonly backend: string;
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
  /** Of each server, for `add server`. */
  readonly options: string;
}

export type ServerDiff =
  | { readonly type: 'servers'; readonly changes: readonly BackendChange[] }
  /** Something else differs, or something that cannot be said to a running HAProxy. */
  | { readonly type: 'other'; readonly reason: string };

/**
 * Compares two texts of `backends.cfg`. `inherited` are the options that servers get from `defaults`. Of megabytes with one
 * difference only the backends around it are read.
 */
export function diffServers(before: string, after: string, inherited: string): ServerDiff {
  if (after.includes('defaults') && /^\s*defaults\b/m.test(after))
    return other('there are several sections of defaults');
  const [old, next] = differing(before, after).map(sectionsOf);
  if (old === undefined || next?.length !== old.length) return other('backends came or went');
  const changes: BackendChange[] = [];
  for (const [index, section] of next.entries()) {
    const compared = compare(old[index], section, inherited);
    if (compared === undefined) continue;
    if (typeof compared === 'string') return other(compared);
    changes.push(compared);
  }
  return { type: 'servers', changes };
}

function other(reason: string): ServerDiff {
  return { type: 'other', reason };
}

const HEADER = '\nbackend ';

/** Cuts off what both have in common at both ends, up to whole backends. */
function differing(before: string, after: string): readonly [string, string] {
  const most = Math.min(before.length, after.length);
  const head = longest(most, (from, to) => before.slice(from, to) === after.slice(from, to));
  const start = before.lastIndexOf(HEADER, head) + 1;
  const tail = longest(most - head, (from, to) => fromEnd(before, from, to) === fromEnd(after, from, to));
  const end = before.indexOf(HEADER, before.length - tail);
  const rest = end === -1 ? 0 : before.length - end - 1;
  return [before.slice(start, before.length - rest), after.slice(start, after.length - rest)];
}

/** How far, up to `most`, two texts agree: halves are compared, which is much faster than characters. */
function longest(most: number, agree: (from: number, to: number) => boolean): number {
  let known = 0;
  let limit = most;
  while (known < limit) {
    const middle = Math.ceil((known + limit) / 2);
    if (agree(known, middle)) known = middle;
    else limit = middle - 1;
  }
  return known;
}

function fromEnd(text: string, from: number, to: number): string {
  return text.slice(text.length - to, text.length - from);
}

interface Section {
  readonly header: string;
  readonly lines: readonly string[];
}

/** A section begins with a line that is not indented. */
function sectionsOf(text: string): readonly Section[] {
  const sections: { header: string; lines: string[] }[] = [{ header: '', lines: [] }];
  for (const line of text.split('\n')) {
    if (/^[^\s#]/.test(line)) sections.push({ header: line, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

const BACKEND = /^backend ([A-Za-z0-9_.:-]+)$/;
const SERVER = /^\s+server\s/;
/** They name servers, or tell them apart by more than their address. */
const BY_NAME = /^\s*(?:use-server|server-template|cookie|stick)\s/;

/** What changed of a backend; a text says why that is more than servers; `undefined` when nothing did. */
function compare(old: Section | undefined, next: Section, inherited: string): BackendChange | string | undefined {
  if (old?.header !== next.header) return 'backends came, went or changed their order';
  const isSame = old.lines.length === next.lines.length && old.lines.every((line, at) => line === next.lines[at]);
  if (isSame) return undefined;
  const backend = BACKEND.exec(next.header)?.[1];
  if (backend === undefined || withoutServers(old) !== withoutServers(next)) {
    return `more than servers changed in ${backend ?? 'a section that is no backend'}`;
  }
  if (next.lines.some((line) => BY_NAME.test(line))) return `${backend} refers to servers by name`;
  return changeOf(backend, [serversOf(old), serversOf(next)], [inherited, ...ownDefaults(next)]);
}

function withoutServers({ lines }: Section): string {
  return lines.filter((line) => !SERVER.test(line)).join('\n');
}

/** The `default-server` lines of a backend; for servers that stand before them they do not count. */
function ownDefaults({ lines }: Section): readonly string[] {
  return lines.map(defaultServer).filter((options) => options !== undefined);
}

interface Servers {
  readonly addresses: ReadonlySet<string>;
  /** What follows the address; the same for all. */
  readonly options: string;
}

function changeOf(
  backend: string,
  [old, next]: readonly [Servers | undefined, Servers | undefined],
  defaults: readonly string[],
): BackendChange | string {
  if (old === undefined || next === undefined) {
    return `${backend} has no servers, or one that is more than an address and the options of all`;
  }
  if (old.options !== next.options) return `the options of the servers of ${backend} changed`;
  const options = optionsOf(...defaults, next.options);
  if (options === undefined) return `the servers of ${backend} have options that not every version takes at run time`;
  return { backend, before: old.addresses, after: next.addresses, options };
}

/** `undefined` unless every server is an address of its own, with the same options. */
function serversOf({ lines }: Section): Servers | undefined {
  const servers = lines.filter((line) => SERVER.test(line)).map(parseServer);
  const [first] = servers;
  if (first === undefined || servers.some((server) => server?.options !== first.options)) return undefined;
  const lastDefault = lines.findLastIndex((line) => defaultServer(line) !== undefined);
  if (lines.findIndex((line) => SERVER.test(line)) < lastDefault) return undefined;
  const addresses = new Set(servers.flatMap((server) => (server === undefined ? [] : [server.address])));
  return addresses.size === servers.length ? { addresses, options: first.options } : undefined;
}

/** Reads `    server s0 10.0.0.1:8080 maxconn 5`. */
function parseServer(line: string): { readonly address: string; readonly options: string } | undefined {
  const [, , place = '', ...options] = line.trim().split(/\s+/);
  const [, host, port] = /^(\d+(?:\.\d+){3}|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(place) ?? [];
  const address = host === undefined ? undefined : addressKey(host.replace(/^\[(.*)\]$/, '$1'), Number(port));
  return address === undefined ? undefined : { address, options: options.join(' ') };
}

/** `10.0.0.1:80` or `[2001:db8::1]:80`, always written alike; `undefined` when it is no address. */
export function addressKey(host: string, port: number): string | undefined {
  const family = host.includes(':') ? 'ipv6' : 'ipv4';
  try {
    const { address } = new SocketAddress({ address: host, family, port });
    return family === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
  } catch {
    return undefined;
  }
}
