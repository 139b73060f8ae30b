import { numberArgument } from './arguments.ts';

/** Endpoints in groups of which one is chosen by a hash, and of its endpoints one at random. */
interface Subsets {
  /** Groups. */
  readonly count: number;
  /** Endpoints of each group: as many as are wanted, or all. */
  readonly size: number;
  /** Of nginx's split_clients: percents of each group but the last. */
  readonly groups: readonly Share[];
  readonly members: readonly Share[];
  readonly choices: readonly Choice[];
}

interface Share {
  readonly index: number;
  readonly percent: string;
}

interface Choice {
  readonly group: number;
  readonly member: number;
  /** What nginx's `hash` sends to the endpoint, of so many with the same weight. */
  readonly token: number;
}

/** The last group is filled up with the first endpoints, as in ingress-nginx (rootfs/etc/nginx/lua/balancer/chashsubset.lua). */
function subsets(endpoints: unknown, wanted: unknown): Subsets {
  const all = Math.max(1, numberArgument('subsets', endpoints));
  const size = Math.max(1, Math.min(all, numberArgument('subsets', wanted)));
  const count = Math.ceil(all / size);
  const tokens = tokensOf(all);
  const choices = Array.from({ length: count * size }, (_, index) => {
    return { group: Math.floor(index / size), member: index % size, token: tokens[index % all] ?? 0 };
  });
  return { count, size, groups: sharesOf(count), members: sharesOf(size), choices };
}

/** Equal shares; the last, which gets what is left, is not there. */
function sharesOf(count: number): readonly Share[] {
  const percent = (Math.floor(10_000 / count) / 100).toFixed(2);
  return Array.from({ length: count - 1 }, (_, index) => ({ index, percent })).filter(() => percent !== '0.00');
}

/** For each of some servers with the same weight a number whose hash chooses it. */
function tokensOf(servers: number): readonly number[] {
  const found = new Map<number, number>();
  for (let token = 0; found.size < servers && token < servers * 1000; token += 1) {
    const server = hashOf(String(token)) % servers;
    if (!found.has(server)) found.set(server, token);
  }
  return Array.from({ length: servers }, (_, index) => found.get(index) ?? index);
}

/** That of nginx, as of Cache::Memcached: src/http/modules/ngx_http_upstream_hash_module.c */
function hashOf(text: string): number {
  let crc = 0xffffffff;
  for (const character of text) {
    crc ^= character.charCodeAt(0);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
  }
  return ((~crc >>> 0) >>> 16) & 0x7fff;
}

export const SUBSET_HELPERS = { subsets };
