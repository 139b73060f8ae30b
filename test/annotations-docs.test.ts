import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { annotationsPage } from '../docs/annotations.ts';

describe('docs/annotations.md', () => {
  it('is what src/features says; npm run docs writes it', async () => {
    const page = await readFile(join(import.meta.dirname, '..', 'docs', 'annotations.md'), 'utf8');
    assert.equal(page, await annotationsPage());
  });
});
