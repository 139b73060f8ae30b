import { createServer as createHttp2, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { makeCertificate, type CertificatePair } from '../support/certificates.ts';
import type { Reach } from './case.ts';

export const AUTHORITY = makeCertificate({ names: [], commonName: 'endpoints', authority: true });
/** What endpoints show. */
export const SERVER = makeCertificate({ names: ['web.example.com'], issuer: AUTHORITY });
/** What they ask of the proxy. */
export const CLIENT = makeCertificate({ names: [], commonName: 'proxy', issuer: AUTHORITY });

/** What an endpoint saw of the handshake. */
export interface Seen {
  /** Subject of the certificate of the proxy. */
  readonly subject: string | undefined;
  readonly servername: string | false;
  readonly protocol: string;
  readonly cipher: string;
  readonly headers: IncomingHttpHeaders;
}

/** Runs something while an HTTPS server answers what it sees. */
export async function withHttps<T>(port: number, use: () => Promise<T>, pair: CertificatePair = SERVER): Promise<T> {
  const options = { cert: pair.certificate, key: pair.key, ca: AUTHORITY.certificate };
  const server = createHttps({ ...options, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as Partial<TLSSocket> & { readonly servername?: string | false };
    const seen: Seen = {
      subject: socket.authorized === true ? String(socket.getPeerCertificate?.().subject.CN) : undefined,
      servername: socket.servername ?? false,
      protocol: socket.getProtocol?.() ?? '',
      cipher: socket.getCipher?.().name ?? '',
      headers: request.headers,
    };
    response.end(JSON.stringify(seen));
  });
  return whileListening(server, port, use);
}

/** Runs something while a gRPC server answers: a message, and trailers; after as many milliseconds as `x-delay` says. */
export async function withGrpc<T>(port: number, use: () => Promise<T>, secured = false): Promise<T> {
  const server = secured ? createSecureServer({ cert: SERVER.certificate, key: SERVER.key }) : createHttp2();
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    const answer = (): void => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(JSON.stringify(headers));
    };
    const delay = Number(headers['x-delay'] ?? 0);
    if (delay === 0) answer();
    else setTimeout(answer, delay);
  });
  return whileListening(server, port, use);
}

async function whileListening<T>(server: Server, port: number, use: () => Promise<T>): Promise<T> {
  const sockets = new Set<{ destroy: () => void }>();
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: { destroy: () => void }) => sockets.add(socket));
  }
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    return await use();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

export interface GrpcAnswer {
  readonly status: number;
  /** What the server saw. */
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers: IncomingHttpHeaders;
}

/** One call over HTTP/2, with TLS or without. */
export async function callGrpc(
  { host, httpPort, httpsPort }: Reach,
  more: Readonly<Record<string, string>> = {},
  secured = true,
): Promise<GrpcAnswer> {
  const session = secured
    ? connect(`https://127.0.0.1:${httpsPort}`, { servername: host, rejectUnauthorized: false })
    : connect(`http://127.0.0.1:${httpPort}`);
  try {
    return await call(session, { ':authority': host, ':path': '/hello.Greeter/Say', ...more });
  } finally {
    session.destroy();
  }
}

async function call(session: ClientHttp2Session, headers: Readonly<Record<string, string>>): Promise<GrpcAnswer> {
  const stream = session.request({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers', ...headers });
  let status = 0;
  let trailers: IncomingHttpHeaders = {};
  let body = '';
  stream.on('response', (answer: IncomingHttpHeaders & IncomingHttpStatusHeader) => (status = answer[':status'] ?? 0));
  stream.on('trailers', (found: IncomingHttpHeaders) => (trailers = found));
  stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
  stream.end();
  await new Promise((resolve, reject) => {
    stream.on('close', resolve);
    stream.on('error', reject);
    session.on('error', reject);
  });
  const seen = body.startsWith('{') ? (JSON.parse(body) as Readonly<Record<string, string>>) : {};
  return { status, headers: seen, trailers };
}
