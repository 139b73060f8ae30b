import assert from 'node:assert/strict';
import fc from 'fast-check';
import { beginAdmission, nextTrial, realign, withVerdict, type Admission } from '../../src/apply/admit.ts';

/** Runs a search to its end. */
function finish(start: Admission<number>, passes: (set: readonly number[]) => boolean) {
  let admission = start;
  let checks = 0;
  for (let next = nextTrial(admission); next !== undefined; next = nextTrial(admission)) {
    checks += 1;
    admission = withVerdict(admission, passes([...admission.kept, ...next]));
  }
  return { ...admission, checks };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('admission', () => {
  it('takes one check when all is good, and none for nothing', () => {
    const all = finish(beginAdmission(numbers(500)), () => true);
    assert.deepEqual([all.kept.length, all.checks], [500, 1]);
    assert.equal(finish(beginAdmission([]), () => false).checks, 0);
  });

  it('finds a single bad one of 500 in eleven checks at most, wherever it is', () => {
    for (const bad of [0, 1, 250, 498, 499]) {
      const { rejected, kept, checks } = finish(beginAdmission(numbers(500)), (set) => !set.includes(bad));
      assert.deepEqual([rejected, kept.length], [[bad], 499]);
      assert.ok(checks <= 11, `${checks} checks for ${bad}`);
    }
  });

  it('rejects exactly the bad ones, in about k · log2 n checks', () => {
    const world = fc.integer({ min: 1, max: 200 }).chain((count) => {
      return fc.record({ count: fc.constant(count), bad: fc.uniqueArray(fc.nat(count - 1), { maxLength: 12 }) });
    });
    fc.assert(
      fc.property(world, ({ count, bad }) => {
        const { kept, rejected, checks } = finish(beginAdmission(numbers(count)), (set) =>
          set.every((item) => !bad.includes(item)),
        );
        assert.deepEqual([...rejected].sort(byNumber), [...bad].sort(byNumber));
        assert.equal(kept.length, count - bad.length);
        const most = 1 + bad.length * (1 + Math.ceil(Math.log2(count)));
        assert.ok(checks <= most, `${checks} checks of at most ${most}`);
      }),
    );
  });

  it('lets the newer of two lose that conflict, and never keeps what does not pass', () => {
    const pair = fc.uniqueArray(fc.nat(30), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 5 }), (pairs) => {
        const passes = (set: readonly number[]) => pairs.every((two) => !two.every((item) => set.includes(item)));
        const { kept, rejected } = finish(beginAdmission(numbers(31)), passes);
        assert.ok(passes(kept));
        for (const item of rejected) {
          const older = kept.filter((other) => other < item);
          assert.ok(!passes([...older, item]), `${item} was rejected for nothing`);
        }
      }),
    );
  });

  it('goes on in a changed world: forgets what is gone, tries what is new last, and what changed together', () => {
    let admission: Admission<number> = beginAdmission(numbers(8));
    admission = withVerdict(withVerdict(admission, false), true);
    assert.deepEqual(admission.kept, [0, 1, 2, 3]);
    const isThere = (item: number) => item !== 2 && item !== 6;
    const same = realign(admission, { isThere, isChanged: () => false }, [20]);
    assert.deepEqual(same.kept, [0, 1, 3]);
    const end = finish(same, (set) => !set.includes(7));
    assert.deepEqual([end.kept, end.rejected], [[0, 1, 3, 4, 5, 20], [7]]);
    const changed = realign(admission, { isThere, isChanged: (item) => item === 1 }, []);
    assert.deepEqual([changed.kept, nextTrial(changed)], [[], [0, 1, 3]]);
  });
});

function byNumber(left: number, right: number): number {
  return left - right;
}
