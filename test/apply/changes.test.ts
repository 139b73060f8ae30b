import assert from 'node:assert/strict';
import { changesOf, type Changes } from '../../src/apply/changes.ts';
import { createCompiler } from '../../src/cli/loop/pipeline.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { formatRef } from '../../src/model/refs.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OPTIONS, SETTINGS, snapshotOf } from '../support/objects.ts';
import { rendererFor } from '../support/pack.ts';
import { backend, ingress, path, rule, service, slice, tlsSecret, WEB } from '../translate/world.ts';

const LIMIT = 'nginx.ingress.kubernetes.io/proxy-read-timeout';
const tls = [{ hosts: ['h1.example.com'], secretName: 'tls' }];

/** Ingresses on hosts of their own, two that share a host, one with a certificate and one with annotations. */
const WORLD: readonly KubernetesObject[] = [
  ...WEB,
  service('api'),
  slice('api', ['10.0.0.8']),
  tlsSecret('tls', makeCertificate({ names: ['h1.example.com'] })),
  ...[1, 2, 3, 4].map((index) =>
    ingress(`i${index}`, { rules: [rule(`h${index}.example.com`, '/', '/app')], tls: index === 1 ? tls : [] }),
  ),
  ingress('to-api', { rules: [rule('shared.example.com', path('/api', 'Prefix', backend('api')))] }),
  ingress('shared', { rules: [rule('shared.example.com', '/')] }),
  ingress('slow', { rules: [rule('slow.example.com', '/')], annotations: { [LIMIT]: '77' } }),
  ingress('slower', { rules: [rule('slower.example.com', '/')], annotations: { [LIMIT]: '99' } }),
];

const keyOf = ({ kind, metadata }: KubernetesObject) => formatRef({ kind, ...metadata });
const put = (...changed: readonly KubernetesObject[]) => [
  ...new Map([...WORLD, ...changed].map((object) => [keyOf(object), object])).values(),
];
const without = (key: string) => WORLD.filter((object) => keyOf(object) !== key);

for (const [proxy, version] of [
  ['nginx', '1.22.1'],
  ['haproxy', '2.6.12'],
] as const) {
  describe(`what changed since an older configuration of ${proxy}`, () => {
    let compile: (objects: readonly KubernetesObject[]) => ConfigBundle;

    before(async () => {
      const compiler = createCompiler(await rendererFor(proxy, version), SETTINGS, () => 0);
      const options = { ...OPTIONS, target: { ...OPTIONS.target, name: proxy, version } };
      compile = (objects) => compiler(snapshotOf(...objects), options).bundle;
    });

    function compare(next: readonly KubernetesObject[]): Changes {
      const old = compile(WORLD).files;
      const bundle = compile(next);
      return changesOf(bundle, (path) => {
        const file = old.get(path);
        if (file === undefined || file.sha256 === bundle.files.get(path)?.sha256) return file && 'same';
        return file.secret ? undefined : { text: file.text };
      });
    }

    const cases: readonly { name: string; next: readonly KubernetesObject[]; changed: readonly string[] }[] = [
      { name: 'is nothing when all is the same', next: WORLD, changed: [] },
      {
        name: 'is an Ingress that came, on a host of its own',
        next: put(ingress('i25', { rules: [rule('h25.example.com', '/', '/app')] })),
        changed: ['Ingress shop/i25'],
      },
      {
        name: 'is an Ingress that came to the host of others',
        next: put(ingress('third', { rules: [rule('shared.example.com', '/third')] })),
        changed: ['Ingress shop/third'],
      },
      {
        name: 'is an Ingress with another path',
        next: put(ingress('i2', { rules: [rule('h2.example.com', '/', '/other')] })),
        changed: ['Ingress shop/i2'],
      },
      {
        name: 'is an Ingress whose annotation has the value that another one had',
        next: put(ingress('slow', { rules: [rule('slow.example.com', '/')], annotations: { [LIMIT]: '99' } })),
        changed: ['Ingress shop/slow'],
      },
      {
        name: 'is the Service, when its endpoints are others',
        next: put(slice('api', ['10.0.0.9'])),
        changed: ['Service shop/api'],
      },
      {
        name: 'is the Secret, when its certificate is another one',
        next: put(tlsSecret('tls', makeCertificate({ names: ['h1.example.com', 'more.example.com'] }))),
        changed: ['Secret shop/tls'],
      },
    ];
    for (const { name, next, changed } of cases) {
      it(name, () => {
        const found = compare(next);
        // The host with a certificate names its file by the content.
        const wanted = new Set(changed);
        const others = [...found.changed].filter((key) => !wanted.has(key));
        assert.ok(
          changed.every((key) => found.changed.has(key)),
          [...found.changed].join(),
        );
        assert.deepEqual(
          others,
          changed.includes('Secret shop/tls') ? others.filter((key) => key.endsWith('/i1')) : [],
        );
      });
    }

    it('is no one of those that stay when one goes that had a host of its own', () => {
      assert.deepEqual([...compare(without('Ingress shop/i3')).changed], []);
    });

    it('leaves known who was part of it, in whatever version, and not who is new', () => {
      const [i2, i25] = ['i2', 'i25'].map((name) =>
        ingress(name, { rules: [rule(`h${name.slice(1)}.example.com`, '/')] }),
      );
      assert.ok(i2 !== undefined && i25 !== undefined);
      const { known } = compare(put(i2, i25));
      assert.deepEqual(
        ['i1', 'i2', 'i25', 'shared'].map((name) => known.has(`Ingress shop/${name}`)),
        [true, true, false, true],
      );
    });
  });
}
