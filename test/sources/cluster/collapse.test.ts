import assert from 'node:assert/strict';
import { ClusterSource, type ClusterOptions } from '../../../src/sources/cluster/cluster.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { ingress } from '../../support/manifests.ts';
import { waitFor } from '../../support/wait.ts';
import { GuardScene, HOLD_MS, numbered } from '../collapse/support.ts';
import { apiOf, FastClock } from './support.ts';

const NAMES = numbered(12, 'team');
const namespace = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { sluice: 'yes' } },
});

describe('a cluster that loses nearly everything while nobody watches', () => {
  let server: FakeApiServer;
  let scene: GuardScene;
  let source: ClusterSource;

  const ingresses = () => [...scene.store.snapshot().objects.Ingress.keys()].sort();
  const all = NAMES.map((name) => `${name}/web`).sort();

  async function follow(namespaces: ClusterOptions['namespaces']): Promise<void> {
    server = await FakeApiServer.start();
    for (const name of NAMES)
      for (const object of [namespace(name), ingress({ name: 'web', namespace: name })]) server.put(object);
    scene = new GuardScene();
    const listener = { onWaiting: () => undefined, onRestart: () => undefined, onSynced: () => undefined };
    const { store, guard, controller } = scene;
    const parts = { api: apiOf(server), store, guard, listener, clock: new FastClock(), random: () => 0.5 };
    const references = () => ({ Secret: new Set<string>(), ConfigMap: new Set<string>() });
    const options = {
      namespaces,
      kinds: ['Ingress'] as const,
      secrets: 'referenced' as const,
      references,
      settleMs: 1_000,
    };
    source = new ClusterSource(parts, options, controller.signal);
    await source.synced;
    assert.deepEqual(ingresses(), all);
  }

  afterEach(async () => {
    scene.controller.abort();
    await source.stopped;
    await server.close();
  });

  /** Objects go, and with them the memory of their going. */
  function lose(kind: 'Ingress' | 'Namespace', names: readonly string[]): void {
    server.pause();
    for (const name of names) {
      if (kind === 'Ingress') server.remove(kind, name, 'web');
      else server.remove(kind, undefined, name);
    }
    server.compact();
    server.resume();
  }

  it('keeps its Ingresses for a bounded time', async () => {
    await follow({ type: 'all' });
    lose('Ingress', NAMES.slice(1));
    const told = await waitFor('the diagnostic', () => scene.told.find((text) => text.startsWith('CollapseHeld')));
    assert.match(told, /: ingresses.networking.k8s.io: 11 of 12 are gone at once;/);
    assert.deepEqual(ingresses(), all);
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(ingresses(), ['team-0/web']);
  });

  it('keeps following the namespaces that a selector matched', async () => {
    await follow({ type: 'selector', selector: 'sluice=yes' });
    lose('Namespace', NAMES);
    const told = await waitFor('the diagnostic', () => scene.told.find((text) => text.startsWith('CollapseHeld')));
    assert.match(told, /: namespaces \(sluice=yes\): 12 of 12 are gone at once;/);
    assert.deepEqual(ingresses(), all);
    server.put(namespace('team-3'));
    server.put(ingress({ name: 'new', namespace: 'team-3' }));
    await waitFor('what is new in one of them', () => ingresses().includes('team-3/new'));
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(ingresses(), ['team-3/new', 'team-3/web']);
  });

  it('takes in what a later list has', async () => {
    await follow({ type: 'selector', selector: 'sluice=yes' });
    lose('Namespace', NAMES.slice(1));
    await waitFor('the diagnostic', () => scene.told.some((text) => text.startsWith('CollapseHeld')));
    for (const name of NAMES.slice(0, 8)) server.put(namespace(name));
    lose('Namespace', []);
    await waitFor('the end', () => ingresses().length === 8);
    assert.ok(!scene.told.some((text) => text.startsWith('CollapseHeld')));
  });
});
