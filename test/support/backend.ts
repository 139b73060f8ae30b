import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { freePort } from './ports.ts';

/** What a backend answers: which backend it is, and the request as it arrived there. */
export interface Echo {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of HTTP: `1.1`. */
  readonly version: string;
}

export interface Backend {
  readonly name: string;
  readonly port: number;
  /** The last requests that came. */
  readonly seen: readonly Echo[];
  readonly close: () => Promise<void>;
}

/**
 * What a request asks a backend to do: `x-want` holds it as JSON. A name of a backend in `only`: all others answer as usual.
 */
interface Wanted {
  readonly only?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Milliseconds. */
  readonly delay?: number;
  /** In place of the echo: so many bytes, with a Content-Length. */
  readonly bytes?: number;
}

function wantedOf(headers: IncomingHttpHeaders, name: string): Wanted {
  const text = headers['x-want'];
  const wanted = typeof text === 'string' ? (JSON.parse(text) as Wanted) : {};
  return wanted.only === undefined || wanted.only === name ? wanted : {};
}

const MOST_SEEN = 1000;

/** An HTTP server on loopback that echoes requests as JSON, and WebSocket messages as they are. */
export async function startBackend(name: string, address = '127.0.0.1', wanted = 0): Promise<Backend> {
  const seen: Echo[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers, httpVersion: version } = request;
    const echo: Echo = { backend: name, method, url, headers, version };
    if (seen.push(echo) > MOST_SEEN) seen.shift();
    const { status = 200, headers: extra = {}, delay = 0, bytes } = wantedOf(headers, name);
    const answer = (): void => {
      const body = bytes === undefined ? JSON.stringify(echo) : 'x'.repeat(bytes);
      const length = bytes === undefined ? {} : { 'content-length': bytes };
      response.writeHead(status, { 'content-type': 'application/json', ...length, ...extra } as OutgoingHttpHeaders);
      response.end(body);
    };
    request.resume().on('end', () => (delay === 0 ? answer() : void setTimeout(answer, delay)));
  });
  server.keepAliveTimeout = 120_000;
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => socket.send(`${name}: ${data.toString()}`));
  });
  // Not one of the kernel's choice: nobody else is to come by it when this backend closes and a test goes on.
  const port = wanted === 0 ? await freePort() : wanted;
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return { name, port, seen, close: () => closeServer(server, sockets) };
}

async function closeServer(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
