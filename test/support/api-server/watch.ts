import { EventStream, eventLine } from './event-stream.ts';
import type { Exchange } from './exchange.ts';
import type { Change } from './history.ts';
import { revisionOf } from './list.ts';
import { bookmarkText } from './objects.ts';
import { isTrue, type Place } from './route.ts';
import { scopeOf, type Scope } from './selectors.ts';
import { badRequest, invalidListOptions, tooOld, type Failure } from './status.ts';
import type { Store } from './store.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

export interface WatchOptions {
  readonly scope: Scope;
  /** Events after this one; `undefined`: first all that there is. */
  readonly from: number | undefined;
  readonly bookmarks: boolean;
  /** A bookmark says that all that there was has been sent. */
  readonly marksInitialEnd: boolean;
  readonly timeoutSeconds: number;
}

/** @throws Failure for options that cannot be served */
export function watchOptions(place: Place, query: URLSearchParams): WatchOptions {
  const scope = scopeOf(place.resource, place.namespace, query);
  const initial = isTrue(query.get('sendInitialEvents'));
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  checkMatch(query);
  const asked = revisionOf(query);
  const seconds = query.get('timeoutSeconds') ?? '';
  if (!/^\d{0,9}$/.test(seconds)) throw badRequest(`strconv.ParseInt: parsing "${seconds}": invalid syntax`);
  return {
    scope,
    from: initial || asked === 0 ? undefined : asked,
    bookmarks,
    marksInitialEnd: initial && bookmarks,
    timeoutSeconds: Number(seconds),
  };
}

function checkMatch(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const refused = (why: string) => invalidListOptions(`resourceVersionMatch: Forbidden: ${why}`);
  if (!query.has('sendInitialEvents') && match !== '') {
    throw refused('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (query.has('sendInitialEvents') && match !== 'NotOlderThan') {
    throw refused('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
}

/** A watch that begins too far back. */
export function expiry(store: Store, { from }: WatchOptions): Failure | undefined {
  if (from === undefined || !store.isForgotten(from)) return undefined;
  return tooOld(from, store.history.compacted);
}

/** Answers with nothing but an ERROR event. */
export function streamError(exchange: Exchange, failure: Failure): void {
  exchange.start(200);
  exchange.write(eventLine('ERROR', JSON.stringify(failure.body)));
  exchange.end();
}

/** One open watch. Each change is written to it before the writer of the change goes on. */
export class Watch {
  readonly #store: Store;
  readonly #options: WatchOptions;
  readonly #stream: EventStream;
  /** Up to which the events are sent. */
  #revision = 0;

  constructor(store: Store, options: WatchOptions, exchange: Exchange) {
    this.#store = store;
    this.#options = options;
    this.#stream = new EventStream(exchange, { last: (count) => this.#replay(count) });
  }

  /** Catches up, then goes on with what happens, until `closed`. */
  run(onClose: (listener: () => void) => void): void {
    const { scope, timeoutSeconds } = this.#options;
    this.#revision = this.#options.from ?? 0;
    this.#stream.open();
    this.#catchUp();
    const unsubscribe = this.#store.subscribe(scope.resource, (change) => this.#tell(change));
    const stop = (): void => {
      unsubscribe();
      this.#stream.end();
    };
    const timer = timeoutSeconds > 0 ? setTimeout(stop, timeoutSeconds * 1000) : undefined;
    onClose(() => {
      clearTimeout(timer);
      unsubscribe();
    });
  }

  /** As when its time is over: with a last bookmark. */
  end(): void {
    this.bookmark();
    this.#stream.end();
  }

  bookmark(): void {
    if (this.#options.bookmarks) this.#mark();
  }

  #catchUp(): void {
    const { from, scope, marksInitialEnd } = this.#options;
    if (from === undefined) this.#sendAll(scope);
    else for (const change of this.#store.history.since(from)) this.#tell(change);
    if (marksInitialEnd) this.#mark(INITIAL_EVENTS_END);
  }

  #sendAll({ resource, matches }: Scope): void {
    this.#revision = this.#store.revision;
    for (const version of this.#store.sorted(resource)) {
      if (matches(version)) this.#stream.event(eventLine('ADDED', version.text));
    }
  }

  #tell(change: Change): void {
    // A watch may ask for events of the future only.
    if (change.revision <= this.#revision) return;
    this.#revision = change.revision;
    const line = lineFor(change, this.#options.scope);
    if (line !== undefined) this.#stream.event(line);
  }

  #mark(annotations?: object): void {
    const text = bookmarkText(this.#options.scope.resource, this.#store.revision, annotations);
    this.#stream.bookmark(eventLine('BOOKMARK', text));
  }

  #replay(count: number): readonly string[] {
    const { scope } = this.#options;
    const isSeen = (change: Change): boolean => lineFor(change, scope) !== undefined;
    const changes = this.#store.history.before(this.#revision, count, isSeen);
    return changes.flatMap((change) => lineFor(change, scope) ?? []);
  }
}

/** What a watch of this scope is told of the change: to it, an object that stops matching is deleted. */
function lineFor({ resource, before, after, gone }: Change, scope: Scope): string | undefined {
  if (resource !== scope.resource) return undefined;
  const didMatch = before !== undefined && scope.matches(before);
  if (after !== undefined && scope.matches(after)) return eventLine(didMatch ? 'MODIFIED' : 'ADDED', after.text);
  return didMatch && gone !== undefined ? eventLine('DELETED', gone.text) : undefined;
}
