import assert from 'node:assert/strict';
import { call, callJson, ingress, INGRESSES, SHOP, type Json } from './client.ts';
import { FakeApiServer } from './server.ts';

describe('the fake API server, lists', () => {
  let api: FakeApiServer;
  beforeEach(async () => {
    api = await FakeApiServer.start();
  });
  afterEach(() => api.close());

  const names = (list: Json): string[] => list.list('items').map((item) => item.text('metadata.name'));
  const putAll = (...all: string[]): void => {
    for (const name of all) api.put(ingress(name));
  };

  it('name kind and version once, and the resourceVersion of the state', async () => {
    putAll('b', 'a');
    const list = await callJson(api, INGRESSES);
    assert.equal(list.at('kind'), 'IngressList');
    assert.equal(list.at('apiVersion'), 'networking.k8s.io/v1');
    assert.equal(list.at('metadata.resourceVersion'), api.resourceVersion);
    assert.deepEqual(names(list), ['a', 'b']);
    assert.equal(list.at('items.0.kind'), undefined);
    assert.equal(list.at('items.0.apiVersion'), undefined);
  });

  it('are of one namespace when the path says so', async () => {
    putAll('a');
    api.put(ingress('b', { namespace: 'shop-2' }));
    api.put(ingress('c', { namespace: 'sho' }));
    assert.deepEqual(names(await callJson(api, SHOP)), ['a']);
    assert.deepEqual(names(await callJson(api, INGRESSES)), ['c', 'b', 'a']);
  });

  it('are of a cluster-scoped resource without a namespace', async () => {
    api.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, status: { addresses: [] } });
    const list = await callJson(api, '/api/v1/nodes');
    assert.deepEqual(names(list), ['n1']);
    assert.equal(list.at('items.0.metadata.namespace'), undefined);
  });

  it('have pages that belong to one state, whatever changes meanwhile', async () => {
    putAll('a', 'b', 'c', 'd', 'e');
    const first = await callJson(api, `${INGRESSES}?limit=2`);
    assert.deepEqual(names(first), ['a', 'b']);
    assert.equal(first.at('metadata.remainingItemCount'), 3);
    api.remove('Ingress', 'shop', 'd');
    api.put(ingress('c', { labels: { changed: 'yes' } }));
    putAll('bb', 'f');
    const second = await callJson(api, `${INGRESSES}?limit=2&continue=${first.text('metadata.continue')}`);
    assert.deepEqual(names(second), ['c', 'd']);
    assert.equal(second.at('items.0.metadata.labels'), undefined);
    assert.equal(second.at('metadata.resourceVersion'), first.at('metadata.resourceVersion'));
    const third = await callJson(api, `${INGRESSES}?limit=2&continue=${second.text('metadata.continue')}`);
    assert.deepEqual(names(third), ['e']);
    assert.equal(third.at('metadata.continue'), undefined);
    assert.equal(third.at('metadata.remainingItemCount'), undefined);
  });

  it('have no next page when the last one is full', async () => {
    putAll('a', 'b');
    assert.equal((await callJson(api, `${INGRESSES}?limit=2`)).at('metadata.continue'), undefined);
  });

  it('refuse a continue token of a forgotten state, and offer one that goes on without consistency', async () => {
    putAll('a', 'b', 'c');
    const first = await callJson(api, `${INGRESSES}?limit=1`);
    api.compact();
    const answer = await call(api, `${INGRESSES}?limit=1&continue=${first.text('metadata.continue')}`);
    assert.equal(answer.status, 410);
    const status = await callJson(api, `${INGRESSES}?limit=1&continue=${first.text('metadata.continue')}`);
    assert.equal(status.at('kind'), 'Status');
    assert.equal(status.at('reason'), 'Expired');
    putAll('bb');
    const rest = await callJson(api, `${INGRESSES}?continue=${status.text('metadata.continue')}`);
    assert.deepEqual(names(rest), ['b', 'bb', 'c']);
    assert.equal(rest.at('metadata.resourceVersion'), api.resourceVersion);
  });

  it('forget a state after so many changes', async () => {
    await api.close();
    api = await FakeApiServer.start({ compactAfter: 3 });
    putAll('a', 'b', 'c');
    const first = await callJson(api, `${INGRESSES}?limit=1`);
    const next = `${INGRESSES}?limit=1&continue=${first.text('metadata.continue')}`;
    putAll('d', 'e', 'f');
    assert.equal((await call(api, next)).status, 200);
    putAll('g');
    assert.equal((await call(api, next)).status, 410);
  });

  it('come whole and newest for resourceVersion 0', async () => {
    putAll('a', 'b');
    const list = await callJson(api, `${INGRESSES}?limit=1&resourceVersion=0`);
    assert.deepEqual(names(list), ['a', 'b']);
  });

  it('can be of an exact past state', async () => {
    putAll('a');
    const past = api.resourceVersion;
    putAll('b');
    const path = `${INGRESSES}?resourceVersion=${past}&resourceVersionMatch`;
    assert.deepEqual(names(await callJson(api, `${path}=Exact`)), ['a']);
    assert.deepEqual(names(await callJson(api, `${path}=NotOlderThan`)), ['a', 'b']);
    api.compact();
    assert.equal((await call(api, `${path}=Exact`)).status, 410);
  });

  const bad: readonly { name: string; query: string; status: number; message: RegExp }[] = [
    {
      name: 'a state of the future',
      query: 'resourceVersion=999',
      status: 504,
      message: /^Too large resource version/,
    },
    { name: 'no resourceVersion', query: 'resourceVersion=x', status: 400, message: /invalid syntax/ },
    { name: 'a made-up continue token', query: 'continue=x', status: 400, message: /continue key is not valid/ },
    { name: 'an unknown field', query: 'fieldSelector=spec.x=1', status: 400, message: /not a known field selector/ },
    { name: 'a broken field selector', query: 'fieldSelector=x', status: 400, message: /can't understand 'x'/ },
    { name: 'a broken label selector', query: 'labelSelector=a=%26', status: 400, message: /unable to parse/ },
    { name: 'a match without a version', query: 'resourceVersionMatch=Exact', status: 422, message: /is forbidden/ },
  ];
  for (const { name, query, status, message } of bad) {
    it(`refuse ${name}`, async () => {
      const answer = await call(api, `${INGRESSES}?${query}`);
      assert.equal(answer.status, status);
      const body = await callJson(api, `${INGRESSES}?${query}`);
      assert.equal(body.at('code'), status);
      assert.match(body.text('message'), message);
    });
  }

  const selectors: readonly { selector: string; want: readonly string[] }[] = [
    { selector: 'app=x', want: ['a'] },
    { selector: 'app==y', want: ['b'] },
    { selector: 'app!=x', want: ['b', 'c'] },
    { selector: 'app in (x,y)', want: ['a', 'b'] },
    { selector: 'app notin (x, z)', want: ['b', 'c'] },
    { selector: 'app', want: ['a', 'b'] },
    { selector: '!app', want: ['c'] },
    { selector: 'app in (x,y),example.com/tier=front', want: ['b'] },
    { selector: 'empty=', want: ['c'] },
  ];
  for (const { selector, want } of selectors) {
    it(`select by the labels ${selector}`, async () => {
      api.put(ingress('a', { labels: { app: 'x' } }));
      api.put(ingress('b', { labels: { app: 'y', 'example.com/tier': 'front' } }));
      api.put(ingress('c', { labels: { empty: '' } }));
      const list = await callJson(api, `${INGRESSES}?labelSelector=${encodeURIComponent(selector)}`);
      assert.deepEqual(names(list), want);
    });
  }

  it('select by fields', async () => {
    const secret = (name: string, namespace: string, type?: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type,
    });
    api.put(secret('a', 'x', 'kubernetes.io/tls'));
    api.put(secret('b', 'x'));
    api.put(secret('a', 'y'));
    const list = async (selector: string): Promise<string[]> =>
      names(await callJson(api, `/api/v1/secrets?fieldSelector=${encodeURIComponent(selector)}`));
    assert.deepEqual(await list('metadata.name=a'), ['a', 'a']);
    assert.deepEqual(await list('metadata.namespace=x,type!=kubernetes.io/tls'), ['b']);
    assert.deepEqual(await list('type=Opaque'), ['b', 'a']);
    api.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'x' }, spec: { nodeName: 'n' } });
    const pods = await callJson(api, '/api/v1/namespaces/x/pods?fieldSelector=spec.nodeName%3Dn');
    assert.deepEqual(names(pods), ['p']);
  });

  it('page through what selectors leave, and then do not count what is left', async () => {
    for (const name of ['a', 'b', 'c', 'd']) api.put(ingress(name, { labels: { odd: `${'ac'.includes(name)}` } }));
    const first = await callJson(api, `${INGRESSES}?limit=1&labelSelector=odd%3Dtrue`);
    assert.deepEqual(names(first), ['a']);
    assert.equal(first.at('metadata.remainingItemCount'), undefined);
    const next = `limit=1&labelSelector=odd%3Dtrue&continue=${first.text('metadata.continue')}`;
    const second = await callJson(api, `${INGRESSES}?${next}`);
    assert.deepEqual(names(second), ['c']);
    assert.equal(second.at('metadata.continue'), undefined);
  });
});
