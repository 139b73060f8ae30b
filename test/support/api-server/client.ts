import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isRecord } from '../../../src/model/record.ts';
import type { FakeApiServer } from './server.ts';

/** A plain client of the fake API server, for its own tests. */
export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly token?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

type Api = Pick<FakeApiServer, 'port' | 'authority'>;

function open(api: Api, path: string, call: Call): Promise<IncomingMessage> {
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  // Node does not tell the length of a DELETE's body by itself.
  const length = { 'content-length': Buffer.byteLength(body) };
  const type = call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json', ...length };
  const authorization = call.token === undefined ? {} : { authorization: `Bearer ${call.token}` };
  const options = {
    method: call.method ?? 'GET',
    host: '127.0.0.1',
    port: api.port,
    path,
    headers: { ...type, ...authorization },
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const sent = api.authority === undefined ? httpRequest(options) : httpsRequest({ ...options, ca: api.authority });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** @throws Error when the connection breaks before the end of the answer */
export async function call(api: Api, path: string, options: Call = {}): Promise<Answer> {
  const response = await open(api, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

/** The JSON of an answer, whose fields are looked up by path. */
export class Json {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  static parse(text: string): Json {
    return new Json(JSON.parse(text));
  }

  /** @param path `metadata.resourceVersion`, `items.0` */
  at(path: string): unknown {
    let value = this.value;
    for (const name of path.split('.')) {
      if (Array.isArray(value)) value = value[Number(name)];
      else value = isRecord(value) ? value[name] : undefined;
    }
    return value;
  }

  text(path: string): string {
    const value = this.at(path);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  }

  list(path: string): Json[] {
    const value = this.at(path);
    return Array.isArray(value) ? value.map((item) => new Json(item)) : [];
  }
}

export async function callJson(api: Api, path: string, options: Call = {}): Promise<Json> {
  return Json.parse((await call(api, path, options)).text);
}

export type WatchState = 'opening' | 'open' | 'ended' | 'broken';

/** A watch whose lines are collected. */
export class WatchClient {
  readonly lines: string[] = [];
  status = 0;
  state: WatchState = 'opening';
  #response: IncomingMessage | undefined;
  #rest = '';

  static open(api: Api, path: string, options: Call = {}): WatchClient {
    const client = new WatchClient();
    open(api, path, options).then(
      (response) => client.#read(response),
      () => (client.state = 'broken'),
    );
    return client;
  }

  get events(): Json[] {
    return this.lines.map((line) => Json.parse(line));
  }

  /** `ADDED a@5`, or `BOOKMARK @5`. */
  get told(): string[] {
    return this.events.map((event) => {
      const name = event.text('object.metadata.name');
      return `${event.text('type')} ${name}@${event.text('object.metadata.resourceVersion')}`;
    });
  }

  /** What did not end in a line break. */
  get rest(): string {
    return this.#rest;
  }

  close(): void {
    this.#response?.destroy();
  }

  #read(response: IncomingMessage): void {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.state = 'open';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
    response.on('error', () => undefined);
    response.on('close', () => (this.state = response.complete ? 'ended' : 'broken'));
  }
}

/** The manifest of an Ingress, as small as it can be. */
export function ingress(name: string, others: Readonly<Record<string, unknown>> = {}): object {
  const { namespace = 'shop', labels, spec = {}, ...more } = others;
  const metadata = { name, namespace, ...(labels === undefined ? {} : { labels }) };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec, ...more };
}

export const INGRESSES = '/apis/networking.k8s.io/v1/ingresses';
export const SHOP = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';
