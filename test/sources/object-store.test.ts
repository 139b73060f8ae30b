import assert from 'node:assert/strict';
import type { Diagnostic } from '../../src/model/diagnostics.ts';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { decodeValid, ingressManifest } from './support.ts';

function diagnostic(message: string): Diagnostic {
  return { severity: 'error', code: 'Test', object: undefined, field: '', location: undefined, message };
}

describe('ObjectStore', () => {
  it('tells of every write that changes something, and of no other', () => {
    let changes = 0;
    const store = new ObjectStore(() => (changes += 1));
    const object = decodeValid(ingressManifest());
    const writes: readonly (readonly [write: () => void, changesAfter: number])[] = [
      [() => store.set(object), 1],
      [() => store.set(object), 1],
      [() => store.set({ ...object }), 2],
      [() => store.report('a', [diagnostic('x')]), 3],
      [() => store.report('a', [diagnostic('x')]), 3],
      [() => store.report('a', [diagnostic('y')]), 4],
      [() => store.report('b', []), 4],
      [() => store.report('a', []), 5],
      [() => store.delete('Ingress', 'shop', 'web'), 6],
      [() => store.delete('Ingress', 'shop', 'web'), 6],
    ];
    for (const [write, changesAfter] of writes) {
      write();
      assert.equal(changes, changesAfter);
    }
  });

  it('gives snapshots that later writes do not change', () => {
    const store = new ObjectStore(() => undefined);
    store.set(decodeValid(ingressManifest()));
    const snapshot = store.snapshot();
    store.delete('Ingress', 'shop', 'web');
    assert.equal(snapshot.objects.Ingress.size, 1);
    assert.equal(store.snapshot().objects.Ingress.size, 0);
  });

  it('orders diagnostics by origin, whatever came first', () => {
    const store = new ObjectStore(() => undefined);
    for (const origin of ['b', 'a', 'c']) store.report(origin, [diagnostic(origin)]);
    assert.deepEqual(
      store.snapshot().diagnostics.map(({ message }) => message),
      ['a', 'b', 'c'],
    );
  });
});
