import assert from 'node:assert/strict';
import fc from 'fast-check';
import { diffLines, type Hunk } from '../../src/apply/line-diff.ts';

const lines = (text: string) => text.split(' ');
const addedBy = (hunks: readonly Hunk[]) =>
  hunks.flatMap(({ b0, b1 }) => Array.from({ length: b1 - b0 }, (_, index) => b0 + index));

describe('diffLines', () => {
  const cases = [
    { name: 'finds nothing in equal lists', before: 'a b a', after: 'a b a', added: [], cuts: [] },
    { name: 'finds what came in', before: 'a b', after: 'a x b', added: [1], cuts: [] },
    { name: 'finds what was changed', before: 'a b c', after: 'a x c', added: [1], cuts: [] },
    { name: 'finds where something was taken away', before: 'a b c d', after: 'a d', added: [], cuts: [1] },
    {
      name: 'does not take a line for the same one of another block',
      before: 'one { slow } two { fast } three { slow }',
      after: 'one { slow } two { slow } three { slow }',
      added: [6],
      cuts: [],
    },
    {
      name: 'finds a new block among others that look the same',
      before: 'one { x } three { x }',
      after: 'one { x } two { x } three { x }',
      added: [4, 5, 6, 7],
      cuts: [],
    },
    { name: 'takes only one of two that changed places', before: 'a b c', after: 'b c a', added: [2], cuts: [0] },
    { name: 'knows nothing of an empty file', before: '', after: 'a b', added: [0, 1], cuts: [] },
  ];
  for (const { name, before, after, added, cuts } of cases) {
    it(name, () => {
      const hunks = diffLines(lines(before), lines(after));
      const cut = hunks.filter(({ b0, b1 }) => b0 === b1).map(({ b0 }) => b0);
      assert.deepEqual([addedBy(hunks), cut], [added, cuts]);
    });
  }

  it('leaves, without what was added, lines that were there before in this order', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '{', '}'), { maxLength: 30 });
    const property = fc.property(list, list, (before, after) => {
      const added = new Set(addedBy(diffLines(before, after)));
      let at = 0;
      for (const [index, line] of after.entries()) {
        if (added.has(index)) continue;
        at = before.indexOf(line, at) + 1;
        assert.ok(at > 0, `${line} was not there`);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
