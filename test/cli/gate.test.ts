import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Passed } from '../../src/cli/loop/gate-state.ts';
import { CHECKS_PER_PASS } from '../../src/cli/loop/trial.ts';
import type { Ingress } from '../../src/model/objects.ts';
import { formatRef } from '../../src/model/refs.ts';
import { makeCertificate } from '../support/certificates.ts';
import { backend, ingress, path, rule, service, slice, tlsSecret, WEB } from '../translate/world.ts';
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

/** Names the first line that fits. */
const naming =
  (bad: (line: string) => boolean): Checker =>
  (lines) => {
    const index = lines.findIndex(bad);
    return index < 0 ? undefined : { line: index + 1, message: `unknown "${lines[index]}" in lines:${index + 1}` };
  };

/** Says nothing of use. */
const silent =
  (bad: (lines: readonly string[]) => boolean): Checker =>
  (lines) =>
    bad(lines) ? { message: 'something is wrong' } : undefined;

const has = (lines: readonly string[], key: string) => lines.some((line) => line.startsWith(`${key} `));
const left = ({ diagnostics }: Passed) =>
  diagnostics.map(({ object, field }) => `${object === undefined ? '-' : formatRef(object)} ${field}`.trim());

describe('the gate to the proxy', () => {
  it('asks once when all is good, and not at all when nothing changed', async () => {
    const scene = new GateScene(() => undefined);
    scene.put(...WEB, numbered(1), numbered(2));
    const { passed } = await scene.settle();
    assert.deepEqual([passed.applied.result.type, scene.checks, left(passed)], ['applied', 1, []]);
    assert.equal((await scene.pass()).applied.result.type, 'unchanged');
    assert.equal(scene.checks, 1);
  });

  it('leaves out a path alone, and serves the other one of its Ingress', async () => {
    const scene = new GateScene(naming((line) => line.endsWith('/bad')));
    scene.put(...WEB, numbered(1, '/good', '/bad'), numbered(2));
    const { passed } = await scene.settle();
    assert.deepEqual(left(passed), [`${of(1)} spec.rules[0].http.paths[1]`]);
    assert.deepEqual(scene.running?.slice(0, 2), [`${of(1)} /good`, `${of(2)} /`]);
    assert.equal(scene.checks, 2);
    assert.match(passed.diagnostics[0]?.message ?? '', /unknown .*\/bad.* at the line "Ingress shop\/i1 \/bad"/);
  });

  it('leaves out the whole Ingress when it is named again', async () => {
    const scene = new GateScene(naming((line) => line.includes('/bad')));
    scene.put(...WEB, numbered(1, '/good', '/bad-1', '/bad-2', '/bad-3'), numbered(2));
    const { passed } = await scene.settle();
    assert.deepEqual(left(passed), [of(1)]);
    assert.ok(has(scene.running ?? [], of(2)));
  });

  it('closes the routes to a Service, and takes away a certificate, that the proxy names', async () => {
    const scene = new GateScene(naming((line) => line === 'Service shop/broken' || line === 'Secret shop/tls'));
    const tls = [{ hosts: ['h.example.com'], secretName: 'tls' }];
    const rules = [rule('h.example.com', '/', path('/broken', 'Prefix', backend('broken')))];
    scene.put(...WEB, service('broken'), slice('broken', ['10.0.0.9']), ingress('web', { tls, rules }));
    scene.put(tlsSecret('tls', makeCertificate({ names: ['h.example.com'] })));
    const { passed } = await scene.settle();
    assert.deepEqual(left(passed), ['Secret shop/tls', 'Service shop/broken']);
    assert.deepEqual(scene.running, ['Ingress shop/web /broken closed', 'Ingress shop/web /', 'Service shop/web']);
    assert.deepEqual(
      passed.compiled.diagnostics.map(({ code }) => code),
      ['InvalidCertificate'],
    );
  });

  it('tries again when a Service that it refers to changes, and not when anything else does', async () => {
    const scene = new GateScene(naming((line) => line.endsWith('/bad')));
    scene.put(...WEB, numbered(1, '/bad'), numbered(2));
    await scene.settle();
    scene.put(numbered(3), service('api'));
    await scene.settle();
    assert.equal(scene.checks, 3);
    scene.checker = () => undefined;
    scene.put(service('web', { clusterIP: '10.96.0.99' }));
    assert.deepEqual(left((await scene.settle()).passed), []);
    assert.ok(has(scene.running ?? [], of(1)));
  });

  it('tries again with other templates, and forgets what is gone', async () => {
    const scene = new GateScene(naming((line) => line.endsWith('/bad')));
    scene.put(...WEB, numbered(1, '/bad'), numbered(2, '/bad'));
    assert.equal(left((await scene.settle()).passed).length, 2);
    scene.remove(of(2));
    assert.equal(left((await scene.settle()).passed).length, 1);
    scene.checker = () => undefined;
    scene.templates = {};
    assert.deepEqual(left((await scene.settle()).passed), []);
  });

  it('blames nobody while templates are on trial, and keeps what it had left out', async () => {
    const scene = new GateScene(naming((line) => line.endsWith('/bad')));
    scene.put(...WEB, numbered(1, '/bad'), numbered(2));
    const before = left((await scene.settle()).passed);
    scene.mayBlame = false;
    scene.checker = () => ({ line: 1, message: 'new templates' });
    scene.put(numbered(3));
    const { passed } = await scene.settle();
    assert.deepEqual([passed.applied.result.type, left(passed)], ['refused', before]);
  });

  it('blames nobody for what is refused without any Ingress, and tries again', async () => {
    const scene = new GateScene(() => ({ message: 'bad flag' }));
    scene.put(...WEB, numbered(1), numbered(2));
    const { passed } = await scene.settle();
    assert.deepEqual([passed.applied.result.type, left(passed), scene.checks], ['refused', ['-'], 2]);
    assert.deepEqual([passed.diagnostics[0]?.code, passed.diagnostics[0]?.severity], ['ConfigRefused', 'error']);
    assert.match(passed.diagnostics[0]?.message ?? '', /even without any Ingress: "bad flag"/);
    scene.checker = () => undefined;
    assert.equal((await scene.settle()).passed.applied.result.type, 'applied');
  });

  it('blames nobody either when the words named somebody', async () => {
    const scene = new GateScene((lines) => ({ line: lines.length === 0 ? 1 : 1, message: `bad ${lines.length}` }));
    scene.put(...WEB, numbered(1), numbered(2));
    const { passed } = await scene.settle();
    assert.deepEqual(left(passed), ['-']);
  });

  it('does not take away what was served before, when something new conflicts with it', async () => {
    // The proxy names the one that comes first in the file, which is not the newer one.
    const conflict: Checker = (lines) =>
      has(lines, of(1)) && has(lines, of(5)) ? { line: 1, message: 'zone is there twice' } : undefined;
    const scene = new GateScene(conflict);
    scene.put(...WEB, ...[1, 2, 3, 4].map((index) => numbered(index)));
    await scene.settle();
    scene.put(numbered(5), numbered(6));
    const { passed } = await scene.settle();
    assert.deepEqual(left(passed), [of(5)]);
    assert.ok(has(scene.running ?? [], of(1)) && has(scene.running ?? [], of(6)));
    for (const lines of scene.served) assert.ok(has(lines, of(1)), 'what was good was gone for a while');
  });

  it('does not blame the innocent when the same words go from one to the next', async () => {
    // A brace that is not closed: whoever comes behind it is named.
    const scene = new GateScene((lines) => {
      const open = lines.findIndex((line) => line.startsWith(`${of(10)} `));
      if (open < 0) return undefined;
      return { line: open + 2, message: `"server" is not allowed here in lines:${open + 2}` };
    });
    scene.put(...WEB, ...Array.from({ length: 30 }, (_, index) => numbered(index + 10)));
    const { passed, most } = await scene.settle();
    assert.deepEqual(left(passed), [of(10)]);
    assert.ok(most <= CHECKS_PER_PASS);
  });

  it('serves nothing less at a restart while it searches, and what is known to be good at the first start', async () => {
    const bad = [7, 21, 33];
    const checker = silent((lines) => bad.some((index) => has(lines, of(index))));
    for (const isFirstStart of [true, false]) {
      const scene = new GateScene(checker, isFirstStart);
      scene.put(...WEB, ...Array.from({ length: 50 }, (_, index) => numbered(index)));
      const { passed, passes } = await scene.settle();
      assert.deepEqual(left(passed).toSorted(), bad.map(of).toSorted());
      assert.ok(passes > 1, 'one pass is too few');
      assert.equal(scene.served.length > 1, isFirstStart);
    }
  });

  for (const bad of [5, 7, 9]) {
    it(`finds who keeps the proxy from reloading, by few reloads in a pass, and serves the others: ${bad}`, async () => {
      const scene = new GateScene(() => undefined);
      scene.put(...WEB, ...[1, 2, 3, 4].map((index) => numbered(index)));
      await scene.settle();
      scene.reloadFails = (lines) => has(lines, of(bad));
      scene.put(...[5, 6, 7, 8, 9].map((index) => numbered(index)));
      let passed = await scene.pass();
      assert.deepEqual([passed.applied.result.type, left(passed)], ['rolled-back', []]);
      for (let passes = 0; left(passed).length === 0; passes += 1) {
        const before = scene.reloads;
        passed = await scene.pass();
        assert.ok(scene.reloads - before <= 3, 'too many reloads in a pass');
        assert.ok(passes < 10, 'it is not found');
      }
      assert.deepEqual(left(passed), [of(bad)]);
      assert.match(passed.diagnostics[0]?.message ?? '', /it did not answer/);
      for (const index of [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((item) => item !== bad))
        assert.ok(has(scene.running ?? [], of(index)), of(index));
    });
  }

  /** One Ingress serves; then there is a second. */
  async function withOneMore(): Promise<GateScene> {
    const scene = new GateScene(() => undefined);
    scene.put(...WEB, numbered(1));
    await scene.settle();
    scene.put(numbered(2));
    return scene;
  }

  it('leaves out the only one that changed when reloads fail with it and not without it, in four reloads', async () => {
    const scene = await withOneMore();
    scene.reloadFails = (lines) => has(lines, of(2));
    const before = scene.reloads;
    assert.deepEqual(left(await scene.pass()), []);
    assert.deepEqual(left(await scene.pass()), []);
    const passed = await scene.pass();
    assert.deepEqual([passed.applied.result.type, left(passed)], ['unchanged', [of(2)]]);
    assert.match(passed.diagnostics[0]?.message ?? '', /not without it \(2 tried\): it did not answer/);
    assert.equal(scene.reloads - before, 4);
  });

  it('blames nobody when a reload without it is all that it takes, as for the key of a zone', async () => {
    const scene = await withOneMore();
    await scene.settle();
    scene.put(numbered(2, '/new'));
    const old = `${of(2)} /`;
    scene.reloadFails = (lines, running) => running.includes(old) && lines.includes(`${of(2)} /new`);
    for (let passes = 0; passes < 3; passes += 1) assert.deepEqual(left(await scene.pass()), []);
    assert.ok(scene.running?.includes(`${of(2)} /new`));
  });

  it('tries one that it left out for a reload again after a while, and serves it when that goes well', async () => {
    const scene = await withOneMore();
    scene.reloadFails = (lines) => has(lines, of(2));
    for (let passes = 0; passes < 3; passes += 1) await scene.pass();
    assert.equal(scene.isDue, false);
    scene.now += 5_000;
    assert.equal(scene.isDue, true);
    assert.deepEqual(left(await scene.pass()), [of(2)]);
    assert.equal(scene.isDue, false);
    scene.reloadFails = () => false;
    scene.now += 10_000;
    assert.deepEqual(left(await scene.pass()), []);
    assert.ok(has(scene.running ?? [], of(2)));
  });

  it('blames nobody when no reload goes well, whoever is in it, and says so until one does', async () => {
    for (const added of [[2], [2, 3, 4]]) {
      const scene = await withOneMore();
      scene.reloadFails = () => true;
      scene.put(...added.map((index) => numbered(index)));
      const codes = new Set<string>();
      for (let passes = 0; passes < 12; passes += 1)
        for (const { code, object } of (await scene.pass()).diagnostics) codes.add(`${code} ${object?.name ?? '-'}`);
      assert.deepEqual([...codes], ['ConfigRefused -']);
      scene.reloadFails = () => false;
      const passed = await scene.pass();
      assert.deepEqual([passed.applied.result.type, left(passed)], ['applied', []]);
      assert.ok(added.every((index) => has(scene.running ?? [], of(index))));
    }
  });

  it('is never at fault for what any number of objects do, within its bounds', async () => {
    const worlds = fc.integer({ min: 1, max: 40 }).chain((count) => {
      const some = fc.uniqueArray(fc.nat(count - 1), { maxLength: 4 });
      return fc.record({ count: fc.constant(count), named: some, unnamed: some, isFirstStart: fc.boolean() });
    });
    const property = fc.asyncProperty(worlds, async ({ count, named, unnamed, isFirstStart }) => {
      const loud = naming((line) => named.some((index) => line.startsWith(`${of(index)} `)));
      const quiet = silent((lines) => unnamed.some((index) => has(lines, of(index))));
      const scene = new GateScene((lines) => quiet(lines) ?? loud(lines), isFirstStart);
      scene.put(...WEB, ...Array.from({ length: count }, (_, index) => numbered(index)));
      const { passed, passes, most } = await scene.settle();
      const bad = new Set([...named, ...unnamed]);
      assert.match(passed.applied.result.type, /^(?:applied|unchanged)$/);
      assert.deepEqual(
        new Set(passed.diagnostics.map(({ object }) => object?.name)),
        new Set([...bad].map((index) => `i${index}`)),
      );
      assert.equal(scene.running?.filter((line) => line.startsWith('Ingress')).length, count - bad.size);
      assert.ok(most <= CHECKS_PER_PASS, `${most} checks in a pass`);
      const bound = 6 + 3 * passes + bad.size * (3 + Math.ceil(Math.log2(count + 1)));
      assert.ok(scene.checks <= bound, `${scene.checks} checks of at most ${bound}`);
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
