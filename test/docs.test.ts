import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

async function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8');
}

describe('the documentation', () => {
  it('has a row and a section for every diagnostic code, and for no other', async () => {
    const source = await read('src/model/problems.ts');
    const page = await read('docs/diagnostics.md');
    const found = source.matchAll(/(?:problem\(\s*|severity: )'(error|warning)',\s*(?:code: )?'([A-Z]\w+)'/g);
    const codes = [...found].map(([, severity, code]) => `${code} ${severity}`).sort();
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (\w+)/gm)];
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    assert.equal(codes.length, source.match(/^export function /gm)?.length);
    assert.deepEqual(
      rows.map(([, code, severity]) => `${code} ${severity}`),
      codes,
    );
    assert.deepEqual(
      rows.map(([, code]) => code),
      sections,
    );
  });

  it('names only files that are there', async () => {
    const pages = ['architecture', 'other-proxies', 'kubernetes', 'metrics', 'operations', 'security'].map(
      (name) => `docs/${name}.md`,
    );
    for (const page of ['README.md', 'CONTRIBUTING.md', ...pages]) {
      const links = [...(await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      const base = join(ROOT, page, '..');
      for (const link of links) await assert.doesNotReject(readFile(join(base, link)), `${page} links to ${link}`);
    }
  });
});
