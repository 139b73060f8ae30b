import assert from 'node:assert/strict';
import { call, ingress, INGRESSES, Json, SHOP, type Answer } from './client.ts';
import { FakeApiServer } from './server.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/shop/leases';
const EVENTS = '/apis/events.k8s.io/v1/namespaces/shop/events';
const MERGE = 'application/merge-patch+json';

describe('the fake API server, writes', () => {
  let api: FakeApiServer;
  beforeEach(async () => {
    api = await FakeApiServer.start();
  });
  afterEach(() => api.close());

  async function send(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<[number, Json, Answer]> {
    const type = contentType === undefined ? {} : { contentType };
    const answer = await call(api, path, { method, body, ...type });
    return [answer.status, Json.parse(answer.text), answer];
  }

  it('create with uid, time, generation and an empty status', async () => {
    const sent = ingress('a', { spec: { rules: [] }, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    const [status, made] = await send('POST', SHOP, sent);
    assert.equal(status, 201);
    assert.match(made.text('metadata.uid'), /^[0-9a-f-]{36}$/);
    assert.match(made.text('metadata.creationTimestamp'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(made.at('metadata.resourceVersion'), '2');
    assert.equal(made.at('metadata.generation'), 1);
    assert.deepEqual(made.at('status'), { loadBalancer: {} });
    assert.deepEqual(Json.parse((await call(api, `${SHOP}/a`)).text).value, made.value);
    assert.deepEqual(api.get('Ingress', 'shop', 'a'), made.value);
  });

  it('create under a generated name', async () => {
    const { text } = await call(api, SHOP, { method: 'POST', body: { metadata: { generateName: 'web-' } } });
    assert.match(Json.parse(text).text('metadata.name'), /^web-[a-z0-9]{5}$/);
  });

  it('refuse to create what exists', async () => {
    api.put(ingress('a'));
    const [status, body] = await send('POST', SHOP, ingress('a'));
    assert.equal(status, 409);
    assert.equal(body.at('reason'), 'AlreadyExists');
    assert.equal(body.at('message'), 'ingresses.networking.k8s.io "a" already exists');
    assert.deepEqual(body.at('details'), { name: 'a', group: 'networking.k8s.io', kind: 'ingresses' });
  });

  it('update what the client has seen last, and nothing else', async () => {
    const { metadata } = api.put(ingress('a'));
    const seen = { ...ingress('a', { spec: { ingressClassName: 'x' } }), metadata };
    const [status, updated] = await send('PUT', `${SHOP}/a`, seen);
    assert.equal(status, 200);
    assert.equal(updated.at('metadata.generation'), 2);
    assert.equal(updated.at('metadata.uid'), metadata.uid);
    const [again, conflict] = await send('PUT', `${SHOP}/a`, seen);
    assert.equal(again, 409);
    assert.equal(conflict.at('reason'), 'Conflict');
    assert.match(conflict.text('message'), /^Operation cannot be fulfilled on ingresses\.networking\.k8s\.io "a"/);
  });

  it('update without a resourceVersion unconditionally, but for Leases', async () => {
    api.put(ingress('a'));
    assert.equal((await send('PUT', `${SHOP}/a`, ingress('a', { spec: { x: 1 } })))[0], 200);
    const lease = { metadata: { name: 'l', namespace: 'shop' }, spec: { holderIdentity: 'a' } };
    assert.equal((await send('PUT', `${LEASES}/l`, lease))[0], 201);
    const [status, body] = await send('PUT', `${LEASES}/l`, { ...lease, spec: {} });
    assert.equal(status, 422);
    assert.match(body.text('message'), /metadata\.resourceVersion: Invalid value: 0: must be specified for an update/);
  });

  it('do not count what changes nothing', async () => {
    api.put(ingress('a', { spec: { x: 1 } }));
    const before = api.resourceVersion;
    api.put(ingress('a', { spec: { x: 1 } }));
    await send('PUT', `${SHOP}/a`, ingress('a', { spec: { x: 1 } }));
    await send('PATCH', `${SHOP}/a`, { spec: { x: 1 } }, MERGE);
    await send('PATCH', `${SHOP}/a/status`, { status: { loadBalancer: {} } }, MERGE);
    assert.equal(api.resourceVersion, before);
  });

  it('keep the status out of the object, and the object out of the status', async () => {
    api.put(ingress('a', { spec: { x: 1 } }));
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const [, first] = await send(
      'PATCH',
      `${SHOP}/a/status`,
      { status, spec: { x: 2 }, metadata: { labels: { a: 'b' } } },
      MERGE,
    );
    assert.deepEqual(first.at('status'), status);
    assert.deepEqual(first.at('spec'), { x: 1 });
    assert.equal(first.at('metadata.labels'), undefined);
    assert.equal(first.at('metadata.generation'), 1);
    const [, second] = await send('PUT', `${SHOP}/a`, ingress('a', { spec: { x: 3 }, status: { loadBalancer: {} } }));
    assert.deepEqual(second.at('status'), status);
    const [code, third] = await send('PUT', `${SHOP}/a/status`, ingress('a', { spec: { x: 4 }, status: {} }));
    assert.equal(code, 200);
    assert.deepEqual(third.at('status'), {});
    assert.deepEqual(third.at('spec'), { x: 3 });
    assert.equal((await send('GET', `${SHOP}/a/status`))[1].at('metadata.name'), 'a');
  });

  it('patch by merging, where null removes', async () => {
    api.put(ingress('a', { labels: { one: '1', two: '2' }, spec: { rules: [1, 2] } }));
    const patch = { metadata: { labels: { one: null, three: '3' } }, spec: { rules: [3] } };
    const [status, body] = await send('PATCH', `${SHOP}/a`, patch, 'application/strategic-merge-patch+json');
    assert.equal(status, 200);
    assert.deepEqual(body.at('metadata.labels'), { two: '2', three: '3' });
    assert.deepEqual(body.at('spec.rules'), [3]);
    const stale = { metadata: { resourceVersion: '1' }, spec: {} };
    assert.equal((await send('PATCH', `${SHOP}/a`, stale, MERGE))[0], 409);
  });

  it('delete, and tell the uid', async () => {
    const { metadata } = api.put(ingress('a'));
    const [status, body] = await send('DELETE', `${SHOP}/a`);
    assert.equal(status, 200);
    assert.equal(body.at('status'), 'Success');
    assert.equal(body.at('details.uid'), metadata.uid);
    assert.equal((await send('GET', `${SHOP}/a`))[0], 404);
  });

  it('delete only what the preconditions name', async () => {
    const { metadata } = api.put(ingress('a'));
    const by = async (preconditions: object): Promise<number> =>
      (await send('DELETE', `${SHOP}/a`, { kind: 'DeleteOptions', preconditions }))[0];
    assert.equal(await by({ uid: 'other' }), 409);
    assert.equal(await by({ resourceVersion: '1' }), 409);
    assert.equal(await by({ uid: metadata.uid, resourceVersion: metadata.resourceVersion }), 200);
  });

  it('keep what has finalizers until the last is gone', async () => {
    api.put({ ...ingress('a'), metadata: { name: 'a', namespace: 'shop', finalizers: ['example.com/x'] } });
    assert.equal((await send('DELETE', `${SHOP}/a`))[0], 200);
    assert.equal(typeof api.get('Ingress', 'shop', 'a')?.metadata['deletionTimestamp'], 'string');
    await send('PATCH', `${SHOP}/a`, { metadata: { finalizers: null } }, MERGE);
    assert.equal(api.get('Ingress', 'shop', 'a'), undefined);
  });

  const missing: readonly { method: string; path: string; body?: unknown; type?: string }[] = [
    { method: 'GET', path: `${SHOP}/a` },
    { method: 'PUT', path: `${SHOP}/a`, body: ingress('a') },
    { method: 'PATCH', path: `${SHOP}/a/status`, body: {}, type: MERGE },
    { method: 'DELETE', path: `${SHOP}/a` },
  ];
  for (const { method, path, body, type } of missing) {
    it(`answer ${method} of what does not exist with 404`, async () => {
      const [status, told] = await send(method, path, body, type);
      assert.equal(status, 404);
      assert.equal(told.at('reason'), 'NotFound');
      assert.equal(told.at('message'), 'ingresses.networking.k8s.io "a" not found');
    });
  }

  const micro = '2026-01-02T03:04:05.000000Z';
  const lease = (spec: object): object => ({ metadata: { name: 'l' }, spec });
  const event = (others: object): object => ({
    metadata: { name: 'e' },
    eventTime: micro,
    reportingController: 'sluice.dev/ingress-controller',
    reportingInstance: 'sluice-0',
    action: 'Render',
    reason: 'RenderFailed',
    type: 'Warning',
    regarding: { kind: 'Ingress', namespace: 'shop', name: 'a' },
    ...others,
  });

  const bad: readonly {
    name: string;
    method?: string;
    path?: string;
    body: unknown;
    type?: string;
    status: number;
    message: RegExp;
  }[] = [
    { name: 'no name', body: { metadata: {} }, status: 422, message: /name or generateName is required/ },
    { name: 'a bad name', body: ingress('A_b'), status: 422, message: /RFC 1123 subdomain/ },
    { name: 'another namespace', body: ingress('a', { namespace: 'b' }), status: 400, message: /does not match/ },
    {
      name: 'another kind',
      body: { kind: 'Service', metadata: { name: 'a' } },
      status: 400,
      message: /cannot be handled/,
    },
    { name: 'no JSON object', body: [], status: 400, message: /no JSON object/ },
    { name: 'YAML', body: {}, type: 'application/yaml', status: 415, message: /unknown format/ },
    {
      name: 'a set resourceVersion',
      body: { metadata: { name: 'a', resourceVersion: '1' } },
      status: 500,
      message: /should not be set/,
    },
    {
      name: 'a JSON patch',
      method: 'PATCH',
      path: `${SHOP}/a`,
      body: [],
      type: 'application/json-patch+json',
      status: 415,
      message: /merge-patch/,
    },
    {
      name: 'server-side apply',
      method: 'PATCH',
      path: `${SHOP}/a`,
      body: {},
      type: 'application/apply-patch+yaml',
      status: 415,
      message: /merge-patch/,
    },
    { name: 'a POST in all namespaces', path: INGRESSES, body: ingress('a'), status: 405, message: /does not allow/ },
    {
      name: 'another name than in the path',
      method: 'PUT',
      path: `${SHOP}/b`,
      body: ingress('a'),
      status: 400,
      message: /on the URL \(b\)/,
    },
    {
      name: 'a Lease of no duration',
      path: LEASES,
      body: lease({ leaseDurationSeconds: 0 }),
      status: 422,
      message: /must be greater than 0/,
    },
    {
      name: 'a Lease with milliseconds',
      path: LEASES,
      body: lease({ renewTime: '2026-01-02T03:04:05.000Z' }),
      status: 400,
      message: /^Lease in version "v1".*parsing time/,
    },
    {
      name: 'an Event without time',
      path: EVENTS,
      body: event({ eventTime: null }),
      status: 422,
      message: /eventTime: Required value/,
    },
    {
      name: 'an Event without reason',
      path: EVENTS,
      body: event({ reason: '' }),
      status: 422,
      message: /reason: Required value/,
    },
    {
      name: 'an Event with a long note',
      path: EVENTS,
      body: event({ note: 'é'.repeat(513) }),
      status: 422,
      message: /at most 1024 characters/,
    },
    {
      name: 'an Event of a cluster-scoped object',
      path: EVENTS,
      body: event({ regarding: { kind: 'IngressClass' } }),
      status: 422,
      message: /does not match event\.namespace/,
    },
    {
      name: 'an Event with a series of one',
      path: EVENTS,
      body: event({ series: { count: 1, lastObservedTime: micro } }),
      status: 422,
      message: /at least 2/,
    },
  ];
  for (const { name, method = 'POST', path = SHOP, body, type, status, message } of bad) {
    it(`refuse ${name}`, async () => {
      const [code, told] = await send(method, path, body, type);
      assert.equal(code, status);
      assert.match(told.text('message'), message);
    });
  }

  it('take a proper Event, of which only the series may change', async () => {
    const [status] = await send('POST', EVENTS, event({}));
    assert.equal(status, 201);
    const series = { count: 2, lastObservedTime: micro };
    assert.equal((await send('PATCH', `${EVENTS}/e`, { series }, MERGE))[0], 200);
    const [code, told] = await send('PATCH', `${EVENTS}/e`, { reason: 'Other' }, MERGE);
    assert.equal(code, 422);
    assert.match(told.text('message'), /field is immutable/);
  });

  it('encode the stringData of Secrets', async () => {
    await send('POST', '/api/v1/namespaces/shop/secrets', { metadata: { name: 's' }, stringData: { a: 'b' } });
    const secret = new Json(api.get('Secret', 'shop', 's'));
    assert.deepEqual(secret.at('data'), { a: 'Yg==' });
    assert.equal(secret.at('type'), 'Opaque');
    assert.equal(secret.at('stringData'), undefined);
  });

  it('by tests keep what they are given of identity and status', () => {
    const metadata = { name: 'a', namespace: 'shop', uid: 'u-1', creationTimestamp: '2020-01-01T00:00:00Z' };
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const made = api.put({ ...ingress('a'), metadata, status });
    assert.equal(made.metadata.uid, 'u-1');
    assert.equal(made.metadata.creationTimestamp, '2020-01-01T00:00:00Z');
    const changed = api.put(ingress('a', { spec: { x: 1 } }));
    assert.equal(changed.metadata.uid, 'u-1');
    assert.deepEqual(changed['status'], status);
  });

  it('by tests are not changed with the objects that were given', () => {
    const object = { ...ingress('a'), spec: { rules: ['one'] } };
    api.put(object);
    object.spec.rules.push('two');
    assert.deepEqual(new Json(api.get('Ingress', 'shop', 'a')).at('spec.rules'), ['one']);
  });
});
