import assert from 'node:assert/strict';
import type { FakeApiServer } from '../support/api-server/server.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { statusOf, statusWrites, untilStatus } from '../support/ingress-status.ts';

const BINARY = installedNginx()[0]?.binary ?? '';
const ADDRESS = '192.0.2.7';

const shop = (name: string): object =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path: '/', service: 'alpha' }] }] });

describe('the status of Ingresses', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let cluster: RunningCluster;

  before(async () => {
    alpha = await startBackend('alpha');
  });

  after(() => alpha.close());

  afterEach(() => cluster.stop());

  const start = async (objects: readonly object[], ...flags: readonly string[]): Promise<FakeApiServer> => {
    cluster = await RunningCluster.start({
      objects: [...service('alpha', [alpha.port]), ...objects],
      binary: BINARY,
      flags,
    });
    return cluster.api;
  };

  it('gets the address of --publish-address, once', async () => {
    const api = await start(
      [
        shop('one'),
        { ...shop('equal'), status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } },
        ingress({ name: 'foreign', className: 'foreign' }),
      ],
      ...['--publish-address', ADDRESS],
    );
    await untilStatus(api, 'one', [{ ip: ADDRESS }]);
    api.put(shop('two'));
    await untilStatus(api, 'two', [{ ip: ADDRESS }]);
    assert.deepEqual(statusWrites(api), ['one', 'two']);
    assert.deepEqual(statusOf(api, 'equal'), [{ ip: ADDRESS }]);
    assert.equal(statusOf(api, 'foreign'), undefined);
  });

  it('gets the address of the load balancer of --publish-service', async () => {
    const [plain = {}] = service('edge', []);
    const spec = { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, targetPort: 80 }] };
    const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } };
    const api = await start([shop('one'), { ...plain, spec, status }], ...['--publish-service', 'shop/edge']);
    await untilStatus(api, 'one', [{ hostname: 'lb.example.com' }]);
  });

  it('keeps what is there while --publish-service has no address, and says so', async () => {
    const [plain = {}] = service('edge', []);
    const spec = { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, targetPort: 80 }] };
    const old = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const api = await start(
      [
        { ...shop('one'), status: old },
        { ...plain, spec },
      ],
      ...['--publish-service', 'shop/edge'],
    );
    await cluster.sluice.logged('the Service', ({ reason }) => /shop\/edge has no address/.test(String(reason)));
    assert.deepEqual(statusWrites(api), []);
    api.put({ ...plain, spec, status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } });
    await untilStatus(api, 'one', [{ ip: ADDRESS }]);
  });

  it('is given back by --remove-status when no other replica is left', async () => {
    const api = await start([shop('one')], ...['--publish-address', ADDRESS, '--remove-status']);
    await untilStatus(api, 'one', [{ ip: ADDRESS }]);
    assert.equal(await cluster.sluice.kill('SIGTERM'), 0);
    assert.equal(statusOf(api, 'one'), undefined);
  });

  it('stays, with --remove-status, for another replica', async () => {
    const pod = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'edge', labels: { app: 'sluice' } },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const flags = ['--pod-name', 'sluice-0', '--pod-namespace', 'edge'];
    const api = await start(
      [shop('one'), pod('sluice-0'), pod('sluice-1')],
      ...['--publish-address', ADDRESS, '--remove-status', ...flags],
    );
    await untilStatus(api, 'one', [{ ip: ADDRESS }]);
    assert.equal(await cluster.sluice.kill('SIGTERM'), 0);
    assert.deepEqual(statusOf(api, 'one'), [{ ip: ADDRESS }]);
  });

  it('is left alone, as are Events and the Lease, when both are switched off', async () => {
    const missing = ingress({ name: 'bad', rules: [{ paths: [{ path: '/', service: 'none' }] }] });
    const api = await start(
      [shop('one'), missing],
      ...['--publish-address', ADDRESS, '--events=false', '--update-status=false'],
    );
    await cluster.sluice.change(() => Promise.resolve(void api.put(shop('two'))));
    assert.equal(await cluster.sluice.kill('SIGTERM'), 0);
    const verbs = new Set(api.requests.map(({ verb }) => verb));
    assert.deepEqual([...verbs].sort(), ['list', 'watch']);
    assert.ok(!api.requests.some(({ resource }) => resource === 'leases'));
  });
});
