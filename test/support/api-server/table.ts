import type { Change, History } from './history.ts';
import type { Version } from './objects.ts';
import type { Resource } from './resources.ts';

/** Enough for the few lists that are paged through at the same time. */
const SNAPSHOTS = 8;

/** All objects of one resource, and who wants to hear of changes. */
export class Table {
  readonly resource: Resource;
  readonly versions = new Map<string, Version>();
  readonly listeners = new Set<(change: Change) => void>();
  readonly #snapshots = new Map<number, readonly Version[]>();
  #keys: readonly string[] | undefined;
  #sorted: readonly Version[] | undefined;
  #changedAt = 0;

  constructor(resource: Resource) {
    this.resource = resource;
  }

  apply({ key, before, after, revision }: Change): void {
    if (after === undefined) this.versions.delete(key);
    else this.versions.set(key, after);
    if (before === undefined || after === undefined) this.#keys = undefined;
    this.#sorted = undefined;
    this.#changedAt = revision;
  }

  /** All, sorted by key. Never changed afterwards. */
  sorted(): readonly Version[] {
    if (this.#sorted !== undefined) return this.#sorted;
    this.#keys ??= [...this.versions.keys()].sort();
    this.#sorted = this.#keys.flatMap((key) => this.versions.get(key) ?? []);
    return this.#sorted;
  }

  /** All as they were at `revision`, which the history must reach. */
  sortedAt(revision: number, history: History): readonly Version[] {
    if (revision >= this.#changedAt) return this.sorted();
    const snapshot = this.#snapshots.get(revision) ?? this.#rewind(revision, history);
    this.#snapshots.set(revision, snapshot);
    for (const oldest of this.#snapshots.keys()) if (this.#snapshots.size > SNAPSHOTS) this.#snapshots.delete(oldest);
    return snapshot;
  }

  #rewind(revision: number, history: History): readonly Version[] {
    const past = new Map(this.versions);
    for (const { resource, key, before } of history.since(revision).toReversed()) {
      if (resource !== this.resource) continue;
      if (before === undefined) past.delete(key);
      else past.set(key, before);
    }
    return [...past.keys()].sort().flatMap((key) => past.get(key) ?? []);
  }
}
