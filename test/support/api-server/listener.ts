import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { freePort } from '../ports.ts';
import type { ServerCertificate } from './certificate.ts';

const HOST = '127.0.0.1';
/** The API server closes idle connections late; Node's five seconds would race with requests. */
const KEEP_ALIVE_MS = 120_000;

/** A server on loopback whose TCP connections can be reset, and which can go away and come back on its port. */
export class Listener {
  readonly #server: Server;
  /** By the port of the client; below TLS. */
  readonly #sockets = new Map<number, Socket>();
  #port = 0;

  constructor(answer: RequestListener, certificate: ServerCertificate | undefined) {
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
    this.#server =
      certificate === undefined
        ? createServer(options, answer)
        : createSecureServer({ ...options, cert: certificate.certificate, key: certificate.key }, answer);
    this.#server.on('connection', (socket: Socket) => this.#remember(socket));
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    // Nobody else comes by it while this server is away.
    this.#port = await freePort();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, HOST, resolve);
    });
  }

  /** The TCP connection of a request. */
  socketOf({ remotePort }: Socket): Socket | undefined {
    return this.#sockets.get(remotePort ?? 0);
  }

  /** Connections are refused from now on, and those that are open are reset. */
  pause(): void {
    if (this.#server.listening) this.#server.close();
    this.reset();
  }

  resume(): void {
    if (!this.#server.listening) this.#server.listen(this.#port, HOST);
  }

  reset(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = this.#server.listening
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : undefined;
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #remember(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.#sockets.set(port, socket);
    socket.once('close', () => this.#sockets.delete(port));
    // A reset is what is meant to happen here.
    socket.on('error', () => undefined);
  }
}
