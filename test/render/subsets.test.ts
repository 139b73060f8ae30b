import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { SUBSET_HELPERS } from '../../src/render/helpers/subsets.ts';

const { subsets } = SUBSET_HELPERS;

/** As nginx chooses among servers of the same weight. */
function chosenBy(token: number, servers: number): number {
  return ((crc32(String(token)) >>> 16) & 0x7fff) % servers;
}

describe('subsets of endpoints', () => {
  for (const [all, wanted, count, size] of [
    [6, 3, 2, 3],
    [7, 3, 3, 3],
    [2, 3, 1, 2],
    [1, 3, 1, 1],
    [1000, 3, 334, 3],
    [5, 1, 5, 1],
  ] as const) {
    it(`of ${wanted} among ${all} are ${count}, each with ${size}, and leave nobody out`, () => {
      const made = subsets(all, wanted);
      assert.deepEqual([made.count, made.size], [count, size]);
      const groups = Map.groupBy(made.choices, ({ group }) => group);
      const members = [...groups.values()].map((choices) => choices.map(({ token }) => chosenBy(token, all)));
      assert.equal(members.length, count);
      for (const group of members) assert.equal(new Set(group).size, size);
      assert.equal(new Set(members.flat()).size, all);
    });
  }

  it('are chosen alike', () => {
    assert.deepEqual(subsets(9, 3).groups, [
      { index: 0, percent: '33.33' },
      { index: 1, percent: '33.33' },
    ]);
    assert.deepEqual(subsets(2, 3).groups, []);
    assert.equal(subsets(30_000, 1).groups.length, 0);
  });
});
