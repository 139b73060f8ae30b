import assert from 'node:assert/strict';
import { Backoff } from '../../../src/sources/cluster/backoff.ts';

describe('the pauses after failures', () => {
  it('double from half a second to thirty seconds', () => {
    const backoff = new Backoff(() => 1);
    const pauses = Array.from({ length: 9 }, () => backoff.failed());
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('are shortened at random, but never to nothing', () => {
    const backoff = new Backoff(() => 0.25);
    assert.deepEqual([backoff.failed(), backoff.failed()], [125, 250]);
    assert.equal(new Backoff(() => 0).failed(), 50);
  });

  it('begin anew after a success', () => {
    const backoff = new Backoff(() => 1);
    for (let index = 0; index < 5; index += 1) backoff.failed();
    backoff.succeeded();
    assert.deepEqual([backoff.failures, backoff.failed()], [0, 500]);
  });

  it('are as long as the server asks for, within reason', () => {
    const backoff = new Backoff(() => 1);
    assert.equal(backoff.failed(7000), 7000);
    assert.equal(backoff.failed(10), 1000);
    assert.equal(backoff.failed(86_400_000), 300_000);
  });

  it('stay bounded for ever', () => {
    const backoff = new Backoff(() => 1);
    for (let index = 0; index < 5000; index += 1) backoff.failed();
    assert.equal(backoff.failed(), 30_000);
  });
});
