import assert from 'node:assert/strict';
import { MEMORY, within } from '../../src/features/config-map/sizes.ts';

describe('sizes of a ConfigMap', () => {
  for (const [given, kept] of [
    ['8k', '8k'],
    ['16m', '16m'],
    ['0', '1k'],
    ['1', '1k'],
    ['1g', '16384k'],
    ['2000', '2000'],
    ['999999999g', '16384k'],
  ] as const) {
    it(`of memory: ${given} is taken as ${kept}`, () => assert.equal(within(given, MEMORY), kept));
  }

  it('are in no unit that nginx does not take for memory', () => {
    assert.equal(within('1g', { least: 0, most: 1024 ** 3 }), '1048576k');
    assert.equal(within(undefined, MEMORY), undefined);
  });
});
