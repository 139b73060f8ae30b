import type { Kind } from '../../model/objects.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Collected, Collector } from './collector.ts';
import { ObjectSink, trimObject, type Arrival } from './object-sink.ts';
import type { ReflectorSink } from './reflector.ts';
import { RESOURCES } from './resources.ts';

/**
 * How the objects are watched that others refer to. `referenced`: each by a watch of its own, so that nothing else is ever
 * read; `namespace`: all of the namespaces that hold one; `all`: all of the namespaces that are followed.
 */
export type ReferenceMode = 'referenced' | 'namespace' | 'all';

export interface ReferencedOptions {
  readonly kind: Kind;
  readonly mode: ReferenceMode;
  /** Namespaces that mode `all` watches; `undefined` is all of them. */
  readonly scopes: () => readonly (string | undefined)[];
}

/** No other object can exist, and nothing else belongs into a selector. */
const KEY = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

interface Task {
  readonly controller: AbortController;
  /** Resolves when it has been read, or when we may not read it. */
  readonly settled: Promise<unknown>;
  readonly stopped: Promise<void>;
}

interface Watched extends Task {
  readonly sink: ObjectSink;
}

/** Follows the objects of a kind that something refers to. Of others, not even the content is kept. */
export class ReferencedObjects {
  readonly #collector: Collector;
  readonly #store: ObjectStore;
  readonly #options: ReferencedOptions;
  readonly #signal: AbortSignal;
  #wanted: ReadonlySet<string> = new Set();
  /** By `namespace/name`, `namespace/` or `/`. */
  readonly #watched = new Map<string, Watched>();
  /** Objects that are looked for because they became wanted after their collection had been listed. */
  readonly #late = new Map<string, Task>();

  constructor(collector: Collector, store: ObjectStore, options: ReferencedOptions, signal: AbortSignal) {
    this.#collector = collector;
    this.#store = store;
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * What is referred to now, as `namespace/name`. Resolves when what was not referred to before has been looked for: what
   * cannot be had is not waited for again and again.
   */
  async require(referenced: ReadonlySet<string>): Promise<void> {
    const before = this.#wanted;
    const wanted = new Set([...referenced].filter((key) => KEY.test(key)));
    this.#wanted = wanted;
    const collections = new Set([...wanted].flatMap((key) => this.#collectionsFor(key)));
    for (const key of before) if (!wanted.has(key)) this.#release(key);
    for (const [id, watched] of this.#watched) if (!collections.has(id)) this.#stop(id, watched);
    const isNew = new Set([...collections].filter((id) => !this.#watched.has(id)));
    const tasks: Task[] = [...isNew].map((id) => this.#watch(id));
    for (const key of wanted) {
      const isListed = !before.has(key) && !this.#collectionsFor(key).some((id) => isNew.has(id));
      if (isListed) tasks.push(this.#lookFor(key));
    }
    await Promise.all(tasks.map(({ settled }) => settled));
  }

  /** Resolves after abort, when nothing is watched any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#watched.values(), ...this.#late.values()].map(({ stopped }) => stopped));
  }

  /** Which collections hold an object. */
  #collectionsFor(key: string): readonly string[] {
    const namespace = key.slice(0, key.indexOf('/'));
    switch (this.#options.mode) {
      case 'referenced':
        return [key];
      case 'namespace':
        return [`${namespace}/`];
      case 'all': {
        const scopes = this.#options.scopes();
        return scopes.filter((scope) => scope === undefined || scope === namespace).map((scope) => `${scope ?? ''}/`);
      }
    }
  }

  #watch(id: string): Watched {
    const { kind } = this.#options;
    const wants = (namespace: string, name: string) => this.#wanted.has(`${namespace}/${name}`);
    const sink = new ObjectSink(this.#store, { kind, wants });
    const controller = new AbortController();
    const watched = { controller, sink, ...this.#start(id, sink, controller) };
    this.#watched.set(id, watched);
    return watched;
  }

  #start(id: string, sink: ReflectorSink<Arrival>, controller: AbortController): Collected {
    const [namespace = '', name = ''] = id.split('/');
    const of = {
      resource: RESOURCES[this.#options.kind],
      namespace: namespace === '' ? undefined : namespace,
      fieldSelector: name === '' ? undefined : `metadata.name=${name}`,
    };
    return this.#collector.collect(of, sink, AbortSignal.any([this.#signal, controller.signal]));
  }

  #stop(id: string, { controller, sink }: Watched): void {
    this.#watched.delete(id);
    controller.abort();
    sink.clear();
  }

  #release(key: string): void {
    const late = this.#late.get(key);
    late?.controller.abort();
    this.#late.delete(key);
    const [namespace = '', name = ''] = key.split('/');
    for (const { sink } of this.#watched.values()) sink.drop(namespace, name);
  }

  /**
   * Reads an object whose content was not kept when its collection was listed. What the watch of the collection has brought
   * since is as new or newer, and what it does not know of is gone, or will come by it.
   */
  #lookFor(key: string): Task {
    const collections = this.#collectionsFor(key).flatMap((id) => this.#watched.get(id) ?? []);
    const controller = new AbortController();
    const begun = Promise.all(collections.map(({ settled }) => settled)).then(() => {
      const sink = this.#findingSink(key, collections, controller);
      return controller.signal.aborted ? undefined : this.#start(key, sink, controller);
    });
    const task = {
      controller,
      settled: begun.then((collected) => collected?.settled),
      stopped: begun.then(async (collected) => {
        await collected?.stopped;
        if (this.#late.get(key) === task) this.#late.delete(key);
      }),
    };
    this.#late.set(key, task);
    return task;
  }

  /** Hands what is listed to the collection that it belongs to, once. */
  #findingSink(key: string, collections: readonly Watched[], controller: AbortController): ReflectorSink<Arrival> {
    const [namespace = '', name = ''] = key.split('/');
    const { kind } = this.#options;
    return {
      trim: (object) => trimObject(kind, object),
      replace: (objects) => {
        const [arrival] = objects;
        const isKnown = this.#store.get(kind, namespace, name) !== undefined;
        if (arrival !== undefined && !isKnown && !controller.signal.aborted) {
          collections.find(({ sink }) => sink.holds(arrival))?.sink.change(arrival);
        }
        controller.abort();
      },
      change: () => undefined,
      remove: () => undefined,
    };
  }
}
