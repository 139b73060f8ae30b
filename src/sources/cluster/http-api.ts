import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ApiRequest, ApiResponse, ApiStream, KubeApi } from '../../model/kube-api.ts';
import type { Connection, RequestSettings } from './kube-client.ts';

export interface HttpApiOptions {
  /** Sent as User-Agent. */
  readonly userAgent: string;
  /** Milliseconds without a byte after which an answer is given up; a LIST of a large cluster takes a while to begin. */
  readonly answerIdleMs: number;
  /** The same for a stream: more than the time between two bookmarks, which the API server sends about every minute. */
  readonly streamIdleMs: number;
}

interface Opening {
  readonly body: string | undefined;
  readonly settings: RequestSettings;
  readonly signal: AbortSignal;
}

const UNAUTHORIZED = 401;
const FIRST_ERROR = 400;

/** The API over HTTP/1.1: one connection for each watch, others shared. */
export class HttpApi implements KubeApi {
  readonly #connection: Connection;
  readonly #options: HttpApiOptions;
  readonly #base: URL;

  constructor(connection: Connection, options: HttpApiOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#base = new URL(connection.server);
  }

  async request(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const response = await this.#send(request, this.#options.answerIdleMs, signal);
    const { status, text } = await this.#textOf(response);
    return { status, body: parseBody(text), retryAfterMs: retryAfterMs(response) };
  }

  async stream(path: string, signal: AbortSignal): Promise<ApiStream> {
    const response = await this.#send({ method: 'GET', path }, this.#options.streamIdleMs, signal);
    const lines = statusOf(response) < FIRST_ERROR ? linesOf(response) : this.#refusalOf(response);
    return { status: statusOf(response), retryAfterMs: retryAfterMs(response), lines };
  }

  async *#refusalOf(response: IncomingMessage): AsyncGenerator<string> {
    yield (await this.#textOf(response)).text;
  }

  /** Gateways and debugging proxies quote requests in their errors, and errors are logged. */
  async #textOf(response: IncomingMessage): Promise<{ readonly status: number; readonly text: string }> {
    const [status, text] = [statusOf(response), await readAll(response)];
    if (status < FIRST_ERROR) return { status, text };
    const { headers, auth } = await this.#connection.settings();
    return { status, text: withoutCredentials(text, [...Object.values(headers), auth]) };
  }

  /** A refused token may have been rotated since it was read: that is worth one more try. */
  async #send(request: ApiRequest, idleMs: number, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#sendOnce(request, idleMs, signal);
    if (response.statusCode !== UNAUTHORIZED) return response;
    response.resume();
    this.#connection.renew();
    return this.#sendOnce(request, idleMs, signal);
  }

  async #sendOnce(request: ApiRequest, idleMs: number, signal: AbortSignal): Promise<IncomingMessage> {
    const settings = await this.#connection.settings();
    signal.throwIfAborted();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    return new Promise((resolve, reject) => {
      const sent = this.#open(request, { body, settings, signal });
      let stream: ClientRequest | IncomingMessage = sent;
      sent.setTimeout(idleMs, () => stream.destroy(new Error(`the API server was silent for ${idleMs / 1000} s`)));
      sent.once('response', (response) => {
        stream = response;
        resolve(response);
      });
      sent.on('error', (error) => {
        // Once the answer has begun, the error is its reader's too, and nobody waits for another answer.
        if (stream !== sent) return;
        if (isStale(sent, error)) resolve(this.#sendOnce(request, idleMs, signal));
        else reject(error);
      });
      sent.end(body);
    });
  }

  #open({ method, path, contentType }: ApiRequest, { body, settings, signal }: Opening): ClientRequest {
    const send = this.#base.protocol === 'http:' ? httpRequest : httpsRequest;
    const type = contentType ?? 'application/json';
    // Node leaves the length of the body of a DELETE to be guessed.
    const about = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const { agent, auth, headers } = settings;
    return send({
      method,
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      path: this.#base.pathname.replace(/\/$/, '') + path,
      headers: { accept: 'application/json', 'user-agent': this.#options.userAgent, ...about, ...headers },
      agent,
      signal,
      ...(auth === undefined ? {} : { auth }),
    });
  }
}

const STALE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * The server had closed a connection that lay idle, and heard nothing of the request, unless the network is in trouble: then
 * it may have been heard, and what creates an object is not to be said twice.
 * https://nodejs.org/api/http.html#requestreusedsocket
 */
function isStale({ reusedSocket, method }: ClientRequest, error: Error): boolean {
  return reusedSocket && method !== 'POST' && 'code' in error && STALE.has(error.code);
}

/** @param sent values of headers; user and password */
function withoutCredentials(text: string, sent: readonly unknown[]): string {
  const words = sent.flatMap((value) => (typeof value === 'string' ? [base64(value), ...value.split(/[\s:]+/)] : []));
  const secrets = words.filter((word) => word.length >= SHORTEST_SECRET);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Not `Bearer`, nor a name that is short. */
const SHORTEST_SECRET = 8;

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws SyntaxError for an answer that was cut off */
function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('the answer of the API server is not whole, or no JSON', { cause: error });
  }
}

/** Ends with the answer; throws when the connection breaks before. What follows the last line break counts as a line. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.filter((line) => line.trim() !== '');
    }
    if (rest.trim() !== '') yield rest;
  } finally {
    response.destroy();
  }
}

function statusOf(response: IncomingMessage): number {
  return response.statusCode ?? 0;
}

/** Seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
