import assert from 'node:assert/strict';
import { waitFor } from '../wait.ts';
import { call, callJson, ingress, INGRESSES, SHOP, WatchClient } from './client.ts';
import { FakeApiServer } from './server.ts';

describe('the fake API server, watches', () => {
  let api: FakeApiServer;
  let clients: WatchClient[] = [];
  beforeEach(async () => {
    api = await FakeApiServer.start({ bookmarkMs: 3_600_000 });
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await api.close();
  });

  function watch(query: string, path = INGRESSES): WatchClient {
    const client = WatchClient.open(api, `${path}?watch=1${query === '' ? '' : `&${query}`}`);
    clients.push(client);
    return client;
  }
  const opened = async (client: WatchClient): Promise<void> => {
    await waitFor('the watch to open', () => client.state === 'open' && api.openWatches === clients.length);
  };
  const told = async (client: WatchClient, want: readonly string[]): Promise<void> => {
    await waitFor(
      () => `${want.join(', ')}; got ${client.told.join(', ')}`,
      () => client.lines.length >= want.length,
      3000,
    );
    assert.deepEqual(client.told, want);
  };

  it('tell what happens after the list that they follow', async () => {
    api.put(ingress('a'));
    const { text } = await call(api, INGRESSES);
    const from = /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? '';
    const client = watch(`resourceVersion=${from}`);
    await opened(client);
    assert.equal(client.status, 200);
    api.put(ingress('b'));
    api.put(ingress('a', { spec: { ingressClassName: 'sluice' } }));
    api.remove('Ingress', 'shop', 'b');
    await told(client, ['ADDED b@3', 'MODIFIED a@4', 'DELETED b@5']);
    assert.equal(client.events[0]?.at('object.kind'), 'Ingress');
    assert.equal(client.events[0].at('object.apiVersion'), 'networking.k8s.io/v1');
    assert.equal(client.events[1]?.at('object.spec.ingressClassName'), 'sluice');
  });

  it('go on without a gap where another one ended', async () => {
    api.put(ingress('a'));
    const first = watch('resourceVersion=1');
    await told(first, ['ADDED a@2']);
    first.close();
    api.put(ingress('b'));
    api.remove('Ingress', 'shop', 'a');
    api.put(ingress('a'));
    await told(watch('resourceVersion=2'), ['ADDED b@3', 'DELETED a@4', 'ADDED a@5']);
  });

  for (const query of ['', 'resourceVersion=0']) {
    it(`tell all that there is first when they begin with ${query === '' ? 'no resourceVersion' : query}`, async () => {
      api.put(ingress('b'));
      api.put(ingress('a'));
      api.put(ingress('gone'));
      api.remove('Ingress', 'shop', 'gone');
      const client = watch(query);
      await told(client, ['ADDED a@3', 'ADDED b@2']);
      api.put(ingress('c'));
      await told(client, ['ADDED a@3', 'ADDED b@2', 'ADDED c@6']);
    });
  }

  it('can mark the end of what there was', async () => {
    api.put(ingress('a'));
    const client = watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan');
    await told(client, ['ADDED a@2', 'BOOKMARK @2']);
    assert.match(client.lines[1] ?? '', /"k8s\.io\/initial-events-end":"true"/);
  });

  it('see only their namespace and resource', async () => {
    const client = watch('resourceVersion=1', SHOP);
    await opened(client);
    api.put(ingress('a', { namespace: 'other' }));
    api.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'b', namespace: 'shop' } });
    api.put(ingress('c'));
    await told(client, ['ADDED c@4']);
  });

  it('take an object that starts or stops matching for added or deleted', async () => {
    const client = watch('resourceVersion=1&labelSelector=app%3Dx');
    await opened(client);
    api.put(ingress('a', { labels: { app: 'y' } }));
    api.put(ingress('a', { labels: { app: 'x' } }));
    api.put(ingress('a', { labels: { app: 'x', more: 'z' } }));
    api.put(ingress('a', { labels: { app: 'y' } }));
    api.remove('Ingress', 'shop', 'a');
    api.put(ingress('b', { labels: { app: 'x' } }));
    await told(client, ['ADDED a@3', 'MODIFIED a@4', 'DELETED a@5', 'ADDED b@7']);
    assert.deepEqual(client.events[2]?.at('object.metadata.labels'), { app: 'x', more: 'z' });
  });

  it('follow one object by a field selector', async () => {
    const client = watch('resourceVersion=1&fieldSelector=metadata.name%3Da');
    await opened(client);
    api.put(ingress('b'));
    api.put(ingress('a'));
    await told(client, ['ADDED a@3']);
  });

  it('are sent bookmarks when they allow them, with the newest resourceVersion', async () => {
    const willing = watch('resourceVersion=1&allowWatchBookmarks=true');
    const other = watch('resourceVersion=1');
    await opened(willing);
    await opened(other);
    api.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'b', namespace: 'shop' } });
    api.sendBookmarks();
    await told(willing, ['BOOKMARK @2']);
    assert.equal(willing.events[0]?.at('object.kind'), 'Ingress');
    api.put(ingress('a'));
    await told(other, ['ADDED a@3']);
  });

  it('are sent bookmarks again and again', async () => {
    await api.close();
    api = await FakeApiServer.start({ bookmarkMs: 10 });
    const client = watch('resourceVersion=1&allowWatchBookmarks=true');
    await waitFor('three bookmarks', () => client.lines.length >= 3);
  });

  it('end cleanly after timeoutSeconds', async () => {
    const client = watch('resourceVersion=1&timeoutSeconds=1');
    await waitFor('the end', () => client.state === 'ended');
    await waitFor('the server to forget it', () => api.openWatches === 0);
  });

  it('end with an ERROR event when their resourceVersion is forgotten', async () => {
    api.put(ingress('a'));
    api.compact();
    const client = watch('resourceVersion=2');
    await waitFor('the end', () => client.state === 'ended');
    assert.equal(client.status, 200);
    assert.equal(client.lines.length, 1);
    const [event] = client.events;
    assert.equal(event?.at('type'), 'ERROR');
    assert.equal(event.at('object.kind'), 'Status');
    assert.equal(event.at('object.code'), 410);
    assert.equal(event.at('object.reason'), 'Expired');
  });

  it('can begin at the newest resourceVersion after a compaction', async () => {
    api.put(ingress('a'));
    api.compact();
    const client = watch(`resourceVersion=${api.resourceVersion}`);
    await opened(client);
    api.put(ingress('b'));
    await told(client, ['ADDED b@4']);
  });

  it('can be told so by HTTP status', async () => {
    await api.close();
    api = await FakeApiServer.start({ expiredWatch: 'http-status' });
    api.compact();
    const answer = await call(api, `${INGRESSES}?watch=1&resourceVersion=1`);
    assert.equal(answer.status, 410);
  });

  it('go on over a compaction', async () => {
    const client = watch('resourceVersion=1');
    await opened(client);
    api.compact();
    api.put(ingress('a'));
    await told(client, ['ADDED a@3']);
  });

  it('are counted while they are open', async () => {
    const client = watch('resourceVersion=1');
    await opened(client);
    assert.equal(api.openWatchesOf('ingresses'), 1);
    assert.equal(api.openWatchesOf('services'), 0);
    client.close();
    await waitFor('the server to notice', () => api.openWatches === 0);
  });

  it('are no watches when watch=false', async () => {
    const list = await callJson(api, `${INGRESSES}?watch=false`);
    assert.equal(list.at('kind'), 'IngressList');
  });
});
