import assert from 'node:assert/strict';
import { ingress, problemsOf, rule, translate, WEB } from '../translate/world.ts';

const KEY = 'nginx.ingress.kubernetes.io';

function aliased(name: string, alias: string, host = 'a.example.com', created = '') {
  return ingress(name, {
    creationTimestamp: created,
    annotations: { [`${KEY}/server-alias`]: alias },
    rules: [rule(host, '/')],
  });
}

function aliasesOf(objects: Parameters<typeof translate>[0], host = 'a.example.com'): readonly string[] {
  return translate([...objects, ...WEB]).model.hosts.find(({ name }) => name === host)?.features?.aliases ?? [];
}

const NAMES: readonly (readonly [text: string, names: readonly string[]])[] = [
  ['b.example.com', ['b.example.com']],
  [' C.example.com , b.example.com,, b.example.com', ['b.example.com', 'c.example.com']],
  ['localhost,10.0.0.1,_x.y', ['10.0.0.1', '_x.y', 'localhost']],
  ['*.b.example.com', ['~^.+\\.b\\.example\\.com$']],
  ['~^b\\d+\\.example\\.com$', ['~^b\\d+\\.example\\.com$']],
  ['', []],
  ['b.example.com;', []],
  ['b.example.com }', []],
  ['"b"', []],
  ['b\nc', []],
  ['b\rc', []],
  ['$host', []],
  ['~(', []],
  ['~', []],
  ['~(?<host>.*)', []],
  ['~a\\Qb', []],
  ['b..c', []],
  ['b.*', []],
  ['*', []],
  ['a\u2028b', []],
  [`${'a.'.repeat(130)}b`, []],
  [`~${'\\.'.repeat(1000)}`, []],
];

describe('server-alias', () => {
  for (const [text, names] of NAMES) {
    it(`makes ${names.length === 0 ? 'nothing' : names.join(' and ')} of ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.deepEqual(aliasesOf([aliased('web', text)]), names);
    });
  }

  it('of the oldest Ingress that has it counts', () => {
    const old = ingress('old', { rules: [rule('a.example.com', '/old')] });
    const second = aliased('second', 'b.example.com', 'a.example.com', '2026-01-01T00:00:00Z');
    const third = aliased('third', 'c.example.com', 'a.example.com', '2026-01-02T00:00:00Z');
    assert.deepEqual(aliasesOf([third, second, old]), ['b.example.com']);
  });

  it('takes no name from a host, nor from an older host with the same alias, and says so', () => {
    const objects = [
      aliased('late', 'a.example.com,x.example.com,y.example.com', 'b.example.com', '2026-01-02T00:00:00Z'),
      aliased('web', 'x.example.com', 'a.example.com', '2026-01-01T00:00:00Z'),
      ...WEB,
    ];
    assert.deepEqual(aliasesOf(objects), ['x.example.com']);
    assert.deepEqual(aliasesOf(objects, 'b.example.com'), ['y.example.com']);
    const field = `AnnotationIgnored Ingress shop/late metadata.annotations[${KEY}/server-alias]`;
    assert.deepEqual(problemsOf(translate(objects)), [field, field]);
  });

  it('says nothing for rules without host, which answer all names', () => {
    assert.deepEqual(aliasesOf([aliased('web', 'b.example.com', '')], ''), []);
  });
});
