import type { ApiStream, KubeApi } from '../../model/kube-api.ts';
import { isRecord } from '../../model/record.ts';
import { ApiError, ExpiredError } from './api-error.ts';
import { pathOf, type Collection } from './list.ts';

export type WatchEvent =
  | { readonly type: 'changed' | 'deleted'; readonly object: unknown; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

export interface WatchRequest {
  readonly collection: Collection;
  readonly resourceVersion: string;
  /** After which the server shall end it. */
  readonly timeoutSeconds: number;
}

const GONE = 410;
const OK = 200;

/**
 * Opens a watch. What it gives are the changes of a collection since a resourceVersion, until the server ends it:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * @throws (as do the events) ExpiredError when that version is too old, ApiError when the server refuses, Error when the
 *   connection breaks or something comes that is no event: then nothing after the last event counts as seen
 */
export async function openWatch(
  api: Pick<KubeApi, 'stream'>,
  { collection, resourceVersion, timeoutSeconds }: WatchRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<WatchEvent>> {
  const query = { watch: '1', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds: String(timeoutSeconds) };
  const stream = await api.stream(pathOf(collection, query), signal);
  if (stream.status !== OK) throw await refusal(stream);
  return eventsOf(stream);
}

async function* eventsOf({ lines }: ApiStream): AsyncGenerator<WatchEvent> {
  for await (const line of lines) yield readEvent(line);
}

async function refusal({ status, retryAfterMs, lines }: ApiStream): Promise<ApiError> {
  let text = '';
  for await (const line of lines) text += line;
  const body = parse(text);
  return status === GONE ? ExpiredError.of(status, body) : ApiError.of(status, body, retryAfterMs);
}

function readEvent(line: string): WatchEvent {
  const event = parse(line);
  if (!isRecord(event)) throw new Error('the API server sent an event that is not whole, or no JSON');
  const { type, object } = event;
  if (type === 'ERROR') throw errorEvent(object);
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {};
  const { resourceVersion } = metadata;
  if (typeof resourceVersion !== 'string') throw new Error('the API server sent an event without resourceVersion');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'changed', object, resourceVersion };
    case 'DELETED':
      return { type: 'deleted', object, resourceVersion };
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion };
    default:
      throw new UnknownEventError(`the API server sent an event of an unknown type: ${JSON.stringify(type)}`);
  }
}

/** What it is about cannot be known, so only a new list tells the truth. */
export class UnknownEventError extends Error {}

function errorEvent(status: unknown): ApiError {
  const code = isRecord(status) && typeof status['code'] === 'number' ? status['code'] : 500;
  return code === GONE ? ExpiredError.of(code, status) : ApiError.of(code, status);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether an event came before: versions of the kinds that Kubernetes has built in are numbers that grow
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). Of others nothing is known.
 */
export function isNotNewer(version: string, last: string | undefined): boolean {
  if (last === undefined || !DECIMAL.test(version) || !DECIMAL.test(last)) return false;
  return version.length === last.length ? version <= last : version.length < last.length;
}

const DECIMAL = /^[1-9]\d*$/;
