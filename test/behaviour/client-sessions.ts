import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { CertificatePair } from '../support/certificates.ts';
import type { Reach } from './case.ts';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

interface Visit {
  /** Of the handshake, and of the request. */
  readonly host: string;
  readonly version: TlsVersion;
  readonly pair?: CertificatePair;
  /** To be resumed. */
  readonly session?: Buffer | undefined;
}

export interface Visited {
  /** 0: the connection was closed. */
  readonly status: number;
  /** To be resumed by another connection; `undefined`: the server offers none. */
  readonly session: Buffer | undefined;
}

/** One request on a connection of its own, which may resume the TLS session of another one. */
export async function visit({ httpsPort }: Reach, { host, version, pair, session }: Visit): Promise<Visited> {
  const options: ConnectionOptions = {
    host: '127.0.0.1',
    port: httpsPort,
    servername: host,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
    ...(session === undefined ? {} : { session }),
    ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
  };
  const socket = connect(options);
  socket.on('secureConnect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  return untilClosed(socket);
}

async function untilClosed(socket: TLSSocket): Promise<Visited> {
  let session: Buffer | undefined;
  let text = '';
  socket.on('session', (offered: Buffer) => (session = offered));
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), session }));
  });
}
