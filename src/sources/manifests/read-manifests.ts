import { describeError, errorCode, listFiles } from './list-files.ts';
import { loadFiles } from './load-file.ts';
import { ManifestSet } from './manifest-set.ts';
import type { ObjectStore } from '../object-store.ts';
import { unreadablePath } from '../../model/problems.ts';

/**
 * Reads manifest files and directories (with all below them) into a store, once. What is wrong inside of the files is
 * reported to the store, by file.
 *
 * @param defaultNamespace for objects that name none
 * @throws Error when one of the paths does not exist or cannot be read
 */
export async function readManifests(
  paths: readonly string[],
  store: ObjectStore,
  defaultNamespace = 'default',
): Promise<void> {
  const set = new ManifestSet(store, 0);
  for (const path of paths) await readPath(path, { set, store, defaultNamespace });
  set.publish(0);
}

interface Target {
  readonly set: ManifestSet;
  readonly store: ObjectStore;
  readonly defaultNamespace: string;
}

async function readPath(path: string, { set, store, defaultNamespace }: Target): Promise<void> {
  const listing = await listOrThrow(path);
  for await (const { path: file, loaded } of loadFiles([...listing.files], defaultNamespace)) {
    if (loaded === undefined) throw new Error(`${file} changed while it was read; try again`);
    set.put(file, loaded, 0);
  }
  for (const [file, reason] of listing.unreadable) store.report(file, [unreadablePath(file, reason, 'it is left out')]);
}

async function listOrThrow(path: string): ReturnType<typeof listFiles> {
  try {
    return await listFiles(path);
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'no such file or directory' : describeError(error);
    throw new Error(`cannot read manifests from ${path}: ${reason}`, { cause: error });
  }
}
