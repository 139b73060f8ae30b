import { sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { unreadablePath } from '../../model/problems.ts';
import { Changes } from '../changes.ts';
import type { CollapseGuard } from '../collapse/guard.ts';
import { describeError, errorCode, listFiles, sameStamp, type FileStamp, type Listing } from './list-files.ts';
import { loadFiles } from './load-file.ts';
import { ManifestSet } from './manifest-set.ts';
import type { ObjectStore } from '../object-store.ts';
import { NotAFileError } from '../read-bounded.ts';
import type { Source } from '../source.ts';
import { watchFiles, type FileListener } from '../watch-files.ts';

export interface DirectoryOptions {
  /** A directory of manifests, or one manifest file. It may come into being later. */
  readonly path: string;
  /** For objects that name none; `default` when left out. */
  readonly defaultNamespace?: string;
  /** Milliseconds that an object must be gone before it is deleted; 250 when left out. */
  readonly quietMs?: number;
  /** Milliseconds after which the files are looked at even if no change was seen; 10,000 when left out. */
  readonly rescanMs?: number;
  /** Keeps what there was when all files are gone at once; left out: they are deleted like a single one. */
  readonly guard?: CollapseGuard | undefined;
}

interface Known {
  readonly stamp: FileStamp;
  /** Read so soon after its last change that another one could have the same stamp. */
  readonly fresh: boolean;
}

/** What a look at the disk came to. */
interface Look {
  /** False when there is nothing to look at, or no need any more. */
  readonly found: boolean;
  /** Files that could not be read because they are being written. */
  readonly unsettled: number;
  /** Milliseconds until an object that is gone is to be deleted. */
  readonly dueMs: number;
}

/** Milliseconds; clocks of file systems tick every 1 to 10. */
const CLOCK_TICK_MS = 50;
/** A file that is still being written holds back `synced` for this many looks. */
const MAX_FIRST_LOOKS = 20;
const UNSETTLED_MS = 50;

const NOTHING: Listing = { files: new Map(), unreadable: new Map() };

/**
 * Keeps the objects of a directory of manifests in a store. Events of the file system only say that it is time to look:
 * what is reported follows from what is on the disk.
 *
 * While the directory does not exist, it says so and waits; if it goes away later, the last good objects stay.
 * `synced` rejects when the signal aborts first.
 */
export class DirectorySource implements Source {
  readonly synced: Promise<void>;
  readonly stopped: Promise<void>;
  readonly #store: ObjectStore;
  readonly #options: Required<Omit<DirectoryOptions, 'guard'>>;
  readonly #guard: CollapseGuard | undefined;
  readonly #signal: AbortSignal;
  readonly #set: ManifestSet;
  readonly #changes = new Changes();
  readonly #known = new Map<string, Known>();
  /** Origins of what is reported as unreadable now. */
  #unreadable: ReadonlySet<string> = new Set();

  constructor(store: ObjectStore, { guard, ...options }: DirectoryOptions, signal: AbortSignal) {
    this.#store = store;
    this.#guard = guard;
    this.#options = { defaultNamespace: 'default', quietMs: 250, rescanMs: 10_000, ...options };
    this.#signal = signal;
    this.#set = new ManifestSet(store, this.#options.quietMs);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.synced = promise.then(() => undefined);
    // Not every caller waits for it.
    this.synced.catch(() => undefined);
    this.stopped = this.#run(resolve).finally(() => reject(new Error('stopped before it had synced')));
  }

  async #run(onSynced: (value: undefined) => void): Promise<void> {
    const closed = watchFiles(this.#options.path, this.#listener(), this.#signal);
    let looks = 0;
    while (!this.#signal.aborted) {
      const look = await this.#look();
      if (look.found) looks += 1;
      if (looks > 0 && (look.unsettled === 0 || looks >= MAX_FIRST_LOOKS)) onSynced(undefined);
      const againMs = look.unsettled > 0 ? UNSETTLED_MS : Infinity;
      await this.#changes.next(Math.min(look.dueMs, againMs, this.#options.rescanMs), this.#signal);
    }
    await closed;
  }

  #listener(): FileListener {
    const { path, rescanMs } = this.#options;
    const effect = `changes are looked for every ${rescanMs / 1000} s only`;
    return {
      onChange: () => this.#changes.note(),
      onProblem: (reason) => {
        if (!this.#signal.aborted) this.#store.report(`watch ${path}`, [unreadablePath(path, reason, effect)]);
      },
    };
  }

  /** Brings the store in line with the disk. */
  async #look(): Promise<Look> {
    const listing = await this.#list();
    const unsettled = listing === undefined ? 0 : await this.#readChanged(listing);
    if (listing === undefined || this.#signal.aborted) return { found: false, unsettled, dueMs: Infinity };
    if (!this.#isHeld(listing)) this.#removeVanished(listing);
    this.#reportUnreadable(listing.unreadable, 'what was last read from it stays in force');
    return { found: true, unsettled, dueMs: this.#set.publish(performance.now()) ?? Infinity };
  }

  async #list(): Promise<Listing | undefined> {
    const { path } = this.#options;
    try {
      const listing = await listFiles(path);
      if (listing.files.get(path)?.isPlain === false) throw new NotAFileError();
      return listing;
    } catch (error) {
      const reason = errorCode(error) === 'ENOENT' ? 'does not exist' : describeError(error);
      const effect = this.#known.size > 0 ? 'the last good objects stay in force' : 'waiting for it';
      if (!this.#signal.aborted) this.#reportUnreadable(new Map([[path, reason]]), effect);
      return undefined;
    }
  }

  /** @returns how many files could not be read because they are being written */
  async #readChanged(listing: Listing): Promise<number> {
    const changed = [...listing.files].filter(([path, stamp]) => this.#mayDiffer(path, stamp));
    let unsettled = 0;
    for await (const { path, stamp, startedAt, loaded } of loadFiles(changed, this.#options.defaultNamespace)) {
      if (this.#signal.aborted) break;
      if (loaded === undefined) unsettled += 1;
      else {
        this.#known.set(path, { stamp, fresh: startedAt - stamp.ctimeMs < CLOCK_TICK_MS });
        this.#set.put(path, loaded, performance.now());
      }
    }
    return unsettled;
  }

  #mayDiffer(path: string, stamp: FileStamp): boolean {
    const known = this.#known.get(path);
    return known === undefined || known.fresh || !sameStamp(known.stamp, stamp);
  }

  /** An empty directory is more often a volume that is not mounted than what somebody wanted. */
  #isHeld({ files, unreadable }: Listing): boolean {
    const what = `manifest files in ${this.#options.path}`;
    const isEmptied = this.#known.size > 0 && files.size === 0 && unreadable.size === 0;
    if (!isEmptied) this.#guard?.end(what);
    const letGo = () => {
      this.#removeVanished(NOTHING);
      this.#changes.note();
    };
    return isEmptied && this.#guard?.hold(what, { before: this.#known.size, left: 0 }, letGo) === true;
  }

  #removeVanished({ files, unreadable }: Listing): void {
    const kept = [...unreadable.keys()];
    for (const path of new Set([...this.#known.keys(), ...this.#set.paths()])) {
      if (files.has(path) || kept.some((other) => path === other || path.startsWith(other + sep))) continue;
      this.#known.delete(path);
      this.#set.remove(path, performance.now());
    }
  }

  /** Replaces all that was reported as unreadable before. */
  #reportUnreadable(unreadable: ReadonlyMap<string, string>, effect: string): void {
    const origins = new Set<string>();
    for (const [path, reason] of unreadable) {
      const origin = `unreadable ${path}`;
      origins.add(origin);
      this.#store.report(origin, [unreadablePath(path, reason, effect)]);
    }
    for (const origin of this.#unreadable) if (!origins.has(origin)) this.#store.report(origin, []);
    this.#unreadable = origins;
  }
}
