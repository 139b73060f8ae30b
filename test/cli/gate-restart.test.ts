import assert from 'node:assert/strict';
import type { Passed } from '../../src/cli/loop/gate-state.ts';
import { CHECKS_PER_PASS } from '../../src/cli/loop/trial.ts';
import type { Ingress } from '../../src/model/objects.ts';
import { formatRef } from '../../src/model/refs.ts';
import { ingress, rule, WEB } from '../translate/world.ts';
import { GateScene, type Checker } from './gate-scene.ts';

/** The n-th Ingress by age, on a host of its own. */
const numbered = (index: number, ...paths: readonly string[]): Ingress => {
  const created = { creationTimestamp: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z` };
  return ingress(`i${index}`, {
    ...created,
    rules: [rule(`h${index}.example.com`, ...(paths.length > 0 ? paths : ['/']))],
  });
};
const of = (index: number) => `Ingress shop/i${index}`;

/** Says nothing of use. */
const silent =
  (bad: (lines: readonly string[]) => boolean): Checker =>
  (lines) =>
    bad(lines) ? { message: 'something is wrong' } : undefined;

const has = (lines: readonly string[], key: string) => lines.some((line) => line.startsWith(`${key} `));
const left = ({ diagnostics }: Passed) =>
  diagnostics.map(({ object, field }) => `${object === undefined ? '-' : formatRef(object)} ${field}`.trim());

describe('the gate to the proxy after a restart', () => {
  /** Twenty Ingresses serve; then sluice is started again, and finds these. */
  async function restarted(...changed: readonly Ingress[]): Promise<GateScene> {
    const scene = new GateScene(() => undefined);
    scene.put(...WEB, ...Array.from({ length: 20 }, (_, index) => numbered(index)));
    await scene.settle();
    scene.served.length = 0;
    scene.restart();
    scene.put(...changed);
    return scene;
  }

  const all = Array.from({ length: 20 }, (_, index) => index);

  it('finds who came meanwhile and keeps the proxy from reloading, and takes away nothing that was served', async () => {
    const scene = await restarted(...[20, 21, 22].map((index) => numbered(index)));
    scene.reloadFails = (lines) => has(lines, of(21));
    let passed = await scene.pass();
    for (let passes = 0; left(passed).length === 0 && passes < 10; passes += 1) passed = await scene.pass();
    assert.deepEqual(left(passed), [of(21)]);
    assert.deepEqual(
      [20, 22].map((index) => has(scene.running ?? [], of(index))),
      [true, true],
    );
    for (const lines of scene.served) for (const index of all) assert.ok(has(lines, of(index)), of(index));
  });

  it('finds who was changed meanwhile, as by the key of a zone', async () => {
    const scene = await restarted(numbered(7, '/new'));
    const old = `${of(7)} /`;
    scene.reloadFails = (lines, running) => running.includes(old) && lines.includes(`${of(7)} /new`);
    for (let passes = 0; passes < 3; passes += 1) assert.deepEqual(left(await scene.pass()), []);
    assert.ok(scene.running?.includes(`${of(7)} /new`));
  });

  it('blames nobody when most of what is served is written in another way', async () => {
    const scene = await restarted(...all.map((index) => numbered(index, '/', '/other')));
    scene.reloadFails = (lines) => lines.includes(`${of(3)} /other`);
    for (let passes = 0; passes < 3; passes += 1) await scene.pass();
    const passed = await scene.pass();
    assert.deepEqual([passed.applied.result.type, left(passed)], ['rolled-back', ['-']]);
    assert.match(passed.diagnostics[0]?.message ?? '', /in another way than before the start/);
    assert.deepEqual(scene.served, []);
  });

  it('does not charge who was served, but the newer one, when two conflict', async () => {
    const scene = await restarted(numbered(20));
    scene.checker = (lines) =>
      has(lines, of(4)) && has(lines, of(20)) ? { line: 5, message: 'zone is there twice' } : undefined;
    const { passed, most } = await scene.settle();
    assert.deepEqual(left(passed), [of(20)]);
    assert.ok(most <= CHECKS_PER_PASS);
  });

  it('searches for what is refused without words, and takes away nothing that was served until it knows', async () => {
    const changed = [2, 9, 15].map((index) => numbered(index, '/', '/other'));
    const scene = await restarted(...changed, ...Array.from({ length: 40 }, (_, index) => numbered(index + 20)));
    const bad = [9, 33, 41, 50];
    const isBad = (lines: readonly string[], index: number) =>
      lines.includes(`${of(index)} ${index === 9 ? '/other' : '/'}`);
    scene.checker = silent((lines) => bad.some((index) => isBad(lines, index)));
    const { passed, passes, most } = await scene.settle();
    assert.deepEqual(left(passed).toSorted(), bad.map(of).toSorted());
    assert.ok(passes > 1 && most <= CHECKS_PER_PASS, `${passes} passes of ${most} checks`);
    for (const lines of scene.served)
      for (const index of all) assert.ok(index === 9 || has(lines, of(index)), `${of(index)} was gone`);
  });
});
