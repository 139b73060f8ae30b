import assert from 'node:assert/strict';
import { ObjectSink, type Arrival } from '../../../src/sources/cluster/object-sink.ts';
import { GuardScene, HOLD_MS, numbered } from '../collapse/support.ts';
import { ingressManifest } from '../support.ts';

const NAMES = numbered(20, 'web');

describe('a list that lacks nearly all objects', () => {
  function start(holdMs = HOLD_MS) {
    const scene = new GuardScene(holdMs);
    const forgotten: string[] = [];
    const sink = new ObjectSink(scene.store, {
      kind: 'Ingress',
      forget: (_, name) => forgotten.push(name),
      hold: { what: 'ingresses', guard: scene.guard },
    });
    const arrivals = (names: readonly string[]): readonly Arrival[] =>
      names.map((name) => sink.trim(ingressManifest({ name })));
    const arrival = (name: string): Arrival => sink.trim(ingressManifest({ name }));
    const names = () => [...scene.store.snapshot().objects.Ingress.values()].map(({ metadata }) => metadata.name);
    sink.replace(arrivals(NAMES));
    return { scene, sink, forgotten, arrivals, arrival, names };
  }

  it('takes nothing away until the time is over, and says so', async () => {
    const { scene, sink, arrivals, names, forgotten } = start();
    sink.replace(arrivals(['web-7']));
    assert.deepEqual(names(), NAMES);
    assert.match(scene.told.join(), /^CollapseHeld: ingresses: 19 of 20 are gone at once;/);
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(names(), ['web-7']);
    assert.equal(forgotten.length, 19);
    assert.deepEqual(scene.told, []);
  });

  it('is forgotten when the next list has them again, and what that lacks is gone then', async () => {
    const { scene, sink, arrivals, names } = start();
    sink.replace([]);
    sink.replace(arrivals(NAMES.slice(1)));
    assert.deepEqual(names(), NAMES.slice(1));
    assert.deepEqual(scene.told, []);
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(names(), NAMES.slice(1));
  });

  it('does not make the time longer when it comes again', async () => {
    const { scene, sink, arrivals, names } = start();
    sink.replace([]);
    await scene.clock.pass(HOLD_MS - 1);
    sink.replace(arrivals(['web-0']));
    assert.deepEqual(names(), NAMES);
    await scene.clock.pass(1);
    assert.deepEqual(names(), ['web-0']);
  });

  it('gives way to events, object by object', async () => {
    const { scene, sink, names, arrival } = start();
    sink.replace([]);
    sink.change(arrival('web-0'));
    sink.remove(arrival('web-1'));
    assert.deepEqual(
      names(),
      NAMES.filter((name) => name !== 'web-1'),
    );
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(names(), ['web-0']);
  });

  it('is over when events have brought all of them back', async () => {
    const { scene, sink, names, arrivals } = start();
    sink.replace([]);
    for (const arrival of arrivals(NAMES)) sink.change(arrival);
    assert.deepEqual(scene.told, []);
    await scene.clock.pass(HOLD_MS);
    assert.deepEqual(names(), NAMES);
  });

  it('is no matter for objects that are deleted one by one, however many and fast', () => {
    const { scene, sink, names, arrivals } = start();
    for (const arrival of arrivals(NAMES)) sink.remove(arrival);
    assert.deepEqual(names(), []);
    assert.deepEqual(scene.told, []);
  });

  it('is taken as it is when nine of ten are left out or fewer, or the guard is off', () => {
    const some = start();
    some.sink.replace(some.arrivals(NAMES.slice(0, 2)));
    assert.deepEqual(some.names(), ['web-0', 'web-1']);
    const off = start(0);
    off.sink.replace([]);
    assert.deepEqual(off.names(), []);
  });

  it('holds nothing of a collection that is not followed any more', () => {
    const { scene, sink, names } = start();
    sink.replace([]);
    sink.clear();
    assert.deepEqual(names(), []);
    assert.deepEqual(scene.told, []);
  });
});
