import type { Stats } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleFile, ConfigBundle, GenerationFile } from '../model/bundle.ts';
import { stagingDirectory, syncDirectory, type Layout, type Owner } from './layout.ts';
import { MANIFEST, type Generation, type Manifest } from './manifest.ts';

export interface StageRequest {
  readonly layout: Layout;
  readonly bundle: ConfigBundle;
  readonly generation: number;
  /** Files that are the same in it are linked, not written again. */
  readonly base: Generation | undefined;
  readonly owner: Owner | undefined;
}

/** The generation could not be written; nothing of it is left. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/** Files are written by so many at a time: most of it is waiting for fsync. */
const WRITERS = 16;

/** Writes a generation beside the others, complete and safe against loss of power; returns its directory. @throws StageError */
export async function stage(request: StageRequest, signal: AbortSignal): Promise<string> {
  const { layout, bundle, generation } = request;
  const directory = stagingDirectory(layout, generation);
  try {
    const files = filesOf(bundle, generation);
    const directories = directoriesOf(files);
    await rm(directory, { recursive: true, force: true });
    await makeDirectories(directory, directories, request.owner);
    await writeAll(files, request, signal);
    await writeNew(join(directory, MANIFEST), { text: manifestText(bundle, generation), secret: false }, request.owner);
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

/** All writers take from one iterator; one that fails makes the others stop. */
async function writeAll(files: readonly StagedFile[], request: StageRequest, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const cut = AbortSignal.any([signal, failed.signal]);
  const queue = files.values();
  const work = async (): Promise<void> => {
    for (const file of queue) {
      cut.throwIfAborted();
      await writeOrLink(file, request);
    }
  };
  const writers = Array.from({ length: WRITERS }, () =>
    work().catch((error: unknown) => {
      failed.abort(error);
    }),
  );
  await Promise.all(writers);
  cut.throwIfAborted();
}

async function writeOrLink(file: StagedFile, request: StageRequest): Promise<void> {
  const { layout, generation, base, owner } = request;
  const path = join(stagingDirectory(layout, generation), file.path);
  if (base !== undefined && (await linkUnchanged(file, base, path))) {
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
    return;
  }
  await writeNew(path, file, owner);
}

/**
 * Links a file that is the same in the generation before. nginx tells by inode and time whether it must read a certificate
 * again. False when it is not the same, was touched since, or the file system has no hard links.
 */
async function linkUnchanged(file: StagedFile, base: Generation, path: string): Promise<boolean> {
  if (file.sha256 === undefined || base.manifest.files[file.path] !== file.sha256) return false;
  const source = join(base.directory, file.path);
  try {
    if (!isUntouched(await lstat(source), file, base.writtenAtMs)) return false;
    await link(source, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function isUntouched(stats: Stats, file: StagedFile, writtenAtMs: number): boolean {
  const sameMode = stats.isFile() && (stats.mode & 0o777) === modeOf(file);
  return sameMode && stats.size === Buffer.byteLength(file.text) && stats.mtimeMs <= writtenAtMs;
}

type Content = Pick<BundleFile, 'text' | 'secret'>;

/** The mode and the owner are right before the first byte is there. */
async function writeNew(path: string, content: Content, owner: Owner | undefined): Promise<void> {
  const file = await open(path, 'wx', modeOf(content));
  try {
    await file.chmod(modeOf(content));
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(content.text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function modeOf({ secret }: Content): number {
  return secret ? 0o600 : 0o644;
}

function manifestText(bundle: ConfigBundle, generation: number): string {
  const files = Object.fromEntries([...bundle.files].map(([path, { sha256 }]) => [path, sha256]));
  const manifest: Manifest = { format: 1, generation, digest: bundle.digest, files };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
