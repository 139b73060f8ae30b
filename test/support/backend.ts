import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { freePort } from './ports.ts';

/** What a backend answers: which backend it is, and the request as it arrived there. */
export interface Echo {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Backend {
  readonly name: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** An HTTP server on loopback that echoes requests as JSON, and WebSocket messages as they are. */
export async function startBackend(name: string, address = '127.0.0.1'): Promise<Backend> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const echo: Echo = { backend: name, method, url, headers };
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(echo));
    });
  });
  server.keepAliveTimeout = 120_000;
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => socket.send(`${name}: ${data.toString()}`));
  });
  // Not one of the kernel's choice: nobody else is to come by it when this backend closes and a test goes on.
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return { name, port, close: () => closeServer(server, sockets) };
}

async function closeServer(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
