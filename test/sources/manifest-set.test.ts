import assert from 'node:assert/strict';
import { loadText } from '../../src/sources/manifests/load-file.ts';
import { ManifestSet } from '../../src/sources/manifests/manifest-set.ts';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { ingressText, problemsOf } from './support.ts';

const QUIET_MS = 250;

/** A set, its store, and a log of how often the store changed. */
function world() {
  let changes = 0;
  const store = new ObjectStore(() => (changes += 1));
  const set = new ManifestSet(store, QUIET_MS);
  return {
    set,
    put: (path: string, text: string, now: number) => set.put(path, loadText(path, text, 'default'), now),
    names: () => [...store.snapshot().objects.Ingress.keys()].sort(),
    host: () => store.snapshot().objects.Ingress.get('shop/web')?.rules[0]?.host,
    object: () => store.snapshot().objects.Ingress.get('shop/web'),
    problems: () => problemsOf(store.snapshot().diagnostics),
    messages: () => store.snapshot().diagnostics.map(({ message }) => message),
    changes: () => changes,
  };
}

describe('ManifestSet', () => {
  it('keeps the value of an object that did not change', () => {
    const { set, put, object, changes } = world();
    put('a.yaml', ingressText(), 0);
    set.publish(0);
    const before = object();
    put('a.yaml', `# a comment\n${ingressText()}`, 1);
    set.publish(1);
    assert.equal(object(), before);
    assert.equal(changes(), 1);
  });

  it('deletes an object only after it was gone for the quiet period', () => {
    const { set, put, names } = world();
    put('a.yaml', `${ingressText({ name: 'x' })}---\n${ingressText({ name: 'y' })}`, 0);
    assert.equal(set.publish(0), undefined);
    put('a.yaml', ingressText({ name: 'x' }), 100);
    assert.equal(set.publish(100), QUIET_MS);
    assert.equal(set.publish(349), 1);
    assert.deepEqual(names(), ['shop/x', 'shop/y']);
    assert.equal(set.publish(350), undefined);
    assert.deepEqual(names(), ['shop/x']);
  });

  it('does not delete an object that comes back in time', () => {
    const { set, put, object, changes } = world();
    put('a.yaml', ingressText(), 0);
    set.publish(0);
    const before = object();
    set.remove('a.yaml', 10);
    set.publish(10);
    put('a.yaml', ingressText(), 20);
    assert.equal(set.publish(20), undefined);
    set.publish(1000);
    assert.equal(object(), before);
    assert.equal(changes(), 1);
  });

  it('does not delete an object that moved to another file, nor calls it a duplicate', () => {
    const { set, put, names, problems, changes } = world();
    for (const [from, to] of [
      ['a.yaml', 'b.yaml'],
      ['b.yaml', 'a.yaml'],
    ] as const) {
      put(from, ingressText(), 0);
      set.publish(0);
      set.remove(from, 10);
      put(to, ingressText(), 10);
      set.publish(10);
      assert.deepEqual(problems(), []);
      set.publish(1000);
      assert.deepEqual(names(), ['shop/web']);
      assert.deepEqual(problems(), []);
    }
    assert.equal(changes(), 1);
  });

  it('takes a duplicate from the first file in the order of paths, whatever came first', () => {
    const { set, put, host, problems, messages } = world();
    put('b.yaml', ingressText({ host: 'b.example' }), 0);
    set.publish(0);
    assert.equal(host(), 'b.example');
    put('a.yaml', `# comment\n${ingressText({ host: 'a.example' })}`, 1);
    set.publish(1);
    assert.equal(host(), 'a.example');
    assert.deepEqual(problems(), ['DuplicateObject ']);
    assert.match(messages()[0] ?? '', /already in a\.yaml:2/);
    set.remove('a.yaml', 2);
    set.publish(2);
    set.publish(2 + QUIET_MS);
    assert.equal(host(), 'b.example');
    assert.deepEqual(problems(), []);
  });

  it('takes the first of duplicates within one file', () => {
    const { set, put, host, problems } = world();
    put('a.yaml', `${ingressText({ host: 'a.example' })}---\n${ingressText({ host: 'b.example' })}`, 0);
    set.publish(0);
    assert.equal(host(), 'a.example');
    assert.deepEqual(problems(), ['DuplicateObject ']);
  });

  const broken: readonly { name: string; text: string; problem: string }[] = [
    { name: 'that is no YAML', text: '{ half', problem: 'InvalidManifest ' },
    {
      name: 'that breaks off before the kind',
      text: 'apiVersion: networking.k8s.io/v1\n',
      problem: 'InvalidManifest ',
    },
    { name: 'that breaks off within a word', text: 'apiVer', problem: 'InvalidManifest ' },
    {
      name: 'with an old API version',
      text: ingressText().replace('k8s.io/v1', 'k8s.io/v1beta1'),
      problem: 'UnsupportedVersion apiVersion',
    },
    { name: 'with a name that is none', text: ingressText({ name: 'a b' }), problem: 'InvalidObject metadata.name' },
  ];
  for (const { name, text, problem } of broken) {
    it(`keeps the last good objects of a file ${name}, for as long as it takes`, () => {
      const { set, put, names, problems } = world();
      put('a.yaml', ingressText(), 0);
      set.publish(0);
      put('a.yaml', text, 1);
      assert.equal(set.publish(1), undefined);
      set.publish(1_000_000);
      assert.deepEqual(names(), ['shop/web']);
      assert.deepEqual(problems(), [problem]);
      put('a.yaml', ingressText(), 2_000_000);
      set.publish(2_000_000);
      assert.deepEqual(problems(), []);
    });
  }

  it('keeps the last good objects of a file that was empty for a moment and then half written', () => {
    const { set, put, names } = world();
    put('a.yaml', ingressText(), 0);
    set.publish(0);
    put('a.yaml', '', 1);
    set.publish(1);
    put('a.yaml', '{ half', 2);
    set.publish(2);
    set.publish(1_000_000);
    assert.deepEqual(names(), ['shop/web']);
  });

  it('takes the good documents of a file that has a bad one', () => {
    const { set, put, names, problems } = world();
    put('a.yaml', `${ingressText({ name: 'x' })}---\nno: object\n---\n${ingressText({ name: 'y' })}`, 0);
    set.publish(0);
    assert.deepEqual(names(), ['shop/x', 'shop/y']);
    assert.deepEqual(problems(), ['InvalidManifest ']);
  });

  it('clears what it said of a file that is gone', () => {
    const { set, put, problems } = world();
    put('a.yaml', '{ half', 0);
    set.publish(0);
    set.remove('a.yaml', 1);
    set.publish(1);
    assert.deepEqual(problems(), []);
    assert.deepEqual(set.paths(), []);
  });
});
