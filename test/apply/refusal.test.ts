import assert from 'node:assert/strict';
import { blame } from '../../src/apply/refusal.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';

const source = (name: string) => ({
  object: { kind: 'Ingress', namespace: 'shop', name },
  field: 'spec.rules[0].host',
});

const BUNDLE: ConfigBundle = {
  files: new Map([
    [
      'hosts.conf',
      {
        path: 'hosts.conf',
        text: '',
        secret: false,
        sha256: '',
        owners: [
          { first: 1, last: 9, source: source('outer') },
          { first: 3, last: 4, source: source('inner') },
        ],
      },
    ],
  ]),
  digest: '',
  stamp: () => [],
};

const refused = (...lines: readonly number[]): ApplyResult => ({
  type: 'refused',
  message: 'unknown directive "x" in hosts.conf',
  places: lines.map((line) => ({ path: 'hosts.conf', line })),
});

describe('the blame for a refused configuration', () => {
  const cases: readonly { readonly name: string; readonly result: ApplyResult; readonly names: readonly string[] }[] = [
    { name: 'goes to the innermost owner of the line', result: refused(3), names: ['inner'] },
    { name: 'goes to each owner once', result: refused(3, 4, 5), names: ['inner', 'outer'] },
    { name: 'goes to nobody for a line that is nobody’s', result: refused(12), names: [] },
    {
      name: 'goes to nobody for another file',
      result: { type: 'refused', message: '', places: [{ path: 'nginx.conf', line: 3 }] },
      names: [],
    },
    {
      name: 'goes to nobody when there is nothing to blame for',
      result: { type: 'unchanged', generation: 1 },
      names: [],
    },
  ];
  for (const { name, result, names } of cases) {
    it(name, () => {
      const found = blame(BUNDLE, result);
      assert.deepEqual(
        found.map(({ object }) => object?.name),
        names,
      );
    });
  }

  it('quotes what the proxy said, at the field', () => {
    const [diagnostic] = blame(BUNDLE, refused(3));
    assert.equal(diagnostic?.code, 'ProxyRefused');
    assert.equal(diagnostic.field, 'spec.rules[0].host');
    assert.match(diagnostic.message, /unknown directive \\"x\\" in hosts\.conf/);
  });
});
