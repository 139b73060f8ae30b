import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpApi } from '../../../src/sources/cluster/http-api.ts';
import { LIMITS, TestConnection } from './support.ts';

/** Answers the first request of each connection; the second finds it closed. */
function closingServer(): { readonly server: Server; readonly heard: string[] } {
  const heard: string[] = [];
  const seen = new WeakSet<object>();
  const server = createServer((request, response) => {
    heard.push(request.method ?? '');
    if (seen.has(request.socket)) return request.socket.resetAndDestroy();
    seen.add(request.socket);
    return response.end('{}');
  });
  return { server, heard };
}

describe('a connection of the API server that was closed while it lay idle', () => {
  const { server, heard } = closingServer();
  let connection: TestConnection;
  let api: HttpApi;
  const { signal } = new AbortController();
  const send = (method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE') => api.request({ method, path: '/' }, signal);

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = new TestConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    api = new HttpApi(connection, LIMITS);
  });
  after(() => {
    connection.close();
    server.closeAllConnections();
    server.close();
  });

  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`is no failure of ${method}: it is sent again over another`, async () => {
      await send('GET');
      heard.length = 0;
      assert.equal((await send(method)).status, 200);
      assert.deepEqual(heard, [method, method]);
    });
  }

  it('is a failure of POST, which may have created something', async () => {
    await send('GET').catch(() => undefined);
    heard.length = 0;
    await assert.rejects(send('POST'), /ECONNRESET|hang up/);
    assert.deepEqual(heard, ['POST']);
  });
});

describe('an answer of the API server, over a connection that was used before, that breaks off', () => {
  let heard = 0;
  const server = createServer((request, response) => {
    heard += 1;
    if (request.url === '/') {
      response.end('{}');
      return;
    }
    response.writeHead(200);
    response.write('{"kind":\n', () => setImmediate(() => request.socket.resetAndDestroy()));
  });
  let connection: TestConnection;
  let api: HttpApi;
  const { signal } = new AbortController();

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = new TestConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    api = new HttpApi(connection, LIMITS);
  });
  beforeEach(async () => {
    await api.request({ method: 'GET', path: '/' }, signal);
    heard = 0;
  });
  // What had been asked for behind its back would have come before this.
  afterEach(async () => {
    await api.request({ method: 'GET', path: '/' }, signal);
    assert.equal(heard, 2);
  });
  after(() => {
    connection.close();
    server.closeAllConnections();
    server.close();
  });

  it('is a failure of its reader, and is not asked for again', async () => {
    await assert.rejects(api.request({ method: 'GET', path: '/broken' }, signal), /ECONNRESET|aborted/);
  });

  it('is a failure of whoever reads its lines', async () => {
    const { lines } = await api.stream('/broken?watch=1', signal);
    const readAll = async () => {
      for await (const line of lines) assert.equal(line, '{"kind":');
    };
    await assert.rejects(readAll(), /ECONNRESET|aborted/);
  });
});
