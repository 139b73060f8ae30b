import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { KubernetesObject } from '../../model/objects.ts';
import { duplicateManifest } from '../../model/problems.ts';
import { compareText } from '../../model/refs.ts';
import type { FoundObject, LoadedFile } from './load-file.ts';
import type { ObjectStore } from '../object-store.ts';

/** An object that a file holds, or held until `goneSince` (milliseconds of any steady clock). */
interface Held {
  readonly found: FoundObject;
  readonly goneSince: number | undefined;
}

interface FileState {
  /** By objectId. */
  readonly objects: ReadonlyMap<string, Held>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Merged {
  readonly winners: Map<string, Held>;
  /** By file. */
  readonly duplicates: Map<string, Diagnostic[]>;
}

/**
 * The objects of a set of manifest files, and what of them is in the store.
 *
 * An object is held for a quiet period after it is gone from its file. Editors that unlink and create, and objects that move
 * from one file to another, thus never show up as a deletion.
 */
export class ManifestSet {
  readonly #store: ObjectStore;
  readonly #quietMs: number;
  readonly #files = new Map<string, FileState>();
  readonly #published = new Map<string, KubernetesObject>();

  constructor(store: ObjectStore, quietMs: number) {
    this.#store = store;
    this.#quietMs = quietMs;
  }

  paths(): string[] {
    return [...this.#files.keys()];
  }

  /** Takes the newest version of a file. From an incomplete one nothing is known to be gone. */
  put(path: string, loaded: LoadedFile, now: number): void {
    const objects = new Map<string, Held>();
    const diagnostics = [...loaded.diagnostics];
    for (const found of loaded.objects) {
      const id = objectId(found.object);
      const first = objects.get(id)?.found;
      if (first === undefined) objects.set(id, { found: this.#reuse(id, found), goneSince: undefined });
      else diagnostics.push(duplicateOf(found, first));
    }
    for (const [id, held] of this.#files.get(path)?.objects ?? []) {
      const goneSince = loaded.complete ? (held.goneSince ?? now) : undefined;
      if (!objects.has(id)) objects.set(id, { ...held, goneSince });
    }
    this.#files.set(path, { objects, diagnostics });
  }

  /** Takes note that a file is gone. */
  remove(path: string, now: number): void {
    this.put(path, { objects: [], diagnostics: [], complete: true }, now);
  }

  /**
   * Brings the store up to date: the first file in the order of paths wins an object that several hold.
   * @returns milliseconds until the next held object is due, `undefined` when none is
   */
  publish(now: number): number | undefined {
    this.#expire(now);
    const { winners, duplicates } = this.#merge();
    for (const [id, { found }] of winners) {
      this.#published.set(id, found.object);
      this.#store.set(found.object);
    }
    for (const [id, { kind, metadata }] of this.#published) {
      if (winners.has(id)) continue;
      this.#published.delete(id);
      this.#store.delete(kind, metadata.namespace, metadata.name);
    }
    this.#report(duplicates);
    return this.#nextDeadline(now);
  }

  /** An object that did not change stays the same value, so that work done for it can be kept. */
  #reuse(id: string, found: FoundObject): FoundObject {
    const previous = this.#published.get(id);
    return previous !== undefined && isDeepStrictEqual(previous, found.object) ? { ...found, object: previous } : found;
  }

  #expire(now: number): void {
    for (const [path, state] of this.#files) {
      const due = [...state.objects].filter(
        ([, held]) => held.goneSince !== undefined && now - held.goneSince >= this.#quietMs,
      );
      if (due.length === 0) continue;
      const gone = new Set(due.map(([id]) => id));
      this.#files.set(path, { ...state, objects: new Map([...state.objects].filter(([id]) => !gone.has(id))) });
    }
  }

  #merge(): Merged {
    const winners = new Map<string, Held>();
    const duplicates = new Map<string, Diagnostic[]>();
    for (const path of this.paths().sort(compareText)) {
      for (const [id, held] of this.#files.get(path)?.objects ?? []) {
        const winner = winners.get(id);
        if (winner === undefined) winners.set(id, held);
        // One that is on its way out of one file, or into the other, is no duplicate.
        else if (winner.goneSince === undefined && held.goneSince === undefined) {
          duplicates.set(path, [...(duplicates.get(path) ?? []), duplicateOf(held.found, winner.found)]);
        }
      }
    }
    return { winners, duplicates };
  }

  #report(duplicates: ReadonlyMap<string, readonly Diagnostic[]>): void {
    for (const [path, { objects, diagnostics }] of this.#files) {
      this.#store.report(path, [...diagnostics, ...(duplicates.get(path) ?? [])]);
      if (objects.size === 0 && diagnostics.length === 0) this.#files.delete(path);
    }
  }

  #nextDeadline(now: number): number | undefined {
    let next: number | undefined;
    for (const { objects } of this.#files.values()) {
      for (const { goneSince } of objects.values()) {
        if (goneSince !== undefined) next = Math.min(next ?? Infinity, goneSince + this.#quietMs - now);
      }
    }
    return next;
  }
}

function objectId({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function duplicateOf({ object, location }: FoundObject, winner: FoundObject): Diagnostic {
  const { namespace, name } = object.metadata;
  return duplicateManifest({ kind: object.kind, namespace, name }, location, formatPlace(winner));
}

function formatPlace({ location }: FoundObject): string {
  return `${location.file}:${location.line}`;
}
