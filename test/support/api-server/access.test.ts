import assert from 'node:assert/strict';
import { call, callJson, ingress, INGRESSES, Json, SHOP } from './client.ts';
import { FakeApiServer } from './server.ts';

const SECRETS = '/api/v1/namespaces/shop/secrets';

describe('the fake API server, access', () => {
  let api: FakeApiServer;
  beforeEach(async () => {
    api = await FakeApiServer.start();
  });
  afterEach(() => api.close());

  it('is for those with a token, when there are tokens', async () => {
    api.tokens.add('one');
    assert.equal((await call(api, INGRESSES, { token: 'one' })).status, 200);
    const answer = await call(api, INGRESSES, { token: 'two' });
    assert.equal(answer.status, 401);
    assert.equal(Json.parse(answer.text).at('reason'), 'Unauthorized');
    assert.equal((await call(api, INGRESSES)).status, 401);
    api.tokens.delete('one');
    api.tokens.add('two');
    assert.equal((await call(api, INGRESSES, { token: 'two' })).status, 200);
  });

  it('to health and version is for anyone', async () => {
    api.tokens.add('one');
    for (const path of ['/readyz', '/livez']) assert.equal((await call(api, path)).text, 'ok');
    assert.match((await callJson(api, '/version')).text('gitVersion'), /^v1\.\d+\.\d+$/);
    assert.equal((await call(api, '/version', { token: 'wrong' })).status, 401);
  });

  it('can be denied, in the words of RBAC', async () => {
    api.deny({ verb: 'list', resource: 'ingresses' });
    const whole = await callJson(api, INGRESSES);
    assert.equal(
      whole.at('message'),
      'ingresses.networking.k8s.io is forbidden: User "system:serviceaccount:sluice:sluice" cannot list resource ' +
        '"ingresses" in API group "networking.k8s.io" at the cluster scope',
    );
    assert.equal(whole.at('reason'), 'Forbidden');
    assert.match((await callJson(api, SHOP)).text('message'), / in the namespace "shop"$/);
    api.allow();
    assert.equal((await call(api, INGRESSES)).status, 200);
  });

  it('is told by subresource and name', async () => {
    api.put(ingress('a'));
    api.deny({ resource: 'ingresses/status' });
    const patch = { method: 'PATCH', body: {}, contentType: 'application/merge-patch+json' };
    assert.equal(
      (await callJson(api, `${SHOP}/a/status`, patch)).at('message'),
      'ingresses.networking.k8s.io "a" is forbidden: User "system:serviceaccount:sluice:sluice" cannot patch resource ' +
        '"ingresses/status" in API group "networking.k8s.io" in the namespace "shop"',
    );
    assert.equal((await call(api, `${SHOP}/a`, patch)).status, 200);
  });

  it('can be granted to nothing but some rules', async () => {
    api.put(ingress('a'));
    api.grant([
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['*'], namespaces: ['shop'], resourceNames: ['tls'] },
    ]);
    const status = async (path: string): Promise<number> => (await call(api, path)).status;
    assert.equal(await status(INGRESSES), 200);
    assert.equal(await status(`${SHOP}/a`), 200);
    assert.equal(await status(`${SHOP}/a/status`), 403);
    assert.equal(await status(`${INGRESSES}?watch=1`), 403);
    assert.equal(await status(`${SECRETS}/tls`), 404);
    assert.equal(await status(`${SECRETS}/other`), 403);
    assert.equal(await status(SECRETS), 403);
    assert.equal(await status(`${SECRETS}?fieldSelector=metadata.name%3Dtls`), 200);
    assert.equal(await status('/api/v1/secrets?fieldSelector=metadata.name%3Dtls'), 403);
  });

  it('asks for create when an update would create', async () => {
    api.deny({ verb: 'create', resource: 'leases' });
    const path = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/l';
    const answer = await call(api, path, { method: 'PUT', body: { metadata: { name: 'l' } } });
    assert.equal(answer.status, 403);
  });

  for (const path of [
    '/',
    '/api/v1/foos',
    '/apis/networking.k8s.io/v2/ingresses',
    `${SHOP}/a/scale`,
    '/api/v1/secrets/a',
  ]) {
    it(`has nothing at ${path}`, async () => {
      const answer = await call(api, path);
      assert.equal(answer.status, 404);
      assert.equal(Json.parse(answer.text).at('reason'), 'NotFound');
    });
  }

  it('is written down for each request', async () => {
    api.put(ingress('a'));
    await call(api, `${INGRESSES}?limit=1`);
    await call(api, `${SHOP}/a/status`, { method: 'PUT', body: ingress('a') });
    await call(api, '/api/v1/namespaces/shop');
    const facts = api.requests.map(({ verb, group, resource, subresource, namespace, name, status }) =>
      [verb, group, resource, subresource, namespace, name, status].join(' '),
    );
    assert.deepEqual(facts, [
      'list networking.k8s.io ingresses    200',
      'update networking.k8s.io ingresses status shop a 200',
      'get  namespaces  shop shop 404',
    ]);
    assert.deepEqual(api.requests[0]?.query, { limit: '1' });
    assert.deepEqual(api.requests[1]?.body, ingress('a'));
  });
});
