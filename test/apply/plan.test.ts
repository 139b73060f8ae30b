import assert from 'node:assert/strict';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import { parseManifest, type Manifest } from '../../src/apply/manifest.ts';
import { plan, type Plan } from '../../src/apply/plan.ts';
import { bundleOf } from './support/bundles.ts';

function manifestOf({ digest, files }: ConfigBundle): Manifest {
  const hashes = Object.fromEntries([...files].map(([path, { sha256 }]) => [path, sha256]));
  return { format: 1, generation: 1, digest, files: hashes };
}

describe('plan', () => {
  const cases: readonly { name: string; before: ConfigBundle | undefined; next: ConfigBundle; want: Plan }[] = [
    {
      name: 'is to do nothing when the bytes are equal',
      before: bundleOf({ a: '1', b: '2' }),
      next: bundleOf({ a: '1', b: '2' }),
      want: { type: 'nothing' },
    },
    {
      name: 'is to reload for the files that changed, came and went, in order',
      before: bundleOf({ same: '1', z: '2', gone: '3' }),
      next: bundleOf({ same: '1', z: 'two', added: '4' }),
      want: { type: 'reload', changedFiles: ['added', 'gone', 'z'] },
    },
    {
      name: 'is to reload for every file when nothing was acknowledged',
      before: undefined,
      next: bundleOf({ b: '1', a: '2' }),
      want: { type: 'reload', changedFiles: ['a', 'b'] },
    },
    {
      name: 'is to change the running proxy when only files changed that it takes',
      before: bundleOf({ 'runtime/a': '1', 'runtime/b': '1', c: '1' }),
      next: bundleOf({ 'runtime/a': '2', 'runtime/b': '2', c: '1' }),
      want: { type: 'runtime', changedFiles: ['runtime/a', 'runtime/b'] },
    },
    {
      name: 'is to reload when another file changed, too',
      before: bundleOf({ 'runtime/a': '1', c: '1' }),
      next: bundleOf({ 'runtime/a': '2', c: '2' }),
      want: { type: 'reload', changedFiles: ['c', 'runtime/a'] },
    },
    {
      name: 'is to reload when such a file came or went',
      before: bundleOf({ 'runtime/a': '1', c: '1' }),
      next: bundleOf({ 'runtime/b': '1', c: '1' }),
      want: { type: 'reload', changedFiles: ['runtime/a', 'runtime/b'] },
    },
    {
      name: 'is to reload when only what is stamped changed',
      before: { ...bundleOf({ 'runtime/a': '1' }), digest: 'other' },
      next: bundleOf({ 'runtime/a': '1' }),
      want: { type: 'reload', changedFiles: [] },
    },
  ];
  for (const { name, before, next, want } of cases) {
    it(name, () => assert.deepEqual(plan(before === undefined ? undefined : manifestOf(before), next), want));
  }
});

describe('parseManifest', () => {
  const good: Manifest = { format: 1, generation: 7, digest: 'd', files: { a: 'h' } };
  const cases: readonly { name: string; value: unknown; want: Manifest | undefined }[] = [
    { name: 'reads what was written', value: good, want: good },
    { name: 'refuses another format', value: { ...good, format: 2 }, want: undefined },
    { name: 'refuses a generation that is no number', value: { ...good, generation: '7' }, want: undefined },
    { name: 'refuses files that are a list', value: { ...good, files: ['a'] }, want: undefined },
    { name: 'refuses a hash that is no text', value: { ...good, files: { a: 1 } }, want: undefined },
    { name: 'refuses a list', value: [], want: undefined },
  ];
  for (const { name, value, want } of cases) {
    it(name, () => assert.deepEqual(parseManifest(JSON.stringify(value)), want));
  }
});
