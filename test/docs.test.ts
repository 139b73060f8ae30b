import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

async function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8');
}

describe('the documentation', () => {
  it('has a row for every diagnostic code, and for no other', async () => {
    const source = await read('src/model/problems.ts');
    const codes = [...source.matchAll(/(?:problem\(\s*'(?:error|warning)',\s*|code: )'([A-Z]\w+)'/g)].map(
      (match) => match[1],
    );
    const rows = [...(await read('docs/diagnostics.md')).matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
    assert.deepEqual(rows, [...new Set(codes)].sort());
    assert.ok(rows.length > 20);
  });

  it('names only files that are there', async () => {
    for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md']) {
      const links = [...(await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      const base = join(ROOT, page, '..');
      for (const link of links) await assert.doesNotReject(readFile(join(base, link)), `${page} links to ${link}`);
    }
  });
});
