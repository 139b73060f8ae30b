import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamAction } from './faults.ts';
import type { RequestRecord } from './route.ts';
import { Failure, type StatusBody } from './status.ts';

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  /** The TCP connection, also below TLS. */
  readonly socket: Socket | undefined;
}

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>upstream error</body></html>';
const MEDIA_TYPE = 'application/json';

/** One request and its answer, whose body may be cut off by a fault. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly record: RequestRecord;
  readonly #response: ServerResponse;
  readonly #socket: Socket | undefined;
  #fault: StreamAction | undefined;
  /** Bytes of the body until the fault. */
  #left = Infinity;
  #isCut = false;

  constructor({ request, response, record, socket }: ExchangeParts) {
    this.request = request;
    this.record = record;
    this.#response = response;
    this.#socket = socket;
  }

  /** What happens to the answer; a watch looks after what concerns its events. */
  get fault(): StreamAction | undefined {
    return this.#fault;
  }

  suffer(action: StreamAction): void {
    this.#fault = action;
    if (action.type === 'truncate') this.#left = action.bytes;
    if (action.type !== 'reset-midway') return;
    if (action.afterBytes !== undefined) this.#left = action.afterBytes;
    else if (action.afterEvents === undefined || this.record.verb !== 'watch') this.#left = 0;
  }

  /** A whole answer. */
  send(code: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.record.status = code;
    if (this.#fault === undefined) {
      const length = { 'content-length': Buffer.byteLength(body) };
      this.#response.writeHead(code, { 'content-type': MEDIA_TYPE, ...length, ...headers }).end(body);
    } else if (this.#fault.type === 'garbage') {
      this.#response.writeHead(code, { 'content-type': 'text/html' }).end(HTML);
    } else {
      this.start(code);
      this.write(body);
      this.end();
    }
  }

  sendStatus(code: number, body: StatusBody): void {
    this.send(code, `${JSON.stringify(body)}\n`);
  }

  /** @param error a Failure is told as it is; anything else is a defect of the fake server */
  fail(error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure(500, `fake API server: ${String(error)}`);
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    const seconds = failure.retryAfterSeconds;
    const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': `${seconds}` };
    this.send(failure.code, `${JSON.stringify(failure.body)}\n`, headers);
  }

  /** The head of an answer that `write` and `end` go on with. */
  start(code: number): void {
    this.record.status = code;
    this.#response.writeHead(code, { 'content-type': MEDIA_TYPE, 'cache-control': 'no-cache, private' });
    this.#response.flushHeaders();
    if (this.#left === 0) this.#cut();
  }

  write(text: string): void {
    if (this.#isCut || this.#response.destroyed) return;
    if (this.#left === Infinity) {
      this.#response.write(text);
      return;
    }
    const bytes = Buffer.from(text).subarray(0, this.#left);
    this.#left -= bytes.length;
    this.#response.write(bytes);
    if (this.#left === 0) this.#cut();
  }

  end(): void {
    if (!this.#isCut) this.#response.end();
  }

  /** The client may have gone already. */
  onClose(listener: () => void): void {
    if (this.#response.destroyed) listener();
    else this.#response.once('close', listener);
  }

  /** What has been written goes out before. */
  resetSoon(): void {
    this.#isCut = true;
    setImmediate(() => this.reset());
  }

  reset(): void {
    if (this.#socket?.destroyed === false) this.#socket.resetAndDestroy();
    else this.#response.destroy();
  }

  #cut(): void {
    if (this.#fault?.type === 'truncate') this.#response.end();
    else this.resetSoon();
    this.#isCut = true;
  }
}

/** @throws Failure for what is no JSON */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(400, `couldn't get version/kind; json parse error: ${String(error)}`);
  }
}
