import assert from 'node:assert/strict';
import { Recent } from '../../../src/report/cluster/recent.ts';
import { TokenBucket } from '../../../src/report/cluster/token-bucket.ts';

describe('a token bucket', () => {
  it('lets a burst pass, then one each time that it says', () => {
    const bucket = new TokenBucket({ burst: 3, refillMs: 100 }, 0);
    assert.deepEqual([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)], [true, true, true, false]);
    let now = 0;
    for (let count = 0; count < 1_000; count++) {
      now += bucket.waitMs(now);
      assert.equal(bucket.take(now), true);
    }
    assert.ok(Math.abs(now - 100_000) < 1, `${now}`);
  });

  it('does not save up more than a burst', () => {
    const bucket = new TokenBucket({ burst: 2, refillMs: 100 }, 0);
    assert.deepEqual([bucket.take(1e9), bucket.take(1e9), bucket.take(1e9)], [true, true, false]);
  });
});

describe('a map of what is recent', () => {
  it('forgets what was used longest ago', () => {
    const recent = new Recent<number>(2);
    recent.put('a', 1);
    recent.put('b', 2);
    assert.equal(recent.get('a'), 1);
    recent.put('c', 3);
    assert.deepEqual([recent.get('a'), recent.get('b'), recent.get('c'), recent.size], [1, undefined, 3, 2]);
    assert.equal(recent.take('a'), 1);
    assert.deepEqual([recent.get('a'), recent.size], [undefined, 1]);
  });
});
