import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stats } from 'node:fs';

/** What tells one version of a file from the next without reading it. */
export interface FileStamp {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly inode: number;
  /** Not a pipe or a device, which only somebody who names it may read. */
  readonly isPlain: boolean;
}

export interface Listing {
  /** Manifest files by path: the given path joined with the names below it. */
  readonly files: ReadonlyMap<string, FileStamp>;
  /** Files and directories that could not be looked at: path → why. What they hold is not known to be gone. */
  readonly unreadable: ReadonlyMap<string, string>;
}

const MANIFEST = /\.(?:yaml|yml|json)$/;

/**
 * Finds the manifest files below a directory, following symbolic links; or the one file that `root` is, whatever its name
 * and kind.
 *
 * Names that start with a dot are passed over. That includes `..data` and the dated directory of a ConfigMap volume: their
 * files are reached through the links beside them.
 *
 * @throws what stat and readdir throw for `root` itself
 */
export async function listFiles(root: string): Promise<Listing> {
  const stats = await stat(root);
  const listing = { files: new Map<string, FileStamp>(), unreadable: new Map<string, string>() };
  if (stats.isDirectory()) await listDirectory(root, { ...listing, visited: new Set([identity(stats)]) });
  else listing.files.set(root, stampOf(stats));
  return listing;
}

interface Collected {
  readonly files: Map<string, FileStamp>;
  readonly unreadable: Map<string, string>;
  /** Directories are read once however many links lead to them, so that links cannot make a maze. */
  readonly visited: Set<string>;
}

async function listDirectory(directory: string, into: Collected): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  const entries = await Promise.all(names.map((name) => inspect(join(directory, name), into)));
  for (const entry of entries) {
    if (entry === undefined) continue;
    if (entry.stats.isDirectory()) await descend(entry, into);
    else if (entry.stats.isFile() && MANIFEST.test(entry.path)) into.files.set(entry.path, stampOf(entry.stats));
  }
}

interface Entry {
  readonly path: string;
  readonly stats: Stats;
}

async function descend({ path, stats }: Entry, into: Collected): Promise<void> {
  if (into.visited.has(identity(stats))) return;
  into.visited.add(identity(stats));
  try {
    await listDirectory(path, into);
  } catch (error) {
    note(path, error, into);
  }
}

async function inspect(path: string, into: Collected): Promise<Entry | undefined> {
  try {
    return { path, stats: await stat(path) };
  } catch (error) {
    note(path, error, into);
    return undefined;
  }
}

/** What went away since its directory was read, and a link that leads nowhere, is simply not there. */
function note(path: string, error: unknown, into: Collected): void {
  if (errorCode(error) !== 'ENOENT') into.unreadable.set(path, describeError(error));
}

function identity(stats: Stats): string {
  return `${stats.dev}:${stats.ino}`;
}

export function stampOf(stats: Stats): FileStamp {
  return {
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    size: stats.size,
    inode: stats.ino,
    isPlain: stats.isFile(),
  };
}

export function sameStamp(left: FileStamp, right: FileStamp): boolean {
  return (
    left.mtimeMs === right.mtimeMs &&
    left.ctimeMs === right.ctimeMs &&
    left.size === right.size &&
    left.inode === right.inode
  );
}

/** `ENOENT` and the like; `undefined` for what is not an error of the operating system. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `EACCES: permission denied`: the message of Node without the call and the path. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+(?: '.*)?$/s, '') : String(error);
}
