import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { errorCode } from '../sources/manifests/list-files.ts';
import { unifiedDiff } from './packs/unified-diff.ts';

/** Texts by path below the directory of a snapshot. */
export type SnapshotTexts = ReadonlyMap<string, string>;

/** Tells that a directory holds a snapshot and nothing else: what is stale in it may be removed. */
const MARK = '.sluice-snapshot';
const MARK_TEXT = 'Written by `sluice snapshot --update`, which removes other files from this directory.\n';

/** @returns `undefined` when there is no such directory */
export async function readSnapshot(directory: string): Promise<SnapshotTexts | undefined> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(paths.sort().map(async (path) => [path, await readFile(path, 'utf8')] as const));
    return new Map(texts.map(([path, text]) => [relative(directory, path).split(sep).join('/'), text]));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Brings a directory in line with a snapshot: what it holds besides is removed. @throws Error when it holds other things */
export async function writeSnapshot(directory: string, texts: SnapshotTexts): Promise<void> {
  const before = (await readSnapshot(directory)) ?? new Map<string, string>();
  if (before.size > 0 && !before.has(MARK)) {
    throw new Error(`${directory} holds files that are no snapshot; choose another directory, or remove them`);
  }
  const wanted = new Map([[MARK, MARK_TEXT], ...texts]);
  for (const path of before.keys()) if (!wanted.has(path)) await rm(join(directory, path));
  for (const [path, text] of wanted) {
    if (before.get(path) === text) continue;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

/** One unified diff for each file that differs, is new or is stale, by path. */
export function compareSnapshots(kept: SnapshotTexts, rendered: SnapshotTexts, directory: string): readonly string[] {
  const paths = [...new Set([...kept.keys(), ...rendered.keys()])].filter((path) => path !== MARK).sort();
  return paths
    .map((path) =>
      unifiedDiff(
        { name: `${directory}/${path}`, text: kept.get(path) },
        { name: `rendered/${path}`, text: rendered.get(path) },
      ),
    )
    .filter((text) => text !== '');
}
