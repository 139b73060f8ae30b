import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DemoBackends {
  /** By name of the Service. */
  readonly ports: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** Where the manifests say that the backends are. */
const WANTED: ReadonlyMap<string, number> = new Map([
  ['web', 9001],
  ['api', 9002],
]);

/** Two small HTTP servers on loopback, on the ports of the manifests where these are free. */
export async function startBackends(): Promise<DemoBackends> {
  const servers = new Map<string, Server>();
  for (const [name, port] of WANTED) servers.set(name, await startBackend(name, port));
  const ports = [...servers].map(([name, server]) => [name, (server.address() as AddressInfo).port] as const);
  const close = async () => {
    for (const server of servers.values()) await closeServer(server);
  };
  return { ports: new Map(ports), close };
}

async function startBackend(name: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('x-backend', name);
    response.end(`${name} answers ${request.url ?? ''}, asked by ${String(request.headers['x-forwarded-for'])}\n`);
  });
  return (await listens(server, port)) ? server : (await listens(server, 0), server);
}

/** False when somebody else has the port. */
export function listens(server: { listen: Server['listen']; once: Server['once'] }, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

function closeServer(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
