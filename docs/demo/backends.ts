import { createServer, type Server } from 'node:http';
import { listens, portOf } from './ports.ts';

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
  const ports = [...servers].map(([name, server]) => [name, portOf(server)] as const);
  const close = async () => {
    for (const server of servers.values()) await closeServer(server);
  };
  return { ports: new Map(ports), close };
}

/** It answers with its name, and with what nginx told it about the client. */
async function startBackend(name: string, port: number): Promise<Server> {
  const server = createServer(({ url = '', headers }, response) => {
    const scheme = String(headers['x-forwarded-proto']);
    response.setHeader('x-backend', name);
    response.setHeader('x-asked-by', `${String(headers['x-forwarded-for'])} over ${scheme}`);
    response.end(`${name} answers ${scheme}://${String(headers.host)}${url}\n`);
  });
  if (!(await listens(server, port))) await listens(server, 0);
  return server;
}

function closeServer(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
