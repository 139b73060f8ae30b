import assert from 'node:assert/strict';
import type { ApiObject } from '../support/api-server/objects.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, type IngressSpec } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { waitFor } from '../support/wait.ts';

const rule = (host: string, name: string) => [{ host, paths: [{ path: '/', service: name }] }];

/** The Ingress `web` is fine; each of these has one thing wrong with it. */
const BAD: readonly (IngressSpec & { readonly reason: string; readonly note: RegExp })[] = [
  {
    name: 'no-service',
    rules: rule('no-service.example.com', 'none'),
    reason: 'ServiceMissing',
    note: /^spec\.rules\[0\]\.http\.paths\[0\]\.backend: Service shop\/none does not exist: answers 503/,
  },
  {
    name: 'no-secret',
    tls: [{ hosts: ['no-secret.example.com'], secretName: 'absent' }],
    rules: rule('no-secret.example.com', 'alpha'),
    reason: 'SecretMissing',
    note: /^spec\.tls\[0\]\.secretName: Secret shop\/absent does not exist; /,
  },
  {
    name: 'loser',
    created: '2026-05-05T00:00:00Z',
    rules: rule('web.example.com', 'alpha'),
    reason: 'PathConflict',
    note: /^spec\.rules\[0\]\.http\.paths\[0\]: prefix path web\.example\.com\/ is already served for Ingress shop\/web \(.*older; this path is not served$/,
  },
  {
    name: 'bad-host',
    rules: rule('bad_host.example.com', 'alpha'),
    reason: 'InvalidHost',
    note: /^spec\.rules\[0\]\.host: "bad_host\.example\.com" .*; this rule is not served$/,
  },
];

interface KubeEvent extends ApiObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: Readonly<Record<string, string>>;
  readonly reportingController: string;
  readonly reportingInstance: string;
}

describe('Events about Ingresses', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let cluster: RunningCluster;

  before(async () => {
    alpha = await startBackend('alpha');
    cluster = await RunningCluster.start({
      objects: [
        ingress({ name: 'web', rules: rule('web.example.com', 'alpha') }),
        ...BAD.map((spec) => ingress(spec)),
        ...service('alpha', [alpha.port]),
      ],
      binary: installedNginx()[0]?.binary ?? '',
      flags: ['--pod-name', 'sluice-0', '--pod-namespace', 'edge'],
    });
  });

  after(async () => {
    await cluster.stop();
    await alpha.close();
  });

  const events = (): readonly KubeEvent[] => cluster.api.list('Event.events.k8s.io') as readonly KubeEvent[];
  const eventOf = (name: string, reason: string): Promise<KubeEvent> =>
    waitFor(
      () =>
        `${reason} of ${name}; there are ${events()
          .map((event) => `${event.reason} ${event.note}`)
          .join('\n')}`,
      () => events().find((event) => event.regarding['name'] === name && event.reason === reason),
    );
  /** Identity of the very object. */
  const uidOf = (name: string) => cluster.api.get('Ingress', 'shop', name)?.metadata.uid;

  for (const { name, reason, note } of BAD) {
    it(`tell of ${reason}: where, what follows, and about which object`, async () => {
      const event = await eventOf(name, reason);
      assert.match(event.note, note);
      assert.equal(event.type, 'Warning');
      assert.equal(event.metadata['namespace'], 'shop');
      assert.deepEqual(event.regarding, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        namespace: 'shop',
        name,
        uid: uidOf(name),
      });
      assert.equal(event.reportingController, 'sluice.dev/ingress-controller');
      assert.equal(event.reportingInstance, 'sluice-0');
    });
  }

  it('tell that an Ingress is served', async () => {
    const event = await eventOf('web', 'Synced');
    assert.deepEqual([event.type, event.regarding['uid']], ['Normal', uidOf('web')]);
    assert.match(event.note, /as of generation \d+$/);
  });

  it('do not come again when sluice is restarted', async () => {
    const before = events().map(({ metadata }) => metadata.name);
    const asked = cluster.api.requests.length;
    await cluster.sluice.kill('SIGTERM');
    cluster.sluice.launch();
    const tried = () =>
      cluster.api.requests.slice(asked).filter(({ resource, status }) => resource === 'events' && status !== 0);
    await waitFor('what it knows to be told', () => tried().length === before.length);
    assert.deepEqual([...new Set(tried().map(({ status }) => status))], [409]);
    assert.deepEqual(
      events().map(({ metadata }) => metadata.name),
      before,
    );
  });

  it('tell that an Ingress is served once it is mended, and not before', async () => {
    assert.ok(!events().some((event) => event.regarding['name'] === 'no-service' && event.reason === 'Synced'));
    cluster.api.put(ingress({ name: 'no-service', rules: rule('no-service.example.com', 'alpha') }));
    const event = await eventOf('no-service', 'Synced');
    assert.equal(event.type, 'Normal');
  });

  it('are about the new object when an Ingress comes anew under its name', async () => {
    const [bad] = BAD;
    assert.ok(bad !== undefined);
    cluster.api.remove('Ingress', 'shop', bad.name);
    cluster.api.put(ingress(bad));
    const event = await waitFor('an Event about it', () =>
      events().find(({ regarding, reason }) => regarding['uid'] === uidOf(bad.name) && reason === bad.reason),
    );
    assert.match(event.note, bad.note);
  });
});
