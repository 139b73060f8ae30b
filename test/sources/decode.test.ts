import assert from 'node:assert/strict';
import type { Ingress } from '../../src/model/objects.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { decodeValid, ingressManifest, problemsOf } from './support.ts';

function metadata(extra: object = {}): object {
  return { name: 'web', namespace: 'shop', ...extra };
}

const trimmed = { namespace: 'shop', name: 'web', uid: '', creationTimestamp: '', labels: {}, annotations: {} };

describe('decodeObject', () => {
  describe('which objects are read', () => {
    const ignored: readonly { name: string; value: unknown }[] = [
      { name: 'a kind that is not read', value: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {} } },
      { name: 'a known kind of another group', value: { apiVersion: 'knative.dev/v1', kind: 'Service', metadata: {} } },
      { name: 'a kind with the name of a property of all objects', value: { apiVersion: 'v1', kind: 'constructor' } },
      { name: 'an object without kind', value: { apiVersion: 'v1' } },
      { name: 'a list', value: [] },
      { name: 'nothing', value: null },
      { name: 'a string', value: 'Ingress' },
    ];
    for (const { name, value } of ignored) {
      it(`ignores ${name} without a word`, () => {
        assert.deepEqual(decodeObject(value, 'default'), { object: undefined, diagnostics: [] });
      });
    }

    const old: readonly { apiVersion: string; kind: string; wanted: RegExp }[] = [
      { apiVersion: 'extensions/v1beta1', kind: 'Ingress', wanted: /to networking\.k8s\.io\/v1$/ },
      { apiVersion: 'networking.k8s.io/v1beta1', kind: 'Ingress', wanted: /to networking\.k8s\.io\/v1$/ },
      { apiVersion: 'networking.k8s.io/v1beta1', kind: 'IngressClass', wanted: /to networking\.k8s\.io\/v1$/ },
      { apiVersion: 'discovery.k8s.io/v1beta1', kind: 'EndpointSlice', wanted: /to discovery\.k8s\.io\/v1$/ },
    ];
    for (const { apiVersion, kind, wanted } of old) {
      it(`says to convert ${apiVersion} ${kind}`, () => {
        const { object, diagnostics } = decodeObject({ apiVersion, kind, metadata: metadata() }, 'default');
        assert.equal(object, undefined);
        assert.deepEqual(problemsOf(diagnostics), ['UnsupportedVersion apiVersion']);
        assert.equal(diagnostics[0]?.object?.name, 'web');
        assert.match(diagnostics[0].message, wanted);
      });
    }
  });

  describe('names', () => {
    const hostile: readonly { name: string; metadata: unknown; field: string }[] = [
      { name: 'no metadata', metadata: undefined, field: 'metadata.name' },
      { name: 'no name', metadata: { generateName: 'web-' }, field: 'metadata.name' },
      { name: 'a name that leaves its directory', metadata: { name: '../../etc/passwd' }, field: 'metadata.name' },
      { name: 'a name with a line break', metadata: { name: 'web\ninclude /etc/passwd;' }, field: 'metadata.name' },
      { name: 'a name with a line break at its end', metadata: { name: 'web\n' }, field: 'metadata.name' },
      { name: 'a name with a quote', metadata: { name: 'a"b' }, field: 'metadata.name' },
      { name: 'a name in upper case', metadata: { name: 'Web' }, field: 'metadata.name' },
      { name: 'a name with an underscore', metadata: { name: 'a_b' }, field: 'metadata.name' },
      { name: 'a name of 254 characters', metadata: { name: 'a'.repeat(254) }, field: 'metadata.name' },
      { name: 'a name that is a number', metadata: { name: 5 }, field: 'metadata.name' },
      { name: 'a namespace with a dot', metadata: { name: 'web', namespace: 'a.b' }, field: 'metadata.namespace' },
      { name: 'a namespace with a slash', metadata: { name: 'web', namespace: 'a/b' }, field: 'metadata.namespace' },
      { name: 'a namespace of 64', metadata: { name: 'web', namespace: 'a'.repeat(64) }, field: 'metadata.namespace' },
      { name: 'a namespace that is a list', metadata: { name: 'web', namespace: ['a'] }, field: 'metadata.namespace' },
    ];
    for (const { name, metadata, field } of hostile) {
      it(`drops an object with ${name}`, () => {
        const { object, diagnostics } = decodeObject({ ...ingressManifest(), metadata }, 'default');
        assert.equal(object, undefined);
        assert.deepEqual(problemsOf(diagnostics), [`InvalidObject ${field}`]);
        assert.equal(diagnostics[0]?.object, undefined);
        assert.doesNotMatch(diagnostics[0]?.message ?? '', /[\n\r]/);
      });
    }

    it('takes the longest names that Kubernetes takes', () => {
      const name = `${'a'.repeat(126)}.${'b'.repeat(126)}`;
      const { object } = decodeObject(
        { ...ingressManifest(), metadata: { name, namespace: 'n'.repeat(63) } },
        'default',
      );
      assert.equal(object?.metadata.name, name);
    });

    it('gives the default namespace to objects that name none, and none to cluster-scoped kinds', () => {
      const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };
      assert.equal(decodeObject(service, 'edge').object?.metadata.namespace, 'edge');
      const spec = { controller: 'sluice.dev/ingress-controller' };
      const ingressClass = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: metadata(), spec };
      assert.deepEqual(decodeValid(ingressClass), {
        kind: 'IngressClass',
        metadata: { ...trimmed, namespace: '' },
        controller: 'sluice.dev/ingress-controller',
      });
    });
  });

  describe('metadata', () => {
    const times: readonly (readonly [given: unknown, taken: string])[] = [
      ['2024-05-01T10:00:00Z', '2024-05-01T10:00:00Z'],
      ['2024-05-01T10:00:00+02:00', '2024-05-01T08:00:00Z'],
      ['2024-05-01T10:00:00.750Z', '2024-05-01T10:00:00Z'],
      ['2024-02-30T10:00:00Z', ''],
      ['2024-05-01', ''],
      ['2024-05-01T10:00:00', ''],
      ['yesterday', ''],
      [1714557600, ''],
      [null, ''],
    ];
    for (const [given, taken] of times) {
      it(`takes the creation time ${JSON.stringify(given)} as ${JSON.stringify(taken)}`, () => {
        const value = { ...ingressManifest(), metadata: metadata({ creationTimestamp: given }) };
        assert.equal(decodeValid(value).metadata.creationTimestamp, taken);
      });
    }

    it('keeps a uid that could be one', () => {
      const uid = '6f1c0e9a-0a1b-4c6e-9f7d-2b1f6f1c0e9a';
      assert.equal(decodeValid({ ...ingressManifest(), metadata: metadata({ uid }) }).metadata.uid, uid);
      assert.equal(decodeValid({ ...ingressManifest(), metadata: metadata({ uid: '../x' }) }).metadata.uid, '');
    });

    it('keeps annotations that are strings, names the others, and forgets what kubectl wrote', () => {
      const annotations = {
        'sluice.dev/a': 'true',
        'sluice.dev/b': true,
        'x\ny': 1,
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      };
      const { object, diagnostics } = decodeObject({ ...ingressManifest(), metadata: metadata({ annotations }) }, '');
      assert.deepEqual(object?.metadata.annotations, { 'sluice.dev/a': 'true' });
      assert.deepEqual(problemsOf(diagnostics), [
        'InvalidField metadata.annotations[sluice.dev/b]',
        'InvalidField metadata.annotations["x\\ny"]',
      ]);
    });

    it('takes __proto__ and constructor for ordinary keys', () => {
      const annotations: unknown = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}');
      const { annotations: taken } = decodeValid({
        ...ingressManifest(),
        metadata: metadata({ annotations }),
      }).metadata;
      assert.deepEqual(Object.entries(taken), [
        ['__proto__', 'a'],
        ['constructor', 'b'],
        ['toString', 'c'],
      ]);
      assert.equal(Object.getPrototypeOf(taken), Object.prototype);
      assert.equal(Object.hasOwn(Object.prototype, 'a'), false);
    });

    it('does not look for fields in the prototype', () => {
      const value = { ...ingressManifest(), spec: Object.create({ rules: [{}] }) as unknown };
      assert.deepEqual((decodeValid(value) as Ingress).rules, []);
    });

    it('stops listing faults of one object at some number', () => {
      const value = { ...ingressManifest(), spec: { rules: Array.from({ length: 1000 }, () => 5) } };
      const { diagnostics } = decodeObject(value, 'default');
      assert.equal(diagnostics.length, 21);
      assert.match(diagnostics.at(-1)?.message ?? '', /more/);
    });
  });
});
