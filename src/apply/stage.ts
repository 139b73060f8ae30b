import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleFile, ConfigBundle, GenerationFile } from '../model/bundle.ts';
import { removeUnfinished, stagingDirectory, syncDirectory, type Layout, type Owner } from './layout.ts';
import { MANIFEST, type Generation, type Manifest } from './manifest.ts';

export interface StageRequest {
  readonly layout: Layout;
  readonly bundle: ConfigBundle;
  readonly generation: number;
  /** Files that are the same in it may be linked, not written again. */
  readonly base: Generation | undefined;
  readonly owner: Owner | undefined;
}

/** The generation could not be written; nothing of it is left. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/** Files are written by so many at a time: most of it is waiting for fsync. */
const WRITERS = 16;

/**
 * So many files without secrets are written anew each time, so that what damages one of them damages one generation, and
 * another is left to go back to. Of more than that, as of a pack with a file for each host, each would cost an fsync.
 */
const WRITTEN_ANEW = 100;

/** Writes a generation beside the others, complete and safe against loss of power; returns its directory. @throws StageError */
export async function stage(request: StageRequest, signal: AbortSignal): Promise<string> {
  const { layout, bundle, generation } = request;
  const directory = stagingDirectory(layout, generation);
  try {
    const files = filesOf(bundle, generation);
    const directories = directoriesOf(files);
    await removeUnfinished(layout);
    await makeDirectories(directory, directories, request.owner);
    const modified = await writeAll(files, request, signal);
    const manifest = manifestText(manifestOf(files, { bundle, generation, modified }));
    await writeNew(join(directory, MANIFEST), { text: manifest, secret: false }, request.owner);
    for (const path of [...directories.keys()].reverse()) await syncDirectory(join(directory, path));
    return directory;
  } catch (error) {
    await removeStaged(directory);
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StageError(`cannot write generation ${generation}: ${reason}`, { cause: error });
  }
}

export async function removeStaged(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true }).catch(() => undefined);
}

type StagedFile = BundleFile | (GenerationFile & { readonly secret: false; readonly sha256: undefined });

function filesOf(bundle: ConfigBundle, generation: number): readonly StagedFile[] {
  const stamped = bundle.stamp(generation).map((file) => ({ ...file, secret: false, sha256: undefined }) as const);
  const files: readonly StagedFile[] = [...bundle.files.values(), ...stamped];
  const seen = new Set([MANIFEST]);
  for (const { path } of files) {
    if (!isSafePath(path)) throw new Error(`${JSON.stringify(path)} is not a path inside of the directory`);
    if (seen.has(path)) throw new Error(`${path} is there twice`);
    seen.add(path);
  }
  return files;
}

/** Relative, and every part of it is a plain name; nothing can lead out of the directory, which is new and holds no links. */
export function isSafePath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !UNPRINTABLE.test(part));
}

const UNPRINTABLE = /\p{Cc}/u;

/** Every directory from the outermost, with its mode: one that holds a secret is closed to others. */
function directoriesOf(files: readonly StagedFile[]): ReadonlyMap<string, number> {
  const modes = new Map([['.', 0o755]]);
  for (const { path, secret } of files.toSorted((left, right) => (left.path < right.path ? -1 : 1))) {
    const parts = dirname(path).split('/');
    parts.forEach((_, index) => {
      const directory = parts.slice(0, index + 1).join('/');
      if (directory === '.') return;
      const closed = secret && index === parts.length - 1;
      modes.set(directory, closed ? 0o700 : (modes.get(directory) ?? 0o755));
    });
  }
  return modes;
}

async function makeDirectories(
  root: string,
  modes: ReadonlyMap<string, number>,
  owner: Owner | undefined,
): Promise<void> {
  for (const [path, mode] of modes) {
    const directory = join(root, path);
    await mkdir(directory, { mode });
    await chmod(directory, mode);
    if (owner !== undefined) await chown(directory, owner.uid, owner.gid);
  }
}

/** When each file was modified last, by path; milliseconds since 1970. */
type Modified = ReadonlyMap<string, number>;

/** All writers take from one iterator; one that fails makes the others stop. */
async function writeAll(files: readonly StagedFile[], request: StageRequest, signal: AbortSignal): Promise<Modified> {
  const modified = new Map<string, number>();
  const linksAll = files.filter(({ secret }) => !secret).length > WRITTEN_ANEW;
  const failed = new AbortController();
  const cut = AbortSignal.any([signal, failed.signal]);
  const queue = files.values();
  const work = async (): Promise<void> => {
    for (const file of queue) {
      cut.throwIfAborted();
      const base = file.secret || linksAll ? request.base : undefined;
      modified.set(file.path, await writeOrLink(file, { ...request, base }));
    }
  };
  const writers = Array.from({ length: WRITERS }, () =>
    work().catch((error: unknown) => {
      failed.abort(error);
    }),
  );
  await Promise.all(writers);
  cut.throwIfAborted();
  return modified;
}

/** Returns when the file was modified. */
async function writeOrLink(file: StagedFile, request: StageRequest): Promise<number> {
  const { layout, generation, base, owner } = request;
  const path = join(stagingDirectory(layout, generation), file.path);
  const linked = base && (await linkUnchanged(file, base, path));
  if (linked === undefined) return writeNew(path, file, owner);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  return linked;
}

/**
 * Links a file that is the same in the generation before. nginx tells by inode and time whether it must read a certificate
 * again. `undefined` when it is not the same, was touched since, or the file system has no hard links.
 */
async function linkUnchanged(file: StagedFile, base: Generation, path: string): Promise<number | undefined> {
  if (file.sha256 === undefined || base.manifest.files[file.path] !== file.sha256) return undefined;
  const source = join(base.directory, file.path);
  try {
    const stats = await lstat(source);
    if (!isUntouched(stats, file, base.manifest.modified?.[file.path])) return undefined;
    await link(source, path);
    return stats.mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function isUntouched(stats: Stats, file: StagedFile, modified: number | undefined): boolean {
  const sameMode = stats.isFile() && (stats.mode & 0o777) === modeOf(file);
  return sameMode && stats.size === Buffer.byteLength(file.text) && stats.mtimeMs === modified;
}

type Content = Pick<BundleFile, 'text' | 'secret'>;

/** The mode and the owner are right before the first byte is there. Returns when the file was modified. */
async function writeNew(path: string, content: Content, owner: Owner | undefined): Promise<number> {
  const file = await open(path, 'wx', modeOf(content));
  try {
    await file.chmod(modeOf(content));
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(content.text);
    await file.sync();
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}

function modeOf({ secret }: Content): number {
  return secret ? 0o600 : 0o644;
}

interface Written {
  readonly bundle: ConfigBundle;
  readonly generation: number;
  readonly modified: Modified;
}

function manifestOf(staged: readonly StagedFile[], { bundle, generation, modified }: Written): Manifest {
  const files = Object.fromEntries([...bundle.files].map(([path, { sha256 }]) => [path, sha256]));
  const stamps = staged.filter(({ sha256 }) => sha256 === undefined);
  const stamped = Object.fromEntries(stamps.map(({ path, text }) => [path, hashOf(text)]));
  const times = staged.map(({ path }): [string, number] => [path, modified.get(path) ?? 0]);
  return { format: 1, generation, digest: bundle.digest, files, stamped, modified: Object.fromEntries(times) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
