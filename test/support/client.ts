import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Echo } from './backend.ts';

export interface RequestOptions {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Speak TLS, with this server name (SNI). */
  readonly servername?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** SHA-256 fingerprint of the certificate that was presented. */
  readonly fingerprint: string | undefined;
}

/** One request on a connection of its own. The path is sent as it is given. */
export async function send(options: RequestOptions): Promise<Answer> {
  const { port, host, path = '/', method = 'GET', headers = {}, servername } = options;
  const common = { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false };
  return new Promise((resolve, reject) => {
    const request =
      servername === undefined
        ? httpRequest(common)
        : httpsRequest({ ...common, servername, rejectUnauthorized: false });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      const socket = response.socket as Partial<TLSSocket>;
      const fingerprint = socket.getPeerCertificate?.().fingerprint256;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, fingerprint });
      });
    });
    request.end(options.body);
  });
}

/** What the backend saw. @throws Error when the answer is not one of a backend */
export function echoOf(answer: Answer): Echo {
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body) as Echo;
}
