import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The text of a page in docs/. */
export function readPage(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
}

/** Blocks of code under a line with a path, as in "`my/file`:", by path. */
export function filesOf(page: string): ReadonlyMap<string, string> {
  const blocks = page.matchAll(/`([\w./-]+)`:\n\n```\w*\n([^]*?)```\n/g);
  return new Map([...blocks].map((block) => [block[1] ?? '', block[2] ?? '']));
}
