import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigBundle } from '../model/bundle.ts';
import type { RuntimeChange } from '../proxies/driver.ts';
import type { Generation } from './manifest.ts';

/**
 * What a proxy that runs `from` has to take. Its texts are read from disk. `undefined` when they are not what was
 * installed, or when files that carry the number of the generation are written in another way.
 */
export async function runtimeChange(
  from: Generation,
  bundle: ConfigBundle,
  paths: readonly string[],
): Promise<RuntimeChange | undefined> {
  const read = async (path: string): Promise<string | undefined> =>
    readFile(join(from.directory, path), 'utf8').catch(() => undefined);
  for (const { path, text } of bundle.stamp(from.number)) if ((await read(path)) !== text) return undefined;
  const files: { path: string; before: string; after: string }[] = [];
  for (const path of paths) {
    const before = await read(path);
    const after = bundle.files.get(path)?.text;
    if (before === undefined || after === undefined || sha256(before) !== from.manifest.files[path]) return undefined;
    files.push({ path, before, after });
  }
  return { files, text: (path) => bundle.files.get(path)?.text };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
