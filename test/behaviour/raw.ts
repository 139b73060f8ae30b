import { connect } from 'node:net';
import { connect as secure } from 'node:tls';
import type { Echo } from '../support/backend.ts';

/** What is sent as it is on a new connection, after `preface`: for the PROXY protocol. */
export interface RawRequest {
  readonly port: number;
  readonly preface: string;
  readonly text: string;
  /** Speak TLS after the preface, with this server name. */
  readonly servername?: string;
}

/** What the backend saw of it. The request must ask for the connection to be closed. */
export async function echoRaw({ port, preface, text, servername }: RawRequest): Promise<Echo> {
  const socket = connect(port, '127.0.0.1');
  socket.write(preface);
  const stream = servername === undefined ? socket : secure({ socket, servername, rejectUnauthorized: false });
  const answer = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      resolve(Buffer.concat(chunks).toString());
    });
    stream.on('error', reject);
    stream.write(text);
  });
  const body = /\{.*\}/s.exec(answer)?.[0];
  if (body === undefined) throw new Error(`no answer of a backend: ${answer}`);
  return JSON.parse(body) as Echo;
}
