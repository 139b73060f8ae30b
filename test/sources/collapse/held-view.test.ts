import assert from 'node:assert/strict';
import type { Endpoints, EndpointSlice, KubernetesObject, Secret, Service } from '../../../src/model/objects.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { HeldView } from '../../../src/sources/collapse/held-view.ts';
import { metadata, snapshotOf } from '../../support/objects.ts';
import { GuardScene, HOLD_MS, numbered } from './support.ts';

const NAMES = numbered(12, 'web');

const service = (name: string): Service => ({
  kind: 'Service',
  metadata: metadata(name),
  type: 'ClusterIP',
  clusterIP: '10.96.0.1',
  externalName: undefined,
  publishNotReadyAddresses: false,
  externalTrafficPolicy: 'Cluster',
  ipFamilies: [],
  ports: [],
});

const slice = (name: string, ready: boolean, serving = ready): EndpointSlice => ({
  kind: 'EndpointSlice',
  metadata: metadata(`${name}-abc`),
  addressType: 'IPv4',
  serviceName: name,
  ports: [],
  endpoints: [{ addresses: ['10.0.0.1'], ready, serving, terminating: false, nodeName: undefined }],
});

const endpoints = (name: string, addresses: readonly string[]): Endpoints => ({
  kind: 'Endpoints',
  metadata: metadata(name),
  subsets: [{ addresses, notReadyAddresses: [], ports: [] }],
});

const secret = (name: string): Secret => ({ kind: 'Secret', metadata: metadata(name), type: '', data: {} });

/** Names of the Services that have a ready endpoint. */
function ready({ objects }: Snapshot): readonly string[] {
  const slices = [...objects.EndpointSlice.values()].filter((item) => item.endpoints.some((one) => one.ready));
  const subsets = [...objects.Endpoints.values()].filter((item) => item.subsets.some((one) => one.addresses.length));
  return [...slices.map(({ serviceName }) => serviceName), ...subsets.map((item) => item.metadata.name)].sort();
}

describe('HeldView', () => {
  const services = NAMES.map(service);
  const sorted = [...NAMES].sort();
  const good = snapshotOf(...services, ...NAMES.map((name) => slice(name, true)));

  const collapses: readonly [name: string, before: Snapshot, after: readonly KubernetesObject[]][] = [
    ['no EndpointSlice is ready any more', good, NAMES.map((name) => slice(name, false))],
    ['all EndpointSlices are gone', good, []],
    [
      'no Endpoints object has an address any more',
      snapshotOf(...services, ...NAMES.map((name) => endpoints(name, ['10.0.0.1']))),
      NAMES.map((name) => endpoints(name, [])),
    ],
  ];
  for (const [name, before, after] of collapses) {
    it(`keeps the last endpoints when ${name}, for a bounded time`, async () => {
      const scene = new GuardScene();
      const view = new HeldView(scene.guard);
      assert.deepEqual(ready(view.of(before)), sorted);
      const empty = snapshotOf(...services, ...after);
      assert.deepEqual(ready(view.of(empty)), sorted);
      assert.match(scene.told.join(), /^CollapseHeld: endpoints of Services, by \w+: 12 of 12 are gone at once;/);
      await scene.clock.pass(HOLD_MS);
      assert.deepEqual(ready(view.of(empty)), []);
      assert.deepEqual(scene.told, []);
      assert.ok(scene.changes >= 2, 'a pass is asked for when the time is over');
    });
  }

  it('lets each Service have its new endpoints at once, and ends when all have', () => {
    const scene = new GuardScene();
    const view = new HeldView(scene.guard);
    view.of(good);
    view.of(snapshotOf(...services));
    const fresh = { ...slice('web-3', true), metadata: metadata('web-3-xyz') };
    const half = view.of(snapshotOf(...services, fresh));
    const ofThree = [...half.objects.EndpointSlice.values()].filter(({ serviceName }) => serviceName === 'web-3');
    assert.deepEqual(ofThree, [fresh]);
    assert.deepEqual(ready(half), sorted);
    assert.equal(scene.guard.isHolding, true);
    assert.deepEqual(view.of(good).objects.EndpointSlice, good.objects.EndpointSlice);
    assert.equal(scene.guard.isHolding, false);
  });

  it('gives the same map for as long as nothing changes, so that nothing is done anew', () => {
    const view = new HeldView(new GuardScene().guard);
    assert.equal(view.of(good).objects.EndpointSlice, good.objects.EndpointSlice);
    const empty = snapshotOf(...services);
    assert.equal(view.of(empty).objects.EndpointSlice, view.of(empty).objects.EndpointSlice);
  });

  const none: readonly [name: string, before: Snapshot, after: Snapshot][] = [
    [
      'a few Services lose theirs',
      snapshotOf(...services.slice(0, 9), ...NAMES.slice(0, 9).map((name) => slice(name, true))),
      snapshotOf(...services.slice(0, 9)),
    ],
    ['the Services are gone with them', good, snapshotOf(...services.slice(0, 9))],
    [
      'one Service still has one',
      good,
      snapshotOf(...services, slice('web-0', true), ...NAMES.slice(1).map((name) => slice(name, false))),
    ],
    ['endpoints that end still serve', good, snapshotOf(...services, ...NAMES.map((name) => slice(name, false, true)))],
    ['the guard is off', good, snapshotOf(...services)],
  ];
  for (const [name, before, after] of none) {
    it(`holds nothing when ${name}`, () => {
      const scene = new GuardScene(name === 'the guard is off' ? 0 : HOLD_MS);
      const view = new HeldView(scene.guard);
      view.of(before);
      assert.deepEqual(view.of(after), after);
      assert.deepEqual(scene.told, []);
    });
  }

  it('keeps the Secrets that vanish while anything is held, and no longer', async () => {
    const scene = new GuardScene();
    const view = new HeldView(scene.guard);
    view.of(snapshotOf(...services, secret('tls'), secret('other')));
    scene.guard.hold('ingresses', { before: 20, left: 0 }, () => undefined);
    const without = snapshotOf(...services, secret('other'));
    const secrets = (snapshot: Snapshot) => [...view.of(snapshot).objects.Secret.keys()].sort();
    assert.deepEqual(secrets(without), ['shop/other', 'shop/tls']);
    assert.deepEqual(secrets(snapshotOf(...services)), ['shop/other', 'shop/tls']);
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(secrets(without), ['shop/other']);
  });
});
