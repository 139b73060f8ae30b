import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CHECKS_PER_PASS } from '../../src/cli/loop/trial.ts';
import type { Ingress } from '../../src/model/objects.ts';
import { ingress, rule, WEB } from '../translate/world.ts';
import { GateScene, type Checker } from './gate-scene.ts';

const GUARDS: readonly (readonly [string, string])[] = [
  ['whitelist-source-range', '10.0.0.0/8'],
  ['denylist-source-range', '10.0.0.0/8'],
  ['auth-secret', 'users'],
  ['auth-url', 'http://auth.example.com'],
  ['auth-tls-secret', 'shop/authority'],
  ['limit-rps', '5'],
  ['server-snippet', 'deny all;'],
];

const guarded = (
  name: string,
  path: string,
  [key, value]: readonly [string, string] = ['whitelist-source-range', '10.0.0.0/8'],
): Ingress =>
  ingress(name, {
    rules: [rule('a.example.com', path)],
    annotations: { [`nginx.ingress.kubernetes.io/${key}`]: value },
  });
const MAIN = ingress('main', { rules: [rule('a.example.com', '/')] });
const isAdmin = (line: string) => line.startsWith('Ingress shop/admin ');

/** Names each line that it refuses, or none. */
const refusing =
  (isBad: (line: string) => boolean, isNamed = true): Checker =>
  (lines) => {
    const index = lines.findIndex(isBad);
    if (index < 0) return undefined;
    return isNamed ? { line: index + 1, message: `bad in lines:${index + 1}` } : { message: 'something is wrong' };
  };

/** What is refused at the end of a search is tried again, a second later. */
async function settled(scene: GateScene): ReturnType<GateScene['settle']> {
  const first = await scene.settle();
  return first.passed.applied.result.type === 'refused' ? scene.settle() : first;
}

describe('an Ingress that keeps requests out, and that the proxy refuses', () => {
  for (const isNamed of [true, false]) {
    const how = isNamed ? 'named' : 'not named';

    it(`stays closed, so that no broader path answers in its place: ${how}`, async () => {
      for (const guard of GUARDS) {
        const scene = new GateScene(refusing((line) => isAdmin(line) && !line.endsWith(' closed'), isNamed));
        scene.put(...WEB, MAIN, guarded('admin', '/admin', guard));
        const { passed, most } = await scene.settle();
        assert.deepEqual(
          passed.diagnostics.map(({ object }) => object?.name),
          ['admin'],
        );
        for (const lines of scene.served)
          assert.deepEqual(lines.slice(0, 2), ['Ingress shop/admin /admin closed', 'Ingress shop/main /'], guard[0]);
        assert.ok(scene.served.length > 0 && most <= CHECKS_PER_PASS);
      }
    });

    it(`is left out with its paths when those are refused even closed, and holds up nobody: ${how}`, async () => {
      const scene = new GateScene(refusing(isAdmin, isNamed));
      scene.put(...WEB, MAIN, guarded('admin', '/admin'));
      const { most } = await settled(scene);
      assert.deepEqual(scene.running, ['Ingress shop/main /', 'Service shop/web']);
      assert.ok(most <= CHECKS_PER_PASS);
      scene.checker = () => undefined;
      scene.put(guarded('admin', '/other'));
      await scene.settle();
      assert.equal(scene.running[0], 'Ingress shop/admin /other');
    });
  }

  it('has one path closed, and the others open', async () => {
    const scene = new GateScene(refusing((line) => line.endsWith('/bad')));
    const admin = guarded('admin', '/admin');
    scene.put(...WEB, MAIN, { ...admin, rules: [rule('a.example.com', '/admin', '/bad')] });
    await scene.settle();
    assert.deepEqual(scene.running?.slice(0, 3), [
      'Ingress shop/admin /admin',
      'Ingress shop/admin /bad closed',
      'Ingress shop/main /',
    ]);
  });

  it('is closed, too, while reloads find out who keeps the proxy from taking it over', async () => {
    const scene = new GateScene(() => undefined);
    scene.put(...WEB, MAIN, guarded('admin', '/admin'));
    await scene.settle();
    scene.reloadFails = (lines) => lines.some((line) => line === 'Ingress shop/admin /new');
    scene.put({ ...guarded('admin', '/admin'), rules: [rule('a.example.com', '/admin', '/new')] });
    for (let passes = 0; passes < 4; passes += 1) await scene.pass();
    for (const lines of scene.served) assert.ok(lines.some(isAdmin));
    assert.ok(scene.running?.includes('Ingress shop/admin /new closed'));
  });

  it('ends every search within its bounds, whatever is guarded or refused', async () => {
    const one = fc.record({
      isGuarded: fc.boolean(),
      refused: fc.constantFrom('', '', 'open', 'closed'),
      isNamed: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(one, { maxLength: 12 }), fc.boolean(), async (all, isFirstStart) => {
      const isBad = (line: string) => {
        const { refused = '' } = all[Number(/^Ingress shop\/i(\d+) /.exec(line)?.[1] ?? -1)] ?? {};
        return refused === 'closed' || (refused === 'open' && !line.endsWith(' closed'));
      };
      const isNamed = (line: string) => all[Number(/\d+/.exec(line)?.[0])]?.isNamed === true;
      const scene = new GateScene((lines) => {
        const index = lines.findIndex(isBad);
        if (index < 0) return undefined;
        return isNamed(lines[index] ?? '') ? { line: index + 1, message: 'bad' } : { message: 'wrong' };
      }, isFirstStart);
      scene.put(...WEB, MAIN);
      for (const [index, { isGuarded }] of all.entries()) {
        const plain = ingress(`i${index}`, { rules: [rule('a.example.com', `/p${index}`)] });
        scene.put(isGuarded ? guarded(`i${index}`, `/p${index}`) : plain);
      }
      const { passed, passes, most } = await settled(scene);
      assert.match(passed.applied.result.type, /^(?:applied|unchanged)$/);
      assert.ok(most <= CHECKS_PER_PASS && passes < 30);
      const lines = new Set(scene.running);
      all.forEach(({ refused }, index) => {
        if (refused === '') assert.ok(lines.has(`Ingress shop/i${index} /p${index}`), `i${index} is held up`);
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
