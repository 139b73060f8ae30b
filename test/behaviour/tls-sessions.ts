import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Reach } from './case.ts';

export interface Session {
  readonly protocol: string;
  readonly alpn: string;
  readonly cipher: string;
  readonly reused: boolean;
  /** Common name of the certificate. */
  readonly subject: string;
  readonly session: Buffer | undefined;
}

/** One handshake, with a request on it so that a session comes. */
export async function shake({ httpsPort, host }: Reach, options: ConnectionOptions = {}): Promise<Session> {
  return new Promise((resolve, reject) => {
    const about = { port: httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false };
    let session: Buffer | undefined;
    const socket: TLSSocket = connect({ ...about, ...options }, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    let subject = '';
    // A session that is used again comes without a certificate.
    socket.on('secureConnect', () => {
      const { subject: found } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
      subject = found?.CN ?? '';
    });
    socket.on('session', (given: Buffer) => (session = given));
    socket.on('error', reject);
    socket.resume();
    socket.on('end', () => {
      const { alpnProtocol } = socket;
      const found = { protocol: String(socket.getProtocol()), cipher: socket.getCipher().name, subject };
      resolve({ ...found, alpn: String(alpnProtocol), reused: socket.isSessionReused(), session });
    });
  });
}

const TLS12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

export async function isResumed(reach: Reach): Promise<boolean> {
  const { session } = await shake(reach, TLS12);
  return session !== undefined && (await shake(reach, { ...TLS12, session })).reused;
}
