import assert from 'node:assert/strict';
import { FakeApiServer } from '../support/api-server/server.ts';
import { INGRESS_CLASS } from '../support/cluster.ts';
import { statusWrites, untilStatus } from '../support/ingress-status.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const BINARY = installedNginx()[0]?.binary ?? '';
const TOKEN = 'sluice-token';
const NAMES = ['sluice-0', 'sluice-1'] as const;
/** A Lease of a replica that was killed runs out after 15 s, and the other looks every few seconds. */
const LEASE_MS = 60_000;

const shop = (name: string): object =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path: '/', service: 'none' }] }] });

describe('two replicas in a cluster', function () {
  this.timeout(120_000);
  let api: FakeApiServer;
  let replicas: ReadonlyMap<string, RunningSluice>;

  before(async () => {
    api = await FakeApiServer.start({ tls: true, tokens: [TOKEN] });
    for (const object of [INGRESS_CLASS, ...service('alpha', []), shop('one')]) api.put(object);
    const kubeconfig = api.kubeconfig({ token: TOKEN });
    const common = ['--pod-namespace', 'edge', '--lease-name', 'edge-leader', '--publish-address', '192.0.2.7'];
    const start = async (name: string): Promise<[string, RunningSluice]> => [
      name,
      await RunningSluice.start({ kubeconfig, binary: BINARY, flags: ['--pod-name', name, ...common] }),
    ];
    replicas = new Map(await Promise.all(NAMES.map(start)));
  });

  after(async () => {
    await Promise.all([...replicas.values()].map((sluice) => sluice.stop()));
    await api.close();
  });

  /** Name of the pod that holds the Lease; empty: none. */
  const holder = (): string => {
    const spec = api.get('Lease', 'edge', 'edge-leader')?.['spec'] as { holderIdentity?: string } | undefined;
    return spec?.holderIdentity?.replace(/_[^_]*$/, '') ?? '';
  };
  const replica = (name: string): RunningSluice => {
    const found = replicas.get(name);
    assert.ok(found !== undefined, `a replica named ${JSON.stringify(name)}`);
    return found;
  };
  const untilLed = (isWanted: (name: string) => boolean, limitMs?: number): Promise<string> =>
    waitFor(
      () => `another leader than ${holder()}`,
      () => isWanted(holder()) && holder(),
      limitMs,
    );
  /** A new Ingress gets its status, and its Events, once. */
  const assertOneWrites = async (name: string): Promise<void> => {
    const before = statusWrites(api).length;
    api.put(shop(name));
    await untilStatus(api, name, [{ ip: '192.0.2.7' }]);
    const events = () => api.list('Event.events.k8s.io').filter(({ metadata }) => metadata.name.startsWith(`${name}.`));
    await waitFor('its Event', () => events().length > 0);
    assert.equal(events().length, 1, JSON.stringify(events()));
    assert.equal(statusWrites(api).length, before + 1);
  };

  it('elect one that writes', async () => {
    const leading = await untilLed((name) => name !== '');
    await untilStatus(api, 'one', [{ ip: '192.0.2.7' }]);
    await assertOneWrites('two');
    const metrics = await Promise.all(NAMES.map((name) => replica(name).admin('/metrics')));
    const leads = metrics.map(({ body }) => /^sluice_leader (\d)$/m.exec(body)?.[1]);
    assert.deepEqual(
      leads,
      NAMES.map((name) => (name === leading ? '1' : '0')),
    );
    assert.deepEqual(statusWrites(api).toSorted(), ['one', 'two']);
  });

  it('take over at once from one that is told to stop', async () => {
    const leading = holder();
    assert.equal(await replica(leading).kill('SIGTERM'), 0);
    assert.equal(holder(), '');
    // Less than the Lease would have run.
    await untilLed((name) => name !== '', 10_000);
    assert.notEqual(holder(), leading);
    await assertOneWrites('three');
    replica(leading).launch();
    await waitFor(
      'the other to be ready',
      async () =>
        (
          await replica(leading)
            .admin('/readyz')
            .catch(() => undefined)
        )?.status === 200,
    );
  });

  it('take over from one that was killed when its Lease has run out', async () => {
    const leading = holder();
    await replica(leading).kill('SIGKILL');
    assert.equal(holder(), leading);
    await untilLed((name) => name !== leading, LEASE_MS);
    await assertOneWrites('four');
    // So that nothing of it is left behind when it ends.
    replica(leading).launch();
    await waitFor(
      'the other to be ready',
      async () =>
        (
          await replica(leading)
            .admin('/readyz')
            .catch(() => undefined)
        )?.status === 200,
    );
  });
});
