import { createServer, type Server } from 'node:net';

/** Listens on loopback. False when somebody else has the port; 0 is any free one. */
export function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

/** The port that a server listens on. @throws Error when it does not */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

/** `wanted`, or any free port when somebody has that. */
export async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  if (!(await listens(server, wanted))) await listens(server, 0);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
