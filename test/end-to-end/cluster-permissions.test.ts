import assert from 'node:assert/strict';
import type { GrantRule } from '../support/api-server/access.ts';
import type { RequestRecord } from '../support/api-server/route.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { INGRESS_CLASS, RunningCluster } from '../support/cluster.ts';
import { FakeApiServer } from '../support/api-server/server.ts';
import { statusOf } from '../support/ingress-status.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { reach, untilReached } from '../support/reach.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';
import { build, type Overlay } from '../docker/kustomize.ts';
import {
  containerNamed,
  environmentOf,
  ofKind,
  podOf,
  workloadOf,
  type Binding,
  type KubeObject,
  type Role,
} from '../docker/objects.ts';

const BINARY = installedNginx()[0]?.binary ?? '';
const TOKEN = 'sluice-token';
const SECURE = 'secure.example.com';
const ADDRESS = '192.0.2.7';

/** What the bindings of an overlay let sluice do. */
function grantsOf(objects: readonly KubeObject[]): readonly GrantRule[] {
  const bindings = ofKind(objects, 'RoleBinding', 'ClusterRoleBinding') as readonly Binding[];
  return bindings.flatMap(({ kind, metadata, roleRef }) => {
    const role = ofKind(objects, roleRef.kind).find(({ metadata: { name } }) => name === roleRef.name) as Role;
    const namespaces = kind === 'RoleBinding' ? { namespaces: [metadata.namespace ?? ''] } : {};
    return role.rules.map((rule) => ({ ...rule, ...namespaces }));
  });
}

/** What the environment of the container says, except for what belongs to its pod: addresses and ports. */
function flagsOf(objects: readonly KubeObject[], namespace: string): readonly string[] {
  const environment = environmentOf(containerNamed(podOf(objects), 'sluice'));
  const flags = Object.entries(environment).map(([name, value]): [string, string] => [
    name
      .replace(/^SLUICE_/, '')
      .toLowerCase()
      .replaceAll('_', '-'),
    value.replace(/^edge\b/, namespace),
  ]);
  return flags.flatMap(([name, value]) => (/^admin-|-port$|^proxy/.test(name) ? [] : [`--${name}=${value}`]));
}

describe('the permissions of sluice in a cluster', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let cluster: RunningCluster;
  let api: FakeApiServer;
  let sluice: RunningSluice;

  before(async () => {
    alpha = await startBackend('alpha');
  });

  after(() => alpha.close());

  /** The Ingresses are in `namespace`. */
  const world = (namespace: string): readonly object[] => {
    const paths = (name: string) => [{ path: '/', service: name }];
    return [
      INGRESS_CLASS,
      ingress({
        name: 'secure',
        namespace,
        tls: [{ hosts: [SECURE], secretName: 'tls' }],
        rules: [{ host: SECURE, paths: paths('alpha') }],
      }),
      ingress({ name: 'bad', namespace, rules: [{ host: 'bad.example.com', paths: paths('none') }] }),
      ...service('alpha', [alpha.port], namespace),
      tlsSecret('tls', makeCertificate({ names: [SECURE] }), namespace),
    ];
  };
  const untilReady = async (): Promise<void> => {
    await waitFor(
      'sluice to be ready',
      async () => (await sluice.admin('/readyz').catch(() => undefined))?.status === 200,
    );
  };
  const at = (host: string) => ({ port: sluice.httpPort, host });

  describe('that the manifests grant', () => {
    afterEach(async () => {
      await sluice.stop();
      await api.close();
    });

    /** Flags of a Deployment run with no more than its roles allow. */
    const install = async (overlay: Overlay, watched?: string): Promise<string> => {
      const { objects } = await build(overlay);
      const { namespace = 'default' } = workloadOf(objects).metadata;
      api = await FakeApiServer.start({ tls: true, tokens: [TOKEN] });
      const [edge = {}] = service('sluice', [], namespace);
      const spec = { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, targetPort: 8080 }] };
      api.put({ ...edge, spec, status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } });
      for (const object of world(watched ?? namespace)) api.put(object);
      api.grant(grantsOf(objects));
      const kubeconfig = api.kubeconfig({ token: TOKEN });
      sluice = await RunningSluice.start({ kubeconfig, binary: BINARY, flags: flagsOf(objects, namespace) });
      return namespace;
    };
    const assertEnough = async (namespace: string, watched: string): Promise<void> => {
      assert.equal(await reach(at(SECURE)), 308);
      const events = () => api.list('Event.events.k8s.io').map((event) => event['reason']);
      await waitFor('both Events', () => events().includes('ServiceMissing') && events().includes('Synced'));
      const published = () => JSON.stringify(api.get('Ingress', watched, 'bad')?.['status']);
      await waitFor(
        () => `the status: ${published()}`,
        () => published().includes(ADDRESS),
      );
      assert.ok(api.get('Lease', namespace, 'sluice-leader') !== undefined);
      assert.equal((await sluice.admin('/readyz')).status, 200);
      assert.equal(await sluice.kill('SIGTERM'), 0);
      const refused = api.requests.filter(({ status }) => status === 403);
      assert.deepEqual(refused.map(described), []);
    };

    it('are enough for all namespaces', async () => {
      const namespace = await install('nginx-sidecar', 'shop');
      await assertEnough(namespace, 'shop');
    });

    it('are enough for its own namespace, without a ClusterRole', async () => {
      const namespace = await install('namespaced');
      await assertEnough(namespace, namespace);
    });
  });

  describe('that is missing', () => {
    afterEach(() => cluster.stop());

    it('is named, and granted later, it is used: Ingresses', async () => {
      await startDenied({ resource: 'ingresses', verb: 'list' });
      const told = await sluice.logged('the permission', (line) => line['code'] === 'ApiForbidden');
      assert.match(
        String(told['reason']),
        /^not allowed to list ingresses\.networking\.k8s\.io: .*403.*; grant get, list and watch/,
      );
      const { status, body } = await sluice.admin('/readyz');
      assert.equal(status, 503);
      assert.match(
        body,
        /^waiting for: ingresses\.networking\.k8s\.io to be listed \(HTTP 403: .*cannot list resource \\"ingresses\\" .* at the cluster scope"\)$/m,
      );
      assert.equal((await sluice.admin('/startz')).status, 503);
      assert.equal((await sluice.admin('/healthz')).status, 200);
      api.allow();
      await untilReady();
      await untilReached(at(SECURE), 308);
      await sluice.logged('the end of it', (line) => line.msg === 'no longer wrong' && line['code'] === 'ApiForbidden');
    });

    it('is named with its namespace: the Secret of an Ingress', async () => {
      await startDenied({ resource: 'secrets', verb: 'list', namespace: 'shop' });
      const { body } = await waitFor('the Secret in /readyz', async () => {
        const probe = await sluice.admin('/readyz').catch(() => undefined);
        return probe?.status === 503 && probe.body.includes('secrets') && probe.body.includes('403') && probe;
      });
      assert.match(
        body,
        /^waiting for: secrets in namespace shop \(metadata\.name=tls\) to be listed \(HTTP 403: .*cannot list resource \\"secrets\\" .* in the namespace \\"shop\\""\)$/m,
      );
      api.allow();
      await untilReady();
      await untilReached(at(SECURE), 308);
    });

    it('stops nobody else, when what it is for comes later', async () => {
      cluster = await RunningCluster.start({ objects: world('shop').slice(2), binary: BINARY });
      ({ api, sluice } = cluster);
      api.deny({ resource: 'secrets', namespace: 'shop' });
      for (const object of world('shop')) api.put(object);
      const free = ingress({
        name: 'free',
        rules: [{ host: 'free.example.com', paths: [{ path: '/', service: 'alpha' }] }],
      });
      api.put(free);
      await untilReached(at('free.example.com'), 'alpha');
      const { status, body } = await sluice.admin('/readyz');
      assert.equal(status, 200);
      assert.match(body, /^note: waiting for secrets in namespace shop /m);
    });

    it('is named: status, Events and the Lease', async () => {
      cluster = await RunningCluster.start({ objects: [], binary: BINARY, flags: ['--publish-address', ADDRESS] });
      ({ api, sluice } = cluster);
      await waitFor('a leader', () => api.list('Lease')[0]);
      api.deny({ resource: 'ingresses/status' });
      api.deny({ resource: 'events' });
      for (const object of world('shop')) api.put(object);
      const named = async (what: string) =>
        sluice.logged(what, (line) => line['code'] === undefined && JSON.stringify(line).includes(what));
      await named('patch ingresses/status');
      await named('create, patch events.events.k8s.io');
      assert.equal(statusOf(api, 'secure'), undefined);
      assert.equal((await sluice.admin('/readyz')).status, 200);
      assert.equal(await reach(at(SECURE)), 308);
    });

    /** Starts it where this is not granted, and does not wait. */
    const startDenied = async (rule: Parameters<FakeApiServer['deny']>[0]): Promise<void> => {
      cluster = await RunningCluster.prepare({ objects: world('shop'), binary: BINARY });
      ({ api, sluice } = cluster);
      api.deny(rule);
      sluice.launch();
    };
  });
});

function described({ verb, resource, subresource, namespace, name }: RequestRecord): string {
  return [verb, resource, subresource, namespace, name].join(' ');
}
