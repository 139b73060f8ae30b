import type { Version } from './objects.ts';
import { apiVersionOf } from './resources.ts';
import type { Place } from './route.ts';
import { scopeOf, type Scope } from './selectors.ts';
import { badRequest, continueExpired, invalidListOptions, tooLarge, tooOld } from './status.ts';
import type { Store } from './store.ts';

/** A page: which state, from which key on. */
interface Cursor {
  readonly revision: number;
  /** Of the first object of the page, or less. */
  readonly start: string;
}

/** JSON of a list. @throws Failure for options that cannot be served */
export function listText(store: Store, place: Place, query: URLSearchParams): string {
  const scope = scopeOf(place.resource, place.namespace, query);
  checkMatch(query);
  const cursor = cursorOf(store, query);
  const page = pageOf(store.sortedAt(place.resource, cursor.revision), scope, cursor.start, limitOf(query));
  return textOf(scope, cursor.revision, page);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
function cursorOf(store: Store, query: URLSearchParams): Cursor {
  const token = query.get('continue') ?? '';
  const asked = revisionOf(query);
  if (token !== '') {
    if (asked !== undefined && asked !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return continued(store, token);
  }
  if (asked === undefined || asked === 0) return { revision: store.revision, start: '' };
  if (asked > store.revision) throw tooLarge(asked, store.revision);
  if (!isExact(query)) return { revision: store.revision, start: '' };
  if (store.isForgotten(asked)) throw tooOld(asked, store.history.compacted);
  return { revision: asked, start: '' };
}

/** Without a match, a limited list at a resourceVersion is exact, for compatibility with old clients. */
function isExact(query: URLSearchParams): boolean {
  const match = query.get('resourceVersionMatch') ?? '';
  return match === 'Exact' || (match === '' && limitOf(query) !== undefined);
}

function checkMatch(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  if (match === '') return;
  const why = mismatch(match, query.get('resourceVersion') ?? '', query.get('continue') ?? '');
  if (why !== undefined) throw invalidListOptions(`resourceVersionMatch: ${why}`);
}

function mismatch(match: string, asked: string, token: string): string | undefined {
  if (asked === '') return 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided';
  if (token !== '') return 'Forbidden: resourceVersionMatch is forbidden when continue is provided';
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    return `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`;
  }
  const isAny = match === 'Exact' && asked === '0';
  return isAny ? 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"' : undefined;
}

/** @returns undefined when absent */
export function revisionOf(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  return Number(text);
}

/** `undefined`: all at once, which is also what a list from the server's cache (resourceVersion 0) gives. */
function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get('limit') ?? '';
  if (!/^\d{0,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  const isCached = query.get('resourceVersion') === '0' && (query.get('continue') ?? '') === '';
  const limit = Number(text);
  return limit === 0 || isCached ? undefined : limit;
}

/** The newest state is meant by a revision of -1. */
function continued(store: Store, token: string): Cursor {
  const cursor = parseToken(token);
  if (cursor.revision === -1) return { ...cursor, revision: store.revision };
  if (cursor.revision > store.revision) throw tooLarge(cursor.revision, store.revision);
  if (store.isForgotten(cursor.revision)) throw continueExpired(tokenOf({ ...cursor, revision: -1 }));
  return cursor;
}

function tokenOf({ revision, start }: Cursor): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

function parseToken(token: string): Cursor {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const match = /^\{"v":"meta\.k8s\.io\/v1","rv":(-1|\d{1,15}),"start":("[^"\\]*\\u0000")\}$/.exec(text);
  if (match === null) throw badRequest('continue key is not valid: invalid character');
  const start: unknown = JSON.parse(match[2] ?? '""');
  return { revision: Number(match[1]), start: String(start) };
}

interface Page {
  readonly items: readonly Version[];
  /** Key of the last item when there are more. */
  readonly last: string | undefined;
  readonly remaining: number;
}

function pageOf(sorted: readonly Version[], scope: Scope, start: string, limit: number | undefined): Page {
  const prefix = scope.namespace === undefined ? '' : `${scope.namespace}/`;
  if (start !== '' && !start.startsWith(prefix)) throw badRequest('continue key is not valid: wrong namespace');
  const first = lowerBound(sorted, start === '' ? prefix : start);
  // Nothing is between `shop/` and `shop0`, the next character, but what begins with the former.
  const end = prefix === '' ? sorted.length : lowerBound(sorted, `${scope.namespace ?? ''}0`);
  const inScope = sorted.slice(first, end);
  const matching = scope.selective ? inScope.filter(scope.matches) : inScope;
  const items = matching.slice(0, limit);
  const remaining = matching.length - items.length;
  return { items, last: remaining > 0 ? items.at(-1)?.key : undefined, remaining };
}

/** Index of the first that is not before `key`. */
function lowerBound(sorted: readonly Version[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function textOf({ resource, selective }: Scope, revision: number, { items, last, remaining }: Page): string {
  const more = last === undefined ? {} : { continue: tokenOf({ revision, start: `${last}\0` }) };
  // The API server counts only what no selector hides.
  const count = last === undefined || selective ? {} : { remainingItemCount: remaining };
  const head = JSON.stringify({
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: `${revision}`, ...more, ...count },
  });
  return `${head.slice(0, -1)},"items":[${items.map((version) => version.item).join(',')}]}\n`;
}
