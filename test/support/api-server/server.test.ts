import assert from 'node:assert/strict';
import { waitFor } from '../wait.ts';
import { call, callJson, ingress, INGRESSES, Json, WatchClient } from './client.ts';
import { FakeApiServer } from './server.ts';

for (const tls of [false, true]) {
  describe(`the fake API server over ${tls ? 'HTTPS' : 'HTTP'}`, () => {
    let api: FakeApiServer;
    beforeEach(async () => {
      api = await FakeApiServer.start({ tls });
    });
    afterEach(() => api.close());

    it('goes away and comes back on its port with all that it has', async () => {
      api.put(ingress('a'));
      const client = WatchClient.open(api, `${INGRESSES}?watch=1&resourceVersion=1`);
      await waitFor('an event', () => client.lines.length === 1);
      const { port } = api;
      api.pause();
      await waitFor('the watch to break', () => client.state === 'broken');
      await assert.rejects(call(api, INGRESSES), { code: 'ECONNREFUSED' });
      api.put(ingress('b'));
      api.resume();
      assert.equal(api.port, port);
      const list = await callJson(api, INGRESSES);
      assert.equal(list.list('items').length, 2);
      api.pause();
      await api.close();
    });

    it('drops all connections', async () => {
      const clients = [1, 2, 3].map(() => WatchClient.open(api, `${INGRESSES}?watch=1`));
      await waitFor('the watches', () => clients.every(({ state }) => state === 'open'));
      api.dropConnections();
      await waitFor('them to break', () => clients.every(({ state }) => state === 'broken'));
      await waitFor('the server to forget them', () => api.openWatches === 0);
      assert.equal((await call(api, INGRESSES)).status, 200);
    });

    it('closes in spite of open watches', async () => {
      const client = WatchClient.open(api, `${INGRESSES}?watch=1`);
      await waitFor('the watch', () => client.state === 'open');
      await api.close();
      await waitFor('it to break', () => client.state === 'broken');
    });

    it('has a kubeconfig', () => {
      const config = Json.parse(api.kubeconfig({ token: 't', namespace: 'shop' }));
      assert.equal(config.at('clusters.0.cluster.server'), api.url);
      assert.equal(config.at('users.0.user.token'), 't');
      assert.equal(config.at('contexts.0.context.namespace'), 'shop');
      const authority = config.text('clusters.0.cluster.certificate-authority-data');
      assert.equal(Buffer.from(authority, 'base64').toString(), api.authority ?? '');
    });
  });
}

describe('the fake API server', () => {
  it('has a kubeconfig with an exec plugin or a token file', async () => {
    const api = await FakeApiServer.start();
    const exec = { command: 'get-token', args: ['--now'] };
    const config = Json.parse(api.kubeconfig({ exec, tokenFile: '/run/token' }));
    assert.equal(config.at('users.0.user.exec.command'), 'get-token');
    assert.equal(config.at('users.0.user.exec.apiVersion'), 'client.authentication.k8s.io/v1');
    assert.equal(config.at('users.0.user.tokenFile'), '/run/token');
    await api.close();
  });

  it('serves thousands of objects in pages and to watches', async () => {
    const api = await FakeApiServer.start();
    const count = 5000;
    const watch = WatchClient.open(api, `${INGRESSES}?watch=1&resourceVersion=1`);
    await waitFor('the watch', () => api.openWatches === 1);
    for (let index = 0; index < count; index += 1) api.put(ingress(`web-${index}`));
    await waitFor('all events', () => watch.lines.length === count);
    const seen = new Set<string>();
    let token = '';
    do {
      const list = await callJson(api, `${INGRESSES}?limit=500&continue=${token}`);
      for (const item of list.list('items')) seen.add(item.text('metadata.name'));
      token = list.text('metadata.continue');
      api.put(ingress(`new-${seen.size}`));
    } while (token !== '');
    assert.equal(seen.size, count);
    watch.close();
    await api.close();
  });
});
