import type { Stats } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigBundle } from '../model/bundle.ts';
import { removeUnfinished, stagingDirectory, syncDirectory, type Layout, type Owner } from './layout.ts';
import { MANIFEST, type Generation } from './manifest.ts';
import { stageError } from './stage-error.ts';
import {
  accessOf,
  directoriesOf,
  filesOf,
  manifestOf,
  manifestText,
  type Access,
  type Content,
  type StagedFile,
} from './staged-files.ts';

export interface StageRequest {
  readonly layout: Layout;
  readonly bundle: ConfigBundle;
  readonly generation: number;
  /** Files that are the same in it may be linked, not written again. */
  readonly base: Generation | undefined;
  readonly owner: Owner | undefined;
  /** Group that reads what is for the workers of the proxy. */
  readonly workers?: number | undefined;
}

/** Whom the files are given to. */
type Readers = Pick<StageRequest, 'owner' | 'workers'>;

/** Files are written by so many at a time: most of it is waiting for fsync. */
const WRITERS = 16;

/**
 * So many files without secrets are written anew each time, so that what damages one of them damages one generation, and
 * another is left to go back to. Of more than that, as of a pack with a file for each host, each would cost an fsync.
 */
const WRITTEN_ANEW = 100;

/** So many files stay open until the generation is sealed. Of more, each is safe as soon as it is written. */
const LEFT_OPEN = 128;

/**
 * A generation that is written beside the others: a checker can read it. To be sealed before it is installed, or to be
 * removed, and that only when nobody reads it any more.
 */
export interface Staged {
  readonly directory: string;
  /**
   * Writes the manifest, and makes all of it safe against loss of power. It may go on beside the checker, which takes
   * longer. After a failure, and on abort, nothing of it is under way, and the generation is still to be removed.
   * @throws StageError
   */
  seal(signal: AbortSignal): Promise<void>;
  remove(): Promise<void>;
}

/** Writes a generation beside the others. @throws StageError; nothing is left then */
export async function stage(request: StageRequest, signal: AbortSignal): Promise<Staged> {
  const staging = new Staging(request);
  try {
    await staging.write(signal);
    return staging;
  } catch (error) {
    await staging.remove();
    signal.throwIfAborted();
    throw cannotWrite(request, error);
  }
}

function cannotWrite({ generation }: StageRequest, error: unknown): Error {
  return stageError(`cannot write generation ${generation}`, error);
}

class Staging implements Staged {
  readonly directory: string;
  readonly #request: StageRequest;
  #files: readonly StagedFile[] = [];
  #directories: ReadonlyMap<string, Access> = new Map();
  readonly #modified = new Map<string, number>();
  /** What is written and not safe yet. */
  readonly #open: FileHandle[] = [];

  constructor(request: StageRequest) {
    this.#request = request;
    this.directory = stagingDirectory(request.layout, request.generation);
  }

  async write(signal: AbortSignal): Promise<void> {
    const { layout, bundle, generation, workers } = this.#request;
    this.#files = filesOf(bundle, generation);
    this.#directories = directoriesOf(this.#files, workers !== undefined);
    await removeUnfinished(layout);
    await makeDirectories(this.directory, this.#directories, this.#request);
    await this.#writeAll(signal);
  }

  async seal(signal: AbortSignal): Promise<void> {
    const { bundle, generation } = this.#request;
    try {
      await this.#syncAll();
      signal.throwIfAborted();
      const text = manifestText(manifestOf(this.#files, { bundle, generation, modified: this.#modified }));
      const manifest = await openNew(join(this.directory, MANIFEST), { text, secret: false }, this.#request);
      await syncAndClose(manifest);
      for (const path of [...this.#directories.keys()].reverse()) await syncDirectory(join(this.directory, path));
    } catch (error) {
      signal.throwIfAborted();
      throw cannotWrite(this.#request, error);
    }
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.#open.splice(0).map((file) => file.close()));
    await rm(this.directory, { recursive: true, force: true }).catch(() => undefined);
  }

  /** All writers take from one iterator; one that fails makes the others stop. */
  async #writeAll(signal: AbortSignal): Promise<void> {
    const linksAll = this.#files.filter(({ secret }) => !secret).length > WRITTEN_ANEW;
    const failed = new AbortController();
    const cut = AbortSignal.any([signal, failed.signal]);
    const queue = this.#files.values();
    const work = async (): Promise<void> => {
      for (const file of queue) {
        cut.throwIfAborted();
        const base = file.secret || linksAll ? this.#request.base : undefined;
        this.#modified.set(file.path, await this.#writeOrLink(file, base));
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

  /** Returns when the file was modified. */
  async #writeOrLink(file: StagedFile, base: Generation | undefined): Promise<number> {
    const path = join(this.directory, file.path);
    const access = accessOf(file, this.#request.workers !== undefined);
    const linked = base && (await linkUnchanged(file, base, { path, ...access }));
    if (linked === undefined) return this.#writeNew(path, file);
    await give((uid, gid) => chown(path, uid, gid), access, this.#request);
    return linked;
  }

  async #writeNew(path: string, content: Content): Promise<number> {
    const file = await openNew(path, content, this.#request);
    const mayStayOpen = this.#open.length < LEFT_OPEN;
    if (mayStayOpen) this.#open.push(file);
    try {
      return (await file.stat()).mtimeMs;
    } finally {
      if (!mayStayOpen) await syncAndClose(file);
    }
  }

  /** Waits for all of them, also when one fails: after it, nothing is under way. */
  async #syncAll(): Promise<void> {
    const ends = await Promise.allSettled(this.#open.splice(0).map(syncAndClose));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }
}

async function makeDirectories(
  root: string,
  directories: ReadonlyMap<string, Access>,
  readers: Readers,
): Promise<void> {
  for (const [path, access] of directories) {
    const directory = join(root, path);
    await mkdir(directory, { mode: access.mode });
    await chmod(directory, access.mode);
    await give((uid, gid) => chown(directory, uid, gid), access, readers);
  }
}

/** -1: as it is. */
const SAME = -1;

async function give(
  chownTo: (uid: number, gid: number) => Promise<void>,
  { workers: forWorkers }: Access,
  { owner, workers }: Readers,
): Promise<void> {
  const gid = forWorkers ? workers : owner?.gid;
  if (owner !== undefined || gid !== undefined) await chownTo(owner?.uid ?? SAME, gid ?? SAME);
}

/**
 * Links a file that is the same in the generation before. nginx tells by inode and time whether it must read a certificate
 * again. `undefined` when it is not the same, was touched since, or the file system has no hard links.
 */
async function linkUnchanged(
  file: StagedFile,
  base: Generation,
  { path, mode }: Access & { readonly path: string },
): Promise<number | undefined> {
  if (file.sha256 === undefined || base.manifest.files[file.path] !== file.sha256) return undefined;
  const source = join(base.directory, file.path);
  try {
    const stats = await lstat(source);
    if (!isUntouched(stats, { ...file, mode }, base.manifest.modified?.[file.path])) return undefined;
    await link(source, path);
    return stats.mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function isUntouched(
  stats: Stats,
  file: StagedFile & { readonly mode: number },
  modified: number | undefined,
): boolean {
  const sameMode = stats.isFile() && (stats.mode & 0o777) === file.mode;
  return sameMode && stats.size === Buffer.byteLength(file.text) && stats.mtimeMs === modified;
}

/** A new file with this content. The mode and the owner are right before the first byte is there. */
async function openNew(path: string, content: Content, readers: Readers): Promise<FileHandle> {
  const access = accessOf(content, readers.workers !== undefined);
  const file = await open(path, 'wx', access.mode);
  try {
    await file.chmod(access.mode);
    await give((uid, gid) => file.chown(uid, gid), access, readers);
    await file.writeFile(content.text);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function syncAndClose(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
