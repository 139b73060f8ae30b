import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyName } from '../src/cli/proxy/proxy-kinds.ts';
import { isEqual } from '../src/model/equal.ts';
import { createTranslator } from '../src/translate/translate.ts';
import {
  aimedAt,
  checkCase,
  goldenOfFiles,
  goldenOfTranslation,
  listCases,
  readGolden,
  readInput,
  reordered,
  runCase,
  writeGolden,
  type Case,
  type Golden,
} from './support/cases.ts';
import { rendererFor } from './support/pack.ts';
import { installedProxies } from './support/proxies.ts';

/** The oldest and a newest version of each: templates differ between them. Expected files are for the oldest. */
const VERSIONS: readonly (readonly [ProxyName, string])[] = [
  ['nginx', '1.22.1'],
  ['nginx', '1.30.0'],
  ['haproxy', '2.6.12'],
  ['haproxy', '3.2.0'],
];
const INSTALLED = installedProxies();

const isUpdate = process.env['UPDATE_GOLDEN'] !== undefined;
if (isUpdate && process.env['CI'] !== undefined) throw new Error('UPDATE_GOLDEN is not for CI: commit what it writes');

async function goldenOf(item: Case): Promise<Golden> {
  const snapshot = await readInput(item);
  const golden = new Map<string, string>();
  for (const [proxy, version] of [['nginx', item.version] as const, ['haproxy', '2.6.12'] as const]) {
    const render = await rendererFor(proxy, version);
    const result = runCase(aimedAt(item, proxy, version), snapshot, render);
    for (const [path, text] of goldenOfTranslation(item, result)) {
      // What an annotation comes to depends on the proxy; all else does not.
      if ((golden.get(path) ?? text) === text) golden.set(path, text);
      else golden.set(`${proxy}/${path}`, text);
    }
    for (const [path, text] of goldenOfFiles(item, proxy, result.bundle, render)) golden.set(path, text);
  }
  return golden;
}

describe(`the golden cases (${INSTALLED.map(({ name, version }) => `${name} ${version}`).join(', ')})`, () => {
  for (const item of listCases()) {
    describe(item.name, () => {
      it('gives the expected files and diagnostics', async () => {
        assert.ok(existsSync(join(item.directory, 'input.yaml')), 'input.yaml is there');
        const golden = await goldenOf(item);
        if (isUpdate) writeGolden(item, golden);
        assert.deepEqual(Object.fromEntries(readGolden(item)), Object.fromEntries(golden));
      });

      for (const [proxy, version] of VERSIONS) {
        it(`gives the same for ${proxy} ${version} again, and from objects in another order`, async () => {
          const snapshot = await readInput(item);
          const translate = createTranslator();
          const render = await rendererFor(proxy, version);
          const aimed = aimedAt(item, proxy, version);
          const first = runCase(aimed, snapshot, render, translate);
          const worlds = [snapshot, await readInput(item), reordered(snapshot, 'backwards'), reordered(snapshot, 3)];
          for (const world of worlds) {
            for (const result of [
              runCase(aimed, world, render, translate),
              runCase(aimed, world, await rendererFor(proxy, version)),
            ]) {
              assert.deepEqual(result.bundle.files, first.bundle.files);
              assert.equal(result.bundle.digest, first.bundle.digest);
              assert.ok(isEqual(result.diagnostics, first.diagnostics));
            }
          }
        });
      }

      for (const proxy of INSTALLED) {
        it(`is taken by ${proxy.name} ${proxy.version} without a warning`, async () => {
          const render = await rendererFor(proxy.name, proxy.version);
          assert.equal(checkCase(proxy, item, await readInput(item), render), '');
        });
      }
    });
  }
});
