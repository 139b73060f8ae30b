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
