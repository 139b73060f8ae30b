import type { Kind } from '../../model/objects.ts';
import type { CollapseGuard } from '../collapse/guard.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Collector } from './collector.ts';
import { ObjectSink, type SinkOptions } from './object-sink.ts';
import { qualifiedName, RESOURCES } from './resources.ts';

export interface ScopeOptions {
  /** `undefined`: all namespaces. */
  readonly namespace: string | undefined;
  readonly kinds: readonly Kind[];
  /** Of kinds whose objects are looked at more closely. */
  readonly sinks: Partial<Record<Kind, Omit<SinkOptions, 'kind' | 'hold'>>>;
  readonly guard: CollapseGuard | undefined;
}

/** Follows all objects of some kinds in one namespace, or in all, until it is ended. */
export class Scope {
  /** Resolves when all kinds have been listed, or when it is ended. */
  readonly synced: Promise<void>;
  readonly stopped: Promise<void>;
  readonly #controller = new AbortController();
  readonly #sinks: readonly ObjectSink[];

  constructor(collector: Collector, store: ObjectStore, options: ScopeOptions, signal: AbortSignal) {
    const { namespace, kinds, sinks, guard } = options;
    const ending = AbortSignal.any([signal, this.#controller.signal]);
    const all = kinds.map((kind) => {
      const resource = RESOURCES[kind];
      const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
      const hold = guard && { what: `${qualifiedName(resource)}${where}`, guard };
      const sink = new ObjectSink(store, { kind, ...sinks[kind], hold });
      const of = { resource, namespace: resource.namespaced ? namespace : undefined };
      return { sink, collected: collector.collect(of, sink, ending) };
    });
    this.#sinks = all.map(({ sink }) => sink);
    this.stopped = Promise.all(all.map(({ collected }) => collected.stopped)).then(() => undefined);
    const synced = Promise.all(all.map(({ collected }) => collected.synced)).then(() => undefined);
    this.synced = Promise.race([synced, this.stopped]);
  }

  /** The namespace is not followed any more: its objects leave the store. */
  end(): void {
    this.#controller.abort();
    for (const sink of this.#sinks) sink.clear();
  }
}
