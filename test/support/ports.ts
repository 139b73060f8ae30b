import { createServer } from 'node:net';

/**
 * Below the ports that the kernel gives to connections and to whoever listens on port 0 (from 32768 on Linux): between
 * the moment that a port is found and the one that a proxy listens on it, nobody else comes by it.
 */
const FIRST = 10_000;
/** The processes that `mocha --parallel` runs files in are numbered; a number more than this shares ports with another. */
const WORKERS = 16;
const PORTS_PER_WORKER = 1_300;

const ports = portsOf(Number(process.env['MOCHA_WORKER_ID'] ?? 0));

/** A port of 127.0.0.1 that nobody listens on just now, and that no other test is given soon. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_PER_WORKER; tries += 1) {
    const port = ports.next().value;
    if (await canListen(port)) return port;
  }
  throw new Error('all ports are taken');
}

/** Round and round, from anywhere: another run on this machine begins elsewhere. */
function* portsOf(worker: number): Generator<number, never> {
  const first = FIRST + (worker % WORKERS) * PORTS_PER_WORKER;
  let next = Math.floor(Math.random() * PORTS_PER_WORKER);
  for (;;) {
    yield first + next;
    next = (next + 1) % PORTS_PER_WORKER;
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
