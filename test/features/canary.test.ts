import assert from 'node:assert/strict';
import { CANARY } from '../../src/features/canary.ts';
import { askFamily } from './ask-balance.ts';

function ask(annotations: Readonly<Record<string, string>>, proxy = 'haproxy') {
  return askFamily(CANARY, annotations, proxy);
}

const NOTHING = { header: undefined, cookie: undefined, share: 0, sticky: true };

describe('annotations of canaries', () => {
  it('need canary: true', () => {
    for (const annotations of [{ canary: 'false', 'canary-weight': '5' }, { 'canary-by-header': 'x' }]) {
      const { asked, codes } = ask(annotations);
      assert.deepEqual([asked, codes], [{}, ['AnnotationIgnored']]);
    }
    assert.deepEqual(ask({ canary: 'false' }).codes, []);
    assert.deepEqual(ask({ canary: 'yes' }).codes, ['InvalidAnnotation']);
    assert.deepEqual(ask({ canary: 'T' }).asked.canary, NOTHING);
  });

  const headers: readonly (readonly [Readonly<Record<string, string>>, object | undefined])[] = [
    [{ 'canary-by-header': 'X_Canary' }, { name: 'x-canary', rule: 'switch', text: '' }],
    [
      { 'canary-by-header': 'x', 'canary-by-header-value': ' a b ' },
      { name: 'x', rule: 'value', text: 'a b' },
    ],
    [
      { 'canary-by-header': 'x', 'canary-by-header-pattern': '(?i)^a' },
      { name: 'x', rule: 'pattern', text: '(?i)^a' },
    ],
    [
      { 'canary-by-header': 'x', 'canary-by-header-pattern': '(a' },
      { name: 'x', rule: 'refused', text: '' },
    ],
    [
      { 'canary-by-header': 'x', 'canary-by-header-pattern': '(a', 'canary-by-header-value': 'b' },
      { name: 'x', rule: 'value', text: 'b' },
    ],
    [{ 'canary-by-header-value': 'b' }, undefined],
  ];
  for (const [annotations, header] of headers) {
    it(`read ${JSON.stringify(annotations)}`, () => {
      assert.deepEqual(ask({ canary: 'true', ...annotations }).asked.canary?.header, header);
    });
  }

  const shares: readonly (readonly [weight: string, total: string, proxy: string, share: number])[] = [
    ['20', '', 'nginx', 200_000],
    ['20', '50', 'nginx', 200_000],
    ['20', '1000', 'haproxy', 20_000],
    ['1', '1000000', 'haproxy', 1],
    ['1', '1000000', 'nginx', 100],
    ['1', '30000', 'nginx', 100],
    ['1', '3000', 'nginx', 300],
    ['100', '', 'nginx', 1_000_000],
    ['300', '', 'nginx', 1_000_000],
    ['0', '', 'nginx', 0],
    ['-3', '', 'haproxy', 0],
    ['+3', '', 'haproxy', 30_000],
    ['1.5', '', 'haproxy', 0],
  ];
  for (const [weight, total, proxy, share] of shares) {
    it(`make ${share} of a million of ${weight} of ${total === '' ? '100' : total} on ${proxy}`, () => {
      const { asked } = ask({ canary: 'true', 'canary-weight': weight, 'canary-weight-total': total }, proxy);
      assert.equal(asked.canary?.share, share);
    });
  }

  it('say with affinity-canary-behavior whether sessions count', () => {
    assert.equal(ask({ canary: 'true', 'affinity-canary-behavior': 'legacy' }).asked.canary?.sticky, false);
    assert.equal(ask({ canary: 'true', 'affinity-canary-behavior': 'sticky' }).asked.canary?.sticky, true);
  });

  const hostile = [
    'a\nb',
    'a;b',
    'a}',
    '"',
    '$uri',
    '%[env(HOME)]',
    '${PATH}',
    'a\0',
    'a\u2028b',
    'a\rb',
    'x'.repeat(600),
  ];
  const keys = [
    'canary-by-header',
    'canary-by-header-value',
    'canary-by-cookie',
    'canary-weight',
    'canary-weight-total',
  ];
  for (const key of keys) {
    it(`refuse what does not belong in ${key}`, () => {
      const base = { canary: 'true', ...(key === 'canary-by-header-value' ? { 'canary-by-header': 'x' } : {}) };
      for (const text of hostile) {
        const { asked, codes } = ask({ ...base, [key]: text });
        assert.deepEqual(codes, ['InvalidAnnotation'], JSON.stringify(text));
        assert.doesNotMatch(JSON.stringify(asked), /uri|PATH|HOME|\\|"a/, JSON.stringify(text));
      }
    });
  }
});
