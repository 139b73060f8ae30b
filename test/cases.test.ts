import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isEqual } from '../src/model/equal.ts';
import { createTranslator } from '../src/translate/translate.ts';
import {
  checkWithNginx,
  goldenOf,
  listCases,
  readGolden,
  readInput,
  reordered,
  runCase,
  writeGolden,
} from './support/cases.ts';
import { nginxRenderer } from './support/pack.ts';
import { installedNginx } from './support/proxies.ts';

/** The oldest and a newest version: templates differ between them. */
const VERSIONS = ['1.22.1', '1.30.0'];
const NGINX = installedNginx();

const isUpdate = process.env['UPDATE_GOLDEN'] !== undefined;
if (isUpdate && process.env['CI'] !== undefined) throw new Error('UPDATE_GOLDEN is not for CI: commit what it writes');

describe(`the golden cases (nginx ${NGINX.map(({ version }) => version).join(', ')})`, () => {
  for (const item of listCases()) {
    describe(item.name, () => {
      it('gives the expected files and diagnostics', async () => {
        assert.ok(existsSync(join(item.directory, 'input.yaml')), 'input.yaml is there');
        const render = await nginxRenderer(item.version);
        const golden = goldenOf(item, runCase(item, await readInput(item), render), render);
        if (isUpdate) writeGolden(item, golden);
        assert.deepEqual(Object.fromEntries(readGolden(item)), Object.fromEntries(golden));
      });

      for (const version of VERSIONS) {
        it(`gives the same for nginx ${version} again, and from objects in another order`, async () => {
          const snapshot = await readInput(item);
          const translate = createTranslator();
          const render = await nginxRenderer(version);
          const first = runCase(item, snapshot, render, translate);
          const worlds = [snapshot, await readInput(item), reordered(snapshot, 'backwards'), reordered(snapshot, 3)];
          for (const world of worlds) {
            for (const result of [
              runCase(item, world, render, translate),
              runCase(item, world, await nginxRenderer(version)),
            ]) {
              assert.deepEqual(result.bundle.files, first.bundle.files);
              assert.equal(result.bundle.digest, first.bundle.digest);
              assert.ok(isEqual(result.diagnostics, first.diagnostics));
            }
          }
        });
      }

      for (const { binary, version } of NGINX) {
        it(`is taken by nginx ${version} without a warning`, async () => {
          const render = await nginxRenderer(version);
          assert.equal(checkWithNginx(binary, item, await readInput(item), render), '');
        });
      }
    });
  }
});
