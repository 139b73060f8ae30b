import assert from 'node:assert/strict';
import { formatDiagnostic } from '../../../src/model/diagnostics.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { ClusterSource, type ClusterOptions } from '../../../src/sources/cluster/cluster.ts';
import { ObjectStore } from '../../../src/sources/object-store.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { INGRESS_CLASS } from '../../support/cluster.ts';
import { ingress, service } from '../../support/manifests.ts';
import { waitFor } from '../../support/wait.ts';
import { apiOf, FastClock } from './support.ts';

const secret = (name: string, namespace = 'shop', text = 'secret') => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  data: { 'tls.crt': Buffer.from(text).toString('base64') },
});

const withTls = (name: string, secretName: string, namespace = 'shop') =>
  ingress({ name, namespace, tls: [{ hosts: ['a.example.com'], secretName }] });

/** Every Secret that an Ingress names. */
const references: ClusterOptions['references'] = ({ objects }: Snapshot) => ({
  Secret: new Set(
    [...objects.Ingress.values()].flatMap(({ metadata, tls }) =>
      tls.flatMap((entry) => (entry?.secretName === undefined ? [] : [`${metadata.namespace}/${entry.secretName}`])),
    ),
  ),
  ConfigMap: new Set(),
});

const OPTIONS: ClusterOptions = {
  namespaces: { type: 'all' },
  kinds: ['Ingress', 'IngressClass', 'Service', 'EndpointSlice'],
  secrets: 'referenced',
  references,
  settleMs: 100_000,
};

class Scene {
  readonly server: FakeApiServer;
  readonly waiting = new Map<string, string>();
  readonly store = new ObjectStore(() => (this.changes += 1));
  changes = 0;
  readonly #controller = new AbortController();
  #source: ClusterSource | undefined;

  constructor(server: FakeApiServer) {
    this.server = server;
  }

  follow(options: Partial<ClusterOptions> = {}): ClusterSource {
    const listener = {
      onWaiting: (what: string, reason: string | undefined) =>
        reason === undefined ? this.waiting.delete(what) : this.waiting.set(what, reason),
      onRestart: () => undefined,
      onSynced: () => undefined,
    };
    const parts = { api: apiOf(this.server), store: this.store, listener, clock: new FastClock(), random: () => 0.5 };
    this.#source = new ClusterSource(parts, { ...OPTIONS, ...options }, this.#controller.signal);
    return this.#source;
  }

  settle = () => this.#source?.settle(this.#controller.signal);

  names(kind: 'Ingress' | 'Secret' | 'Service' | 'IngressClass'): readonly string[] {
    return [...this.store.snapshot().objects[kind].keys()].sort();
  }

  get complaints(): readonly string[] {
    return this.store.diagnostics.map(formatDiagnostic);
  }

  async end(): Promise<void> {
    this.#controller.abort();
    await this.#source?.stopped;
    await this.server.close();
  }
}

describe('following a cluster', function () {
  this.timeout(120_000);
  let scene: Scene;
  let server: FakeApiServer;

  beforeEach(async () => {
    server = await FakeApiServer.start({ bookmarkMs: 100 });
    scene = new Scene(server);
    server.put(INGRESS_CLASS);
  });
  afterEach(() => scene.end());

  it('has all kinds, and what they refer to, when it has synced', async () => {
    for (const object of [...service('web', [8080]), withTls('one', 'cert'), secret('cert'), secret('other')]) {
      server.put(object);
    }
    await scene.follow().synced;
    assert.deepEqual(scene.names('Ingress'), ['shop/one']);
    assert.deepEqual(scene.names('IngressClass'), ['/sluice']);
    assert.deepEqual(scene.names('Service'), ['shop/web']);
    assert.deepEqual(scene.names('Secret'), ['shop/cert']);
    assert.deepEqual([...scene.waiting], []);
  });

  it('does not end the wait for a kind that it may not read, and says so, until it may', async () => {
    server.deny({ resource: 'services' });
    const source = scene.follow();
    const [complaint = ''] = await waitFor('a complaint', () => scene.complaints.length > 0 && scene.complaints);
    assert.match(complaint, /^error ApiForbidden : not allowed to list services: HTTP 403: "services is forbidden/);
    assert.match(scene.waiting.get('services') ?? '', /services to be listed \(HTTP 403/);
    server.allow();
    await source.synced;
    assert.deepEqual([scene.complaints, [...scene.waiting]], [[], []]);
  });

  it('keeps what it knows while the server is away, says so, and goes on', async () => {
    server.put(withTls('one', 'cert'));
    await scene.follow().synced;
    server.pause();
    await waitFor('a complaint', () => scene.complaints.some((text) => /ApiUnavailable .*cannot watch/.test(text)));
    assert.deepEqual(scene.names('Ingress'), ['shop/one']);
    server.put(withTls('two', 'cert'));
    server.resume();
    await waitFor('the new one', () => scene.names('Ingress').length === 2 && scene.complaints.length === 0);
  });

  it('changes nothing when only fields change that it does not read', async () => {
    server.put(withTls('one', 'cert'));
    const source = scene.follow();
    await source.synced;
    const before = scene.changes;
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }] } };
    server.put({ ...withTls('one', 'cert'), status });
    await waitFor('the status', () => source.loadBalancers.get('shop', 'one')?.length === 2);
    assert.deepEqual(source.loadBalancers.get('shop', 'one'), [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }]);
    assert.equal(scene.changes, before);
    server.remove('Ingress', 'shop', 'one');
    await waitFor('its end', () => source.loadBalancers.get('shop', 'one') === undefined);
  });

  it('tells what is wrong with an object, and stops when it is right or gone', async () => {
    await scene.follow().synced;
    const broken = { ...ingress({ name: 'bad' }), spec: { rules: 'none' } };
    server.put(broken);
    await waitFor('a complaint', () => scene.complaints.some((text) => text.includes('Ingress shop/bad spec.rules')));
    server.remove('Ingress', 'shop', 'bad');
    await waitFor('its end', () => scene.complaints.length === 0);
  });

  it('replaces an object that came anew under its name', async () => {
    server.put(withTls('one', 'cert'));
    await scene.follow().synced;
    const uidOf = () => scene.store.get('Ingress', 'shop', 'one')?.metadata.uid;
    const uid = uidOf();
    server.remove('Ingress', 'shop', 'one');
    server.put(withTls('one', 'cert'));
    await waitFor('the new one', () => uidOf() !== undefined && uidOf() !== uid);
  });

  describe('with chosen namespaces', () => {
    const namespace = (name: string, team: string) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { team } },
    });

    it('reads those of a list only, and asks for nothing else', async () => {
      server.put(withTls('one', 'cert'));
      server.put(withTls('two', 'cert', 'other'));
      server.put(withTls('three', 'cert', 'third'));
      await scene.follow({ namespaces: { type: 'list', names: ['shop', 'third'] } }).synced;
      assert.deepEqual(scene.names('Ingress'), ['shop/one', 'third/three']);
      const wide = server.requests.filter(
        ({ resource, namespace: place }) => place === undefined && resource !== 'ingressclasses',
      );
      assert.deepEqual(wide, []);
    });

    it('follows labels: namespaces come and go with all that is in them', async () => {
      for (const object of [namespace('shop', 'web'), namespace('other', 'db')]) server.put(object);
      server.put(withTls('one', 'cert'));
      server.put(withTls('two', 'cert', 'other'));
      server.put(secret('cert', 'other'));
      await scene.follow({ namespaces: { type: 'selector', selector: 'team=web' } }).synced;
      assert.deepEqual(scene.names('Ingress'), ['shop/one']);
      server.put(namespace('other', 'web'));
      await waitFor('the other namespace', () => scene.names('Ingress').length === 2);
      await scene.settle();
      assert.deepEqual(scene.names('Secret'), ['other/cert']);
      server.put(namespace('other', 'db'));
      await waitFor('its end', () => scene.names('Ingress').length === 1);
      await scene.settle();
      assert.deepEqual(scene.names('Secret'), []);
      await waitFor(
        'no watch for it',
        () =>
          !server.requests.some(
            ({ namespace: place, status, verb }) => place === 'other' && status === 0 && verb === 'list',
          ),
      );
    });
  });

  for (const mode of ['referenced', 'namespace', 'all'] as const) {
    describe(`with --secrets ${mode}`, () => {
      const value = (name: string) => {
        const found = scene.store.get('Secret', 'shop', name);
        return found?.kind === 'Secret' ? Buffer.from(found.data['tls.crt'] ?? '', 'base64').toString() : undefined;
      };

      it('knows a Secret once it is named, and forgets it when it is not', async () => {
        server.put(secret('cert'));
        server.put(secret('late', 'shop', 'late'));
        server.put(withTls('one', 'cert'));
        await scene.follow({ secrets: mode }).synced;
        assert.deepEqual(scene.names('Secret'), ['shop/cert']);
        server.put(withTls('two', 'late'));
        await waitFor('the Ingress', () => scene.names('Ingress').length === 2);
        await scene.settle();
        assert.equal(value('late'), 'late');
        server.put(secret('late', 'shop', 'renewed'));
        await waitFor('the new content', () => value('late') === 'renewed');
        server.remove('Ingress', 'shop', 'two');
        await waitFor('the end of the Ingress', () => scene.names('Ingress').length === 1);
        await scene.settle();
        assert.deepEqual(scene.names('Secret'), ['shop/cert']);
      });

      it('sees a named Secret come into being, go, and come again', async () => {
        server.put(withTls('one', 'cert'));
        await scene.follow({ secrets: mode }).synced;
        assert.deepEqual(scene.names('Secret'), []);
        server.put(secret('cert', 'shop', 'first'));
        await waitFor('it', () => value('cert') === 'first');
        server.remove('Secret', 'shop', 'cert');
        await waitFor('its end', () => value('cert') === undefined);
        server.put(secret('cert', 'shop', 'second'));
        await waitFor('it again', () => value('cert') === 'second');
      });

      it('loses no Secret that is named while its collection is being listed', async () => {
        server.put(secret('cert'));
        server.put(secret('late', 'shop', 'late'));
        server.put(withTls('one', 'cert'));
        server.faults.push({ match: { verb: 'list', resource: 'secrets' }, do: { type: 'delay', ms: 200 } });
        const { synced } = scene.follow({ secrets: mode });
        await waitFor('the list', () => server.requests.some(({ resource }) => resource === 'secrets'));
        server.put(withTls('two', 'late'));
        await waitFor('the Ingress', () => scene.names('Ingress').length === 2);
        await scene.settle();
        await synced;
        await scene.settle();
        assert.deepEqual([value('cert'), value('late')], ['secret', 'late']);
      });

      it('is not held up by a Secret that it may not read, and says so', async () => {
        server.deny({ resource: 'secrets', verb: 'list' });
        server.put(secret('cert'));
        server.put(withTls('one', 'cert'));
        await scene.follow({ secrets: mode }).synced;
        assert.deepEqual(scene.names('Secret'), []);
        assert.ok(scene.complaints.some((text) => /ApiForbidden .*secrets/.test(text)));
        server.put(withTls('two', 'late'));
        await waitFor('the Ingress', () => scene.names('Ingress').length === 2);
        await scene.settle();
        server.allow();
        await waitFor('the Secret', () => value('cert') === 'secret');
      });

      it('asks for no more than it must', async () => {
        server.put(withTls('one', 'cert'));
        server.put(secret('cert'));
        await scene.follow({ secrets: mode }).synced;
        const asked = server.requests.find(({ resource }) => resource === 'secrets');
        const want = {
          referenced: ['shop', 'metadata.name=cert'],
          namespace: ['shop', undefined],
          all: [undefined, undefined],
        };
        assert.deepEqual([asked?.namespace, asked?.query['fieldSelector']], want[mode]);
      });
    });
  }
});
