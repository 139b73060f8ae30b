import assert from 'node:assert/strict';
import { parseManifests } from '../../src/sources/manifests/manifest-file.ts';

function values(text: string): unknown[] {
  const parsed = parseManifests('a.yaml', text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.documents.map(({ value }) => value);
}

/** Ten levels of ten aliases each: ten billion nodes in half a kilobyte. */
function billionLaughs(): string {
  const level = (n: number): string =>
    `l${n}: &l${n} [${Array(10)
      .fill(`*l${n - 1}`)
      .join(', ')}]`;
  return ['l0: &l0 [lol]', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(level)].join('\n');
}

describe('parseManifests', () => {
  const documents: readonly { name: string; text: string; want: unknown[] }[] = [
    {
      name: 'reads several documents and skips empty ones',
      text: '---\n---\na: 1\n---\n# x\n---\nb: 2\n',
      want: [{ a: 1 }, { b: 2 }],
    },
    { name: 'finds nothing in an empty file', text: '', want: [] },
    { name: 'finds nothing in a file of comments', text: '# a\n\n', want: [] },
    {
      name: 'keeps dates, times, yes, no, on and off as strings',
      text: 'a: [2024-05-01, 2024-05-01T10:00:00Z, yes, no, on, off, 12:30:45]',
      want: [{ a: ['2024-05-01', '2024-05-01T10:00:00Z', 'yes', 'no', 'on', 'off', '12:30:45'] }],
    },
    {
      name: 'reads JSON',
      text: '{\n\t"a": "\\u00fc\\/",\n\t"b": [true, null]\n}',
      want: [{ a: 'ü/', b: [true, null] }],
    },
    { name: 'reads a file with a byte order mark', text: '\ufeffa: 1', want: [{ a: 1 }] },
    {
      name: 'takes the items of a List, of any depth',
      text: 'kind: List\nitems:\n- {a: 1}\n- {kind: List, items: [{b: 2}]}\n',
      want: [{ a: 1 }, { b: 2 }],
    },
    { name: 'takes an empty List for nothing', text: 'kind: List\nitems:\n---\nkind: List', want: [] },
    {
      name: 'gives the items of a typed list the type of the list',
      text: 'apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n- {kind: Other}',
      want: [
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } },
        { apiVersion: 'v1', kind: 'Other' },
      ],
    },
    {
      name: 'keeps an object whose kind only ends like a list',
      text: 'kind: AllowList\nspec: 1',
      want: [{ kind: 'AllowList', spec: 1 }],
    },
    {
      name: 'follows aliases and merge keys as kubectl does',
      text: 'a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a',
      want: [{ a: { x: 1 }, b: { x: 1, y: 2 }, c: { x: 1 } }],
    },
  ];
  for (const { name, text, want } of documents) {
    it(name, () => assert.deepEqual(values(text), want));
  }

  it('makes __proto__ an ordinary key', () => {
    const [value] = values('__proto__: {polluted: true}') as [object];
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal('polluted' in value, false);
  });

  const faults: readonly { name: string; text: string; at: readonly [number, number]; reason: RegExp }[] = [
    { name: 'a mapping value out of place', text: 'a: 1\nb: c: d\n', at: [2, 5], reason: /bad indentation/ },
    { name: 'JSON that ends too early', text: '{\n  "a": {\n    "b": 1,\n', at: [4, 1], reason: /end of the stream/ },
    { name: 'JSON with a comma too few', text: '{"a": 1\n "b": 2}', at: [2, 5], reason: /comma|flow/ },
    { name: 'a quote that is never closed', text: 'a: "b\n', at: [2, 1], reason: /indentation/ },
    { name: 'a tab for indentation', text: 'a:\n\tb: 1\n', at: [2, 1], reason: /tab|indentation|block/ },
    { name: 'a fault in the second document', text: 'a: 1\n---\nb: [\n', at: [4, 1], reason: /indentation/ },
    { name: 'a key that is there twice', text: 'a: 1\na: 2\n', at: [2, 1], reason: /duplicated mapping key/ },
    { name: 'a zero byte', text: 'a: 1\nb: \0\n', at: [2, 4], reason: /null byte/ },
    { name: 'nesting without end', text: '['.repeat(5000), at: [1, 100], reason: /maxDepth/ },
    { name: 'an alias bomb', text: billionLaughs(), at: [6, 25], reason: /too many nodes/ },
    { name: 'an alias to what encloses it', text: 'a: &a\n  b: [*a]\n', at: [2, 7], reason: /encloses/ },
    { name: 'a list of itself', text: '&a\nkind: List\nitems: [*a]\n', at: [3, 9], reason: /encloses/ },
  ];
  for (const { name, text, at, reason } of faults) {
    it(`gives line and column of ${name}`, () => {
      const parsed = parseManifests('a.yaml', text);
      assert.ok(!parsed.ok);
      assert.match(parsed.reason, reason);
      assert.deepEqual(parsed.location, { file: 'a.yaml', line: at[0], column: at[1] });
    });
  }

  it('refuses aliases that are quadratic in the size of the file', () => {
    const paths = Array(2000).fill('*p').join(',');
    const rules = Array(2000).fill('*r').join(',');
    const parsed = parseManifests('a.yaml', `p: &p {path: /}\nr: &r {paths: [${paths}]}\nrules: [${rules}]\n`);
    assert.equal(parsed.ok, false);
  });

  it('does not quote the file in its reason, which may be a Secret', () => {
    for (const text of ['password: *hunter2', 'password: !hunter2 x', 'password: !<hunter2> [x]', 'p: !hun{ter2 x']) {
      const parsed = parseManifests('a.yaml', text);
      assert.ok(!parsed.ok);
      assert.doesNotMatch(parsed.reason, /hun/);
    }
  });

  it('reads fifteen thousand objects in well under the time limit of a test', () => {
    const one = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - port: 80\n';
    assert.equal(values(Array(15_000).fill(one).join('---\n')).length, 15_000);
  });
});

describe('the location of a field', () => {
  const text = `
kind: Ingress
metadata:
  annotations:
    sluice.dev/a: x
spec:
  rules:
    - host: a.example
    - http:
        paths:
          - path: /
          - backend:
              service: {name: web, port: {number: 0}}
`;
  const fields: readonly (readonly [field: string, line: number, column: number])[] = [
    ['', 2, 1],
    ['kind', 2, 1],
    ['metadata.annotations[sluice.dev/a]', 5, 5],
    ['spec.rules[0].host', 8, 7],
    ['spec.rules[1].http.paths[1]', 12, 13],
    ['spec.rules[1].http.paths[1].backend.service.port.number', 13, 43],
    ['spec.rules[1].http.paths[0].backend', 11, 13],
    ['spec.rules[7].host', 7, 3],
    ['spec.tls[0]', 6, 1],
    ['no.such.field', 2, 1],
  ];
  for (const [field, line, column] of fields) {
    it(`of ${field === '' ? 'the object itself' : field} is ${line}:${column}`, () => {
      const parsed = parseManifests('a.yaml', text);
      assert.ok(parsed.ok);
      assert.deepEqual(parsed.documents[0]?.locate(field), { file: 'a.yaml', line, column });
    });
  }

  it('is found in the items of a JSON list', () => {
    const list = { kind: 'List', items: [{ kind: 'A' }, { kind: 'List', items: [{ kind: 'B', data: { x: 1 } }] }] };
    const parsed = parseManifests('a.json', JSON.stringify(list, undefined, 1));
    assert.ok(parsed.ok);
    const [first, second] = parsed.documents;
    assert.deepEqual(first?.locate(''), { file: 'a.json', line: 4, column: 3 });
    assert.deepEqual(second?.locate('data[x]'), { file: 'a.json', line: 13, column: 7 });
  });

  it('is found in a later document of a file with Windows line ends', () => {
    const parsed = parseManifests('a.yaml', 'kind: A\r\n---\r\nkind: B\r\nspec: 1\r\n');
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.documents[1]?.locate('spec'), { file: 'a.yaml', line: 4, column: 1 });
  });
});
