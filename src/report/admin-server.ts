import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../model/logger.ts';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface AdminReply {
  readonly status: number;
  readonly body: string;
  /** Plain text when left out. */
  readonly contentType?: string;
}

/** Answers a GET. */
export type AdminRoute = () => AdminReply | Promise<AdminReply>;

export interface AdminServerOptions {
  /** IPv4 or IPv6, the latter with or without brackets. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path. */
  readonly routes: Readonly<Record<string, AdminRoute>>;
  readonly logger: Logger;
}

export interface AdminServer {
  readonly port: number;
  /** Resolves when the server has ended after the abort. */
  readonly stopped: Promise<void>;
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Shorter than the period of probes and scrapes: each has a connection of its own. */
const KEEP_ALIVE_MS = 2_000;
/** For an answer that does not come, and a client that does not read it. */
const IDLE_TIMEOUT_MS = 30_000;
const MAX_HEADER_BYTES = 8_192;

/** What probes and Prometheus ask for. */
export function adminRoutes({
  health,
  metrics,
  compat,
}: {
  readonly health: Health;
  readonly metrics: Metrics;
  /** Probes mean what they mean there. */
  readonly compat?: 'ingress-nginx' | undefined;
}): Readonly<Record<string, AdminRoute>> {
  return {
    '/healthz': () => (compat === undefined ? health.alive() : health.serving()),
    '/readyz': () => health.ready(),
    '/startz': () => health.started(),
    '/metrics': async () => ({ status: 200, body: await metrics.text(), contentType: metrics.contentType }),
  };
}

/**
 * Serves what operators and machines ask sluice about itself, over HTTP without authentication, until `signal` aborts.
 * @throws Error when it cannot listen, naming address, port and the flags that change them; on abort
 */
export async function startAdminServer(options: AdminServerOptions, signal: AbortSignal): Promise<AdminServer> {
  signal.throwIfAborted();
  const { logger } = options;
  const routes = new Map(Object.entries(options.routes));
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(request, response, { routes, logger }),
  );
  server.setTimeout(IDLE_TIMEOUT_MS);
  const port = await listen(server, options);
  server.on('error', (error) => logger.error({ reason: error.message }, 'the admin server has a problem'));
  const stopped = once(server, 'close').then(() => undefined);
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  if (isAborted(signal)) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { port, stopped };
}

/** A function, because the compiler takes the property for constant. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['EADDRINUSE', 'the address is in use'],
  ['EADDRNOTAVAIL', 'this machine does not have the address'],
  ['EACCES', 'this user may not use the port'],
]);

/** Returns the port. */
function listen(server: Server, { address, port }: AdminServerOptions): Promise<number> {
  const host = address.replace(/^\[(.*)\]$/, '$1');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const failed = (error: NodeJS.ErrnoException): void => {
    const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const message = `the admin server cannot listen on ${place}: ${REASONS.get(error.code) ?? error.message}; see --admin-address and --admin-port`;
    reject(new Error(message, { cause: error }));
  };
  server.once('error', failed);
  server.listen({ host, port }, () => {
    server.off('error', failed);
    const bound = server.address();
    resolve(bound === null || typeof bound === 'string' ? port : bound.port);
  });
  return promise;
}

interface Answering {
  readonly routes: ReadonlyMap<string, AdminRoute>;
  readonly logger: Logger;
}

/** Never rejects. */
async function answer(request: IncomingMessage, response: ServerResponse, parts: Answering): Promise<void> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead) {
    // Whatever its body is, it is not read.
    response.setHeader('connection', 'close').setHeader('allow', 'GET, HEAD');
    send(response, { status: 405, body: 'only GET and HEAD\n' });
    return;
  }
  send(response, await replyTo(pathOf(request), parts));
}

async function replyTo(path: string, { routes, logger }: Answering): Promise<AdminReply> {
  const route = routes.get(path);
  if (route === undefined) {
    const known = [...routes.keys()].sort();
    return { status: 404, body: `not found; there are:\n${known.map((name) => `${name}\n`).join('')}` };
  }
  try {
    return await route();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ path, reason }, 'the admin server cannot answer');
    return { status: 500, body: 'cannot answer; the log says why\n' };
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.replace(/[?#].*$/, '');
}

/** Node leaves the body out of an answer to HEAD. */
function send(response: ServerResponse, { status, body, contentType = PLAIN_TEXT }: AdminReply): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
