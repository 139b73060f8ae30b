import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Reads a template pack: every `.hbs` file and `pack.json` below a directory, by relative path with `/`. @throws Error */
export async function readPackFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && (entry.name.endsWith('.hbs') || entry.name === 'pack.json'))
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.sort().map(async (path) => [path, unixLines(await readFile(path, 'utf8'))] as const),
  );
  return new Map(texts.map(([path, text]) => [relative(directory, path).split(sep).join('/'), text]));
}

/** Carriage returns would end up in the configuration. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
