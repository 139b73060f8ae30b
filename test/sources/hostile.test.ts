import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KINDS, type Kind } from '../../src/model/objects.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { loadText } from '../../src/sources/manifests/load-file.ts';
import { ingressText } from './support.ts';

const FIELDS = ['spec', 'data', 'stringData', 'type', 'subsets', 'addresses', 'ports', 'port', 'name', 'endpoints'];
const STATUS_FIELDS = ['status', 'conditions', 'address', 'labels', 'nodeName'];
const SPEC_FIELDS = ['rules', 'tls', 'http', 'paths', 'backend', 'service', 'number', 'host', 'hosts', 'secretName'];

/** Trees of the words that decoders know, with anything in their leaves. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS, ...STATUS_FIELDS, ...SPEC_FIELDS, '__proto__'), tie('tree'), {
      maxKeys: 4,
    }),
  ),
}));

describe('hostile manifests', () => {
  it('are decoded or refused, and never make the decoder throw', () => {
    const kinds = Object.keys(KINDS) as Kind[];
    const header = fc.constantFrom(...kinds).map((kind) => ({
      apiVersion: KINDS[kind] === '' ? 'v1' : `${KINDS[kind]}/v1`,
      kind,
    }));
    fc.assert(
      fc.property(header, fc.dictionary(fc.constantFrom(...FIELDS, 'status'), tree), (type, fields) => {
        const value = { ...fields, ...type, metadata: { name: 'web', namespace: 'shop' } };
        const { object, diagnostics } = decodeObject(value, 'default');
        assert.ok(object !== undefined || diagnostics.length > 0);
        assert.ok(diagnostics.every(({ field, code }) => field !== '' || code === 'InvalidField'));
      }),
      { numRuns: 500 },
    );
  });

  it('that break off anywhere are located within the file', () => {
    const text = `${ingressText()}---\n${ingressText({ name: 'other' }).replace('80', '80000')}`;
    const lines = text.split('\n');
    for (let length = 0; length <= text.length; length += 1) {
      for (const { location } of loadText('a.yaml', text.slice(0, length), 'default').diagnostics) {
        assert.ok(location !== undefined && location.line >= 1 && location.line <= lines.length + 1);
        assert.ok(location.column >= 1 && location.column <= (lines[location.line - 1] ?? '').length + 1);
      }
    }
  });

  it('of random text are parsed or refused', () => {
    const line = fc.constantFrom(
      'a: &x',
      '- *x',
      '<<: *x',
      'kind: List',
      'items:',
      '---',
      '  b: [',
      '? x',
      '!!map',
      '"',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (parts) => {
        const { objects, diagnostics, complete } = loadText('a.yaml', parts.join('\n'), 'default');
        assert.deepEqual(objects, []);
        assert.equal(complete, diagnostics.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});
