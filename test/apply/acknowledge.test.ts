import assert from 'node:assert/strict';
import { waitForGeneration } from '../../src/apply/acknowledge.ts';
import type { ProxyDriver } from '../../src/proxies/driver.ts';
import { forever } from './support/wait.ts';

/** Gives these answers one after the other, and then the last one for ever. */
function answering(answers: readonly (number | undefined)[]): { driver: ProxyDriver; asked: () => number } {
  let asked = 0;
  const driver: ProxyDriver = {
    name: 'scripted',
    reloadOverlapMs: 0,
    identify: () => Promise.reject(new Error('not asked for')),
    check: () => Promise.reject(new Error('not asked for')),
    reload: () => Promise.reject(new Error('not asked for')),
    runningGeneration: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]),
  };
  return { driver, asked: () => asked };
}

describe('waitForGeneration', () => {
  const cases: readonly {
    name: string;
    answers: readonly (number | undefined)[];
    timeoutMs: number;
    overlapMs: number;
    want: number | undefined;
    atLeast: number;
  }[] = [
    { name: 'returns at the right answer', answers: [7], timeoutMs: 60_000, overlapMs: 0, want: 7, atLeast: 1 },
    { name: 'waits for it', answers: [undefined, 6, 7], timeoutMs: 60_000, overlapMs: 0, want: 7, atLeast: 3 },
    { name: 'asks once without time', answers: [6, 7], timeoutMs: 0, overlapMs: 0, want: 6, atLeast: 1 },
    { name: 'returns the last answer when time is up', answers: [6], timeoutMs: 80, overlapMs: 0, want: 6, atLeast: 2 },
    { name: 'has no answer to return', answers: [undefined], timeoutMs: 80, overlapMs: 0, want: undefined, atLeast: 2 },
    {
      name: 'does not count the right answer while old workers still answer beside the new',
      answers: [7, 6, 7, 7, 6, 7],
      timeoutMs: 60_000,
      overlapMs: 500,
      want: 7,
      atLeast: 8,
    },
  ];
  for (const { name, answers, timeoutMs, overlapMs, want, atLeast } of cases) {
    it(name, async () => {
      const { driver, asked } = answering(answers);
      assert.equal(await waitForGeneration(driver, { generation: 7, timeoutMs, overlapMs }, forever), want);
      assert.ok(asked() >= atLeast, `asked ${asked()} times`);
    });
  }

  it('rejects on abort', async () => {
    const wait = { generation: 7, timeoutMs: 60_000, overlapMs: 0 };
    const { driver } = answering([6]);
    await assert.rejects(waitForGeneration(driver, wait, AbortSignal.timeout(50)), /abort/i);
  });
});
