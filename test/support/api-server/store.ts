import { Change, History } from './history.ts';
import { Version, type ApiObject } from './objects.ts';
import { keyOf, RESOURCES, type Resource } from './resources.ts';
import { Table } from './table.ts';

/** Objects of all resources, under one counter of changes. Watches hear of a change before the write returns. */
export class Store {
  readonly history: History;
  readonly #tables: ReadonlyMap<Resource, Table>;
  #revision = 1;

  /** @param capacity changes that a watch or a list may go back */
  constructor(capacity: number) {
    this.history = new History(capacity);
    this.#tables = new Map(RESOURCES.map((resource) => [resource, new Table(resource)]));
  }

  get revision(): number {
    return this.#revision;
  }

  get(resource: Resource, namespace: string | undefined, name: string): Version | undefined {
    return this.#table(resource).versions.get(keyOf(resource, namespace, name));
  }

  sorted(resource: Resource): readonly Version[] {
    return this.#table(resource).sorted();
  }

  /** @param revision not forgotten */
  sortedAt(resource: Resource, revision: number): readonly Version[] {
    return this.#table(resource).sortedAt(revision, this.history);
  }

  /** Whether what came after `revision` is not known any more. */
  isForgotten(revision: number): boolean {
    return revision < this.history.compacted;
  }

  save(resource: Resource, object: ApiObject): Version {
    const { namespace, name } = object.metadata;
    const key = keyOf(resource, namespace, name);
    const revision = this.#next();
    const metadata = { ...object.metadata, resourceVersion: `${revision}` };
    const after = new Version({ ...object, metadata }, key);
    this.#publish(new Change(revision, resource, { before: this.#table(resource).versions.get(key), after }));
    return after;
  }

  remove(resource: Resource, { key }: Version): void {
    const before = this.#table(resource).versions.get(key);
    if (before === undefined) return;
    this.#publish(new Change(this.#next(), resource, { before, after: undefined }));
  }

  /** Everything that a client holds is too old then: as in a cluster where other resources have changed meanwhile. */
  compact(): void {
    this.history.compact(this.#next());
  }

  /** @returns ends the subscription */
  subscribe(resource: Resource, listener: (change: Change) => void): () => void {
    const { listeners } = this.#table(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #publish(change: Change): void {
    const table = this.#table(change.resource);
    table.apply(change);
    this.history.add(change);
    for (const listener of table.listeners) listener(change);
  }

  #next(): number {
    this.#revision += 1;
    return this.#revision;
  }

  #table(resource: Resource): Table {
    const table = this.#tables.get(resource);
    if (table === undefined) throw new Error(`no table for ${resource.id}`);
    return table;
  }
}
