import type { KubeApi } from '../../model/kube-api.ts';
import { isRecord } from '../../model/record.ts';
import { ApiError, ExpiredError } from './api-error.ts';

/** A collection, or the part of it that a selector picks. */
export interface Collection {
  /** For example `/api/v1/namespaces/shop/services`. */
  readonly path: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListRequest<T> {
  readonly collection: Collection;
  /** What is kept of an item, page by page. */
  readonly trim: (item: unknown) => T;
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** From which a watch goes on. */
  readonly resourceVersion: string;
}

/** As in client-go: pages that the API server and we can hold in memory. */
const PAGE_SIZE = 500;

const GONE = 410;
const OK = 200;

/**
 * Lists a collection page by page: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 *
 * @throws ExpiredError when the list was changed for too long while we read it, ApiError for any other refusal
 */
export async function listAll<T>(
  api: Pick<KubeApi, 'request'>,
  { collection, trim }: ListRequest<T>,
  signal: AbortSignal,
): Promise<Listed<T>> {
  const items: T[] = [];
  let token = '';
  for (;;) {
    const page = await listPage(api, pathOf(collection, { limit: String(PAGE_SIZE), continue: token }), signal);
    for (const item of page.items) items.push(trim(item));
    if (page.token === '') return { items, resourceVersion: page.resourceVersion };
    token = page.token;
  }
}

interface Page extends Listed<unknown> {
  /** Of the next page; empty for the last. */
  readonly token: string;
}

async function listPage(api: Pick<KubeApi, 'request'>, path: string, signal: AbortSignal): Promise<Page> {
  const { status, body, retryAfterMs } = await api.request({ method: 'GET', path }, signal);
  if (status === GONE) throw ExpiredError.of(status, body);
  if (status !== OK) throw ApiError.of(status, body, retryAfterMs);
  const metadata = isRecord(body) ? body['metadata'] : undefined;
  const items = isRecord(body) ? (body['items'] ?? []) : undefined;
  if (!Array.isArray(items) || !isRecord(metadata)) throw new Error('the answer of the API server is no list');
  const { resourceVersion, continue: token } = metadata;
  if (typeof resourceVersion !== 'string') throw new Error('the list of the API server has no resourceVersion');
  return { items, resourceVersion, token: typeof token === 'string' ? token : '' };
}

/** Path and query; parameters that are empty are left out. */
export function pathOf(
  { path, labelSelector, fieldSelector }: Collection,
  parameters: Readonly<Record<string, string>>,
): string {
  const given = Object.entries({ ...parameters, labelSelector, fieldSelector }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
