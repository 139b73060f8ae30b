import { fieldOf } from './arguments.ts';

const POINTER = 8;
const CACHE_LINE = 64;

/**
 * Bytes of an nginx hash bucket that holds three keys of `longest` characters: of each the element (a pointer and the key
 * with its length, aligned), and the end marker, in whole cache lines. nginx refuses to start when one does not fit, and
 * warns at every check when it finds no number of buckets that keeps all keys within (ngx_hash_init in
 * src/core/ngx_hash.c). Two lines at least, so that few numbers have to be tried.
 */
export function nginxHashBucket(longest: number): number {
  const element = POINTER + Math.ceil((longest + 2) / POINTER) * POINTER;
  return Math.max(2 * CACHE_LINE, Math.ceil((3 * element + POINTER) / CACHE_LINE) * CACHE_LINE);
}

/** Most buckets that nginx may make for `count` keys: the power of two that holds them twice. */
export function nginxHashMax(count: number): number {
  return Math.max(1024, 2 ** Math.ceil(Math.log2(Math.max(count, 1) * 2)));
}

/** Names that hosts have besides their own, and nginx keeps in the same hash: aliases, and twins with or without `www.`. */
export function otherNames(hosts: readonly unknown[]): readonly { readonly name: string }[] {
  // Most hosts have none, and there are thousands of them.
  const others = hosts.filter((host) => fieldOf(host, 'features') !== undefined);
  const found = others.flatMap((host) => {
    const aliases = fieldOf(host, 'features.aliases');
    return [fieldOf(host, 'features.redirectFrom.name'), ...(Array.isArray(aliases) ? (aliases as unknown[]) : [])];
  });
  return found.flatMap((name) => (typeof name === 'string' && !name.startsWith('~') ? [{ name }] : []));
}

export const NGINX_HELPERS = { nginxHashBucket, nginxHashMax, otherNames };
