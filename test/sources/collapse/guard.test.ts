import assert from 'node:assert/strict';
import { isCollapse } from '../../../src/sources/collapse/guard.ts';
import { GuardScene, HOLD_MS } from './support.ts';

describe('a collapse', () => {
  const cases: readonly [before: number, left: number, isOne: boolean, why: string][] = [
    [10, 0, true, 'ten of ten'],
    [9, 0, false, 'so few that somebody may have removed them'],
    [100, 9, true, 'more than nine of ten'],
    [100, 10, false, 'no more than nine of ten'],
    [100, 100, false, 'nothing is gone'],
    [10, 20, false, 'there are more than before'],
    [0, 0, false, 'there was nothing'],
  ];
  for (const [before, left, expected, why] of cases) {
    it(`is ${expected ? '' : 'not '}that of ${before} only ${left} are left: ${why}`, () => {
      assert.equal(isCollapse({ before, left }), expected);
    });
  }
});

describe('CollapseGuard', () => {
  const collapse = { before: 40, left: 1 };
  const TOLD =
    'CollapseHeld: services: 39 of 40 are gone at once; they stay in force until 1970-01-01T00:05:00.000Z ' +
    'or until they are back; if they are gone for good, restart sluice, or set --collapse-hold 0s';

  it('holds for the time that it is given, says so meanwhile, and lets go once', async () => {
    const { guard, clock, told, ...scene } = new GuardScene();
    let letGo = 0;
    assert.deepEqual(told, []);
    const hold = () => guard.hold('services', collapse, () => (letGo += 1));
    assert.equal(hold(), true);
    assert.deepEqual(
      scene.store.diagnostics.map(({ code, message }) => `${code}: ${message}`),
      [TOLD],
    );
    await clock.pass(HOLD_MS - 1);
    assert.equal(hold(), true, 'the same, not another');
    assert.equal(letGo, 0);
    await clock.pass(1);
    assert.equal(letGo, 1);
    assert.equal(guard.isHolding, false);
    assert.deepEqual(scene.store.diagnostics, []);
    await clock.pass(HOLD_MS);
    assert.equal(letGo, 1);
  });

  it('ends early when it is told, and lets go of nothing then', async () => {
    const { guard, clock, store } = new GuardScene();
    guard.hold('services', collapse, () => assert.fail('let go'));
    guard.end('services');
    assert.equal(guard.isHolding, false);
    assert.deepEqual(store.diagnostics, []);
    await clock.pass(HOLD_MS);
  });

  it('counts the time anew for what vanishes again', async () => {
    const { guard, clock } = new GuardScene();
    let letGo = 0;
    guard.hold('services', collapse, () => assert.fail('of the first'));
    await clock.pass(HOLD_MS - 1);
    guard.end('services');
    guard.hold('services', collapse, () => (letGo += 1));
    await clock.pass(HOLD_MS - 1);
    assert.equal(letGo, 0);
    await clock.pass(1);
    assert.equal(letGo, 1);
  });

  it('holds nothing when it is switched off, or when sluice ends', async () => {
    const off = new GuardScene(0);
    assert.equal(
      off.guard.hold('services', collapse, () => undefined),
      false,
    );
    assert.deepEqual(off.told, []);
    const { guard, controller, clock } = new GuardScene();
    guard.hold('services', collapse, () => assert.fail('let go'));
    controller.abort();
    await clock.pass(HOLD_MS);
    assert.equal(
      guard.hold('other', collapse, () => undefined),
      false,
    );
  });
});
