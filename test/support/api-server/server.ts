import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Access, type GrantRule, type RequestRule } from './access.ts';
import { makeServerCertificate, type ServerCertificate } from './certificate.ts';
import { Exchange, readBody } from './exchange.ts';
import { Faults, isRequestAction, type RequestAction } from './faults.ts';
import { kubeconfigText, type KubeconfigOptions } from './kubeconfig.ts';
import { listText } from './list.ts';
import { Listener } from './listener.ts';
import type { ApiObject } from './objects.ts';
import { recordOf, routeOf, servedPlace, type Place, type RequestRecord, type Route } from './route.ts';
import { allObjects, findObject, putObject, removeObject } from './scene.ts';
import { badRequest, Failure, notFound, tooOld, unknownPath } from './status.ts';
import { Store } from './store.ts';
import { expiry, streamError, Watch, watchOptions } from './watch.ts';
import { write } from './write.ts';

export interface FakeApiServerOptions {
  /** HTTPS with a certificate of an authority of its own. */
  readonly tls?: boolean;
  /** Bearer tokens; none: anyone is let in. */
  readonly tokens?: Iterable<string>;
  /** Who the client is, in messages. */
  readonly user?: string;
  /** Milliseconds between bookmarks; default 1,000. */
  readonly bookmarkMs?: number;
  /** Changes that a watch or a list may go back; default 10,000. */
  readonly compactAfter?: number;
  /** How a watch is told that its resourceVersion is too old; default: as an ERROR event, like the API server does. */
  readonly expiredWatch?: 'in-stream' | 'http-status';
}

interface OpenWatch {
  readonly watch: Watch;
  readonly resource: string;
  readonly namespace: string | undefined;
}

const USER = 'system:serviceaccount:sluice:sluice';
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0', platform: 'linux/amd64' };

/**
 * A kube-apiserver for tests: HTTP on loopback, behaving as
 * https://kubernetes.io/docs/reference/using-api/api-concepts/ says. All but `start` and `close` is synchronous.
 */
export class FakeApiServer {
  readonly faults = new Faults();
  /** All requests so far, oldest first; an entry's status is 0 until it is answered. */
  readonly requests: RequestRecord[] = [];
  readonly #store: Store;
  readonly #access: Access;
  readonly #listener: Listener;
  readonly #certificate: ServerCertificate | undefined;
  readonly #expiredWatch: 'in-stream' | 'http-status';
  readonly #watches = new Set<OpenWatch>();
  readonly #closing = new AbortController();
  readonly #bookmarkTimer: NodeJS.Timeout;

  private constructor(options: FakeApiServerOptions) {
    this.#store = new Store(options.compactAfter ?? 10_000);
    this.#access = new Access(options.user ?? USER, options.tokens ?? []);
    this.#certificate = options.tls === true ? makeServerCertificate() : undefined;
    this.#expiredWatch = options.expiredWatch ?? 'in-stream';
    this.#listener = new Listener((request, response) => void this.#handle(request, response), this.#certificate);
    this.#bookmarkTimer = setInterval(() => this.sendBookmarks(), options.bookmarkMs ?? 1000);
  }

  static async start(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
    const server = new FakeApiServer(options);
    await server.#listener.start();
    return server;
  }

  async close(): Promise<void> {
    clearInterval(this.#bookmarkTimer);
    this.#closing.abort();
    await this.#listener.close();
  }

  get port(): number {
    return this.#listener.port;
  }

  get url(): string {
    return `${this.#certificate === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  /** PEM; `undefined` without TLS. */
  get authority(): string | undefined {
    return this.#certificate?.authority;
  }

  kubeconfig(options: KubeconfigOptions = {}): string {
    return kubeconfigText(this.url, this.authority, options);
  }

  /** See `putObject`. */
  put(object: object): ApiObject {
    return putObject(this.#store, object);
  }

  /** @returns whether there was one */
  remove(kind: string, namespace: string | undefined, name: string): boolean {
    return removeObject(this.#store, kind, namespace, name);
  }

  get(kind: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return findObject(this.#store, kind, namespace, name);
  }

  list(kind: string): readonly ApiObject[] {
    return allObjects(this.#store, kind);
  }

  /** Of the last write. */
  get resourceVersion(): string {
    return `${this.#store.revision}`;
  }

  /** Forgets all history: every resourceVersion and continue token that is out there is too old then. */
  compact(): void {
    this.#store.compact();
  }

  get tokens(): Set<string> {
    return this.#access.tokens;
  }

  /** Requests that fit are answered 403, whatever is granted. */
  deny(rule: RequestRule): void {
    this.#access.deny(rule);
  }

  /** All else is answered 403 from now on. */
  grant(rules: readonly GrantRule[]): void {
    this.#access.grant(rules);
  }

  /** Takes back all of `deny` and `grant`. */
  allow(): void {
    this.#access.allowAll();
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** @param resource plural; without `namespace`, wherever they are */
  openWatchesOf(resource: string, namespace?: string): number {
    const open = [...this.#watches].filter((item) => item.resource === resource);
    return open.filter((item) => namespace === undefined || item.namespace === namespace).length;
  }

  /** To all watches that allow them; the timer does it too. */
  sendBookmarks(): void {
    for (const { watch } of this.#watches) watch.bookmark();
  }

  /** Ends the watches of a resource in one namespace as if their time were over. @param resource plural */
  endWatches(resource: string, namespace: string | undefined): void {
    for (const open of this.#watches) {
      if (open.resource === resource && open.namespace === namespace) open.watch.end();
    }
  }

  /** Resets every connection. */
  dropConnections(): void {
    this.#listener.reset();
  }

  /** Refuses connections, and resets those that are open, until `resume`. Objects and history stay. */
  pause(): void {
    this.#listener.pause();
  }

  resume(): void {
    this.#listener.resume();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routeOf(request.method ?? 'GET', request.url ?? '/');
    const record = recordOf(route);
    this.requests.push(record);
    const exchange = new Exchange({ request, response, record, socket: this.#listener.socketOf(request.socket) });
    try {
      const action = this.faults.take(record);
      if (action !== undefined && isRequestAction(action)) {
        if (await this.#befall(exchange, action)) return;
      } else if (action !== undefined) exchange.suffer(action);
      this.#access.check(record, request.headers.authorization);
      await this.#answer(route, exchange);
    } catch (error) {
      if (!this.#closing.signal.aborted) exchange.fail(error);
    }
  }

  /** @returns whether this is all that happens to the request */
  async #befall(exchange: Exchange, action: RequestAction): Promise<boolean> {
    switch (action.type) {
      case 'status':
        refuse(exchange, new Failure(action.status, action.message ?? 'a scripted fault', action), action.inStream);
        return true;
      case 'gone':
        refuse(exchange, tooOld(1, this.#store.revision), action.inStream);
        return true;
      case 'reset':
        exchange.reset();
        return true;
      case 'stall':
        return true;
      case 'delay':
        await sleep(action.ms, undefined, { signal: this.#closing.signal });
        return false;
    }
  }

  async #answer(route: Route, exchange: Exchange): Promise<void> {
    if (route.place === undefined) {
      answerSystem(route.path, exchange);
      return;
    }
    const place = servedPlace(route);
    if (route.verb === 'get') exchange.send(200, this.#read(place));
    else if (route.verb === 'list') exchange.send(200, listText(this.#store, place, route.query));
    else if (route.verb === 'watch') this.#watch(place, route.query, exchange);
    else await this.#write(place, route, exchange);
  }

  #read({ resource, namespace, name = '' }: Place): string {
    const version = this.#store.get(resource, namespace, name);
    if (version === undefined) throw notFound(resource, name);
    return `${version.text}\n`;
  }

  #watch(place: Place, query: URLSearchParams, exchange: Exchange): void {
    const options = watchOptions(place, query);
    const expired = expiry(this.#store, options);
    if (expired !== undefined) {
      refuse(exchange, expired, this.#expiredWatch === 'in-stream');
      return;
    }
    const watch = new Watch(this.#store, options, exchange);
    const open = { watch, resource: place.resource.plural, namespace: place.namespace };
    this.#watches.add(open);
    exchange.onClose(() => this.#watches.delete(open));
    watch.run((listener) => exchange.onClose(listener));
  }

  async #write(place: Place, { verb, query }: Route, exchange: Exchange): Promise<void> {
    if (query.has('dryRun')) throw badRequest('the fake API server has no dry run');
    const { record, request } = exchange;
    const body = await readBody(request);
    record.body = body;
    const contentType = request.headers['content-type'] ?? '';
    const mayCreate = (): void => this.#access.authorize({ ...record, verb: 'create' });
    const { code, text } = write(this.#store, verb, { place, body, contentType, mayCreate });
    exchange.send(code, text);
  }
}

function refuse(exchange: Exchange, failure: Failure, inStream = false): void {
  if (inStream) streamError(exchange, failure);
  else exchange.fail(failure);
}

/** @throws Failure 404 */
function answerSystem(path: string, exchange: Exchange): void {
  if (path === '/version') exchange.send(200, JSON.stringify(VERSION));
  else if (['/readyz', '/livez', '/healthz'].includes(path)) {
    exchange.send(200, 'ok', { 'content-type': 'text/plain; charset=utf-8' });
  } else throw unknownPath();
}
