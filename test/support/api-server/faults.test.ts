import assert from 'node:assert/strict';
import { waitFor } from '../wait.ts';
import { call, ingress, INGRESSES, Json, SHOP, WatchClient } from './client.ts';
import type { Action } from './faults.ts';
import { FakeApiServer } from './server.ts';

for (const tls of [false, true]) {
  describe(`the fake API server, faults over ${tls ? 'HTTPS' : 'HTTP'}`, () => {
    let api: FakeApiServer;
    let clients: WatchClient[] = [];
    beforeEach(async () => {
      api = await FakeApiServer.start({ tls, bookmarkMs: 3_600_000 });
      for (const name of ['a', 'b', 'c']) api.put(ingress(name));
    });
    afterEach(async () => {
      for (const client of clients) client.close();
      clients = [];
      await api.close();
    });

    function failWatch(action: Action): WatchClient {
      api.faults.push({ match: { verb: 'watch' }, do: action });
      return watch();
    }
    function watch(): WatchClient {
      const client = WatchClient.open(api, `${INGRESSES}?watch=1&resourceVersion=1`);
      clients.push(client);
      return client;
    }
    function failList(action: Action): void {
      api.faults.push({ match: { verb: 'list', resource: 'ingresses' }, do: action });
    }
    const lines = async (client: WatchClient, count: number): Promise<void> => {
      await waitFor('the lines', () => client.lines.length >= count);
    };
    const end = async (client: WatchClient, state: 'ended' | 'broken'): Promise<void> => {
      await waitFor(`a watch that is ${state}`, () => client.state === state);
    };

    it('befall as many requests as they are for, of those that match', async () => {
      api.faults.push({
        match: { verb: 'list', resource: 'ingresses' },
        times: 2,
        do: { type: 'status', status: 503 },
      });
      assert.equal((await call(api, '/api/v1/secrets')).status, 200);
      assert.equal((await call(api, INGRESSES)).status, 503);
      assert.equal(api.faults.pending, 1);
      assert.equal((await call(api, SHOP)).status, 503);
      assert.equal(api.faults.pending, 0);
      assert.equal((await call(api, INGRESSES)).status, 200);
    });

    it('can be taken back', async () => {
      failList({ type: 'reset' });
      api.faults.clear();
      assert.equal((await call(api, INGRESSES)).status, 200);
    });

    it('of a status tell when to come again', async () => {
      failList({ type: 'status', status: 429, retryAfterSeconds: 7, message: 'slow down' });
      const answer = await call(api, INGRESSES);
      assert.equal(answer.status, 429);
      assert.equal(answer.headers['retry-after'], '7');
      const body = Json.parse(answer.text);
      assert.equal(body.at('reason'), 'TooManyRequests');
      assert.equal(body.at('message'), 'slow down');
      assert.equal(body.at('details.retryAfterSeconds'), 7);
    });

    it('of a status can come as an event', async () => {
      const client = failWatch({ type: 'status', status: 500, inStream: true });
      await end(client, 'ended');
      assert.deepEqual([client.status, client.events[0]?.at('object.code')], [200, 500]);
    });

    it('reset the connection before the answer', async () => {
      failList({ type: 'reset' });
      await assert.rejects(call(api, INGRESSES), { code: 'ECONNRESET' });
      assert.equal(api.requests[0]?.status, 0);
    });

    it('reset the connection amid a list', async () => {
      failList({ type: 'reset-midway', afterBytes: 100 });
      await assert.rejects(call(api, INGRESSES), { code: 'ECONNRESET' });
    });

    it('reset the connection after a write', async () => {
      api.faults.push({ match: { verb: 'create' }, do: { type: 'reset-midway' } });
      await assert.rejects(call(api, SHOP, { method: 'POST', body: ingress('d') }), { code: 'ECONNRESET' });
      assert.notEqual(api.get('Ingress', 'shop', 'd'), undefined);
    });

    it('reset a watch after some events', async () => {
      const client = failWatch({ type: 'reset-midway', afterEvents: 2 });
      await end(client, 'broken');
      assert.deepEqual(client.told, ['ADDED a@2', 'ADDED b@3']);
    });

    it('reset a watch within an event', async () => {
      const client = failWatch({ type: 'reset-midway', afterBytes: 50 });
      await end(client, 'broken');
      assert.deepEqual([client.lines.length, client.rest.length], [0, 50]);
    });

    it('leave a request without an answer', async () => {
      failList({ type: 'stall' });
      let isAnswered = false;
      const stalled = call(api, INGRESSES).finally(() => (isAnswered = true));
      const broken = assert.rejects(stalled, { code: 'ECONNRESET' });
      await waitFor('the request', () => api.requests.length === 1);
      assert.equal((await call(api, INGRESSES)).status, 200);
      assert.equal(isAnswered, false);
      api.dropConnections();
      await broken;
    });

    it('delay an answer, which then is of the newest state', async () => {
      failList({ type: 'delay', ms: 100 });
      const slow = call(api, INGRESSES);
      await waitFor('the request', () => api.requests.length === 1);
      api.put(ingress('late'));
      assert.match((await slow).text, /"late"/);
    });

    it('cut a list off as if it were whole', async () => {
      failList({ type: 'truncate', bytes: 120 });
      const { text, status } = await call(api, INGRESSES);
      assert.deepEqual([status, text.length], [200, 120]);
      assert.throws(() => Json.parse(text), SyntaxError);
    });

    it('cut a watch off as if it were whole', async () => {
      const client = failWatch({ type: 'truncate', bytes: 30 });
      await end(client, 'ended');
      assert.equal(client.rest.length, 30);
    });

    it('give HTML for a list', async () => {
      failList({ type: 'garbage' });
      assert.match((await call(api, INGRESSES)).text, /^<html>/);
    });

    it('put a line of no JSON into a watch', async () => {
      const client = failWatch({ type: 'garbage', afterEvents: 1 });
      await lines(client, 4);
      assert.match(client.lines[1] ?? '', /^<html>/);
      assert.match(client.lines[3] ?? '', /^\{"type":"ADDED"/);
    });

    it('silence a watch, and lose nothing for the next one', async () => {
      const silent = failWatch({ type: 'half-open', afterEvents: 1 });
      await lines(silent, 1);
      api.put(ingress('d'));
      api.sendBookmarks();
      const next = watch();
      await lines(next, 4);
      assert.deepEqual(next.told, ['ADDED a@2', 'ADDED b@3', 'ADDED c@4', 'ADDED d@5']);
      assert.deepEqual(silent.told, ['ADDED a@2']);
      assert.equal(silent.state, 'open');
      assert.equal(api.openWatches, 2);
    });

    it('send every event twice', async () => {
      const client = failWatch({ type: 'duplicate' });
      await lines(client, 6);
      assert.deepEqual(client.told.slice(0, 3), ['ADDED a@2', 'ADDED a@2', 'ADDED b@3']);
    });

    it('answer that a list is gone', async () => {
      failList({ type: 'gone' });
      const answer = await call(api, INGRESSES);
      assert.equal(answer.status, 410);
      assert.equal(Json.parse(answer.text).at('reason'), 'Expired');
    });

    it('answer that a watch is gone, by status or in the stream', async () => {
      const byStatus = failWatch({ type: 'gone' });
      await end(byStatus, 'ended');
      assert.equal(byStatus.status, 410);
      const inStream = failWatch({ type: 'gone', inStream: true });
      await end(inStream, 'ended');
      assert.deepEqual([inStream.status, inStream.events[0]?.at('object.code')], [200, 410]);
    });

    it('end a watch at once', async () => {
      const client = failWatch({ type: 'end' });
      await end(client, 'ended');
      assert.deepEqual([client.status, client.lines.length], [200, 0]);
      await waitFor('the server to forget it', () => api.openWatches === 0);
    });

    it('send an event of a type that does not exist', async () => {
      const client = failWatch({ type: 'unknown-event', afterEvents: 1 });
      await lines(client, 4);
      assert.deepEqual(
        client.events.map((event) => event.at('type')),
        ['ADDED', 'RENAMED', 'ADDED', 'ADDED'],
      );
    });

    it('send old events again', async () => {
      const client = failWatch({ type: 'old-events', afterEvents: 2, count: 1 });
      await lines(client, 4);
      assert.deepEqual(client.told, ['ADDED a@2', 'ADDED b@3', 'ADDED b@3', 'ADDED c@4']);
    });

    it('for watches pass by other requests', async () => {
      api.faults.push({ match: {}, do: { type: 'half-open' } });
      assert.equal((await call(api, INGRESSES)).status, 200);
      assert.equal(api.faults.pending, 1);
    });
  });
}
