import type { Kind } from '../../model/objects.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CollapseGuard } from '../collapse/guard.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Source } from '../source.ts';
import { Collector, type CollectorParts } from './collector.ts';
import { LoadBalancers } from './load-balancers.ts';
import { followNamespaces, type NamespaceChoice } from './namespaces.ts';
import { ReferencedObjects, type ReferenceMode } from './referenced.ts';
import { RESOURCES } from './resources.ts';
import { Scope } from './scope.ts';

/** Keys `namespace/name` of the objects that others refer to. */
export type References = Readonly<Record<'Secret' | 'ConfigMap', ReadonlySet<string>>>;

export interface ClusterOptions {
  readonly namespaces: NamespaceChoice;
  /** All objects of these are followed. */
  readonly kinds: readonly Kind[];
  readonly secrets: ReferenceMode;
  /** What of the other kinds is to be followed, too. */
  readonly references: (snapshot: Snapshot) => References;
  /** Milliseconds that `settle` waits at most. */
  readonly settleMs: number;
}

export interface ClusterParts extends Omit<CollectorParts, 'store'> {
  readonly store: ObjectStore;
  /** Keeps what a new list lacks when that is nearly all; left out: nobody does. */
  readonly guard?: CollapseGuard;
}

/**
 * Keeps the objects of a cluster in a store. Kinds are watched one by one, in all namespaces or in each that was chosen;
 * Secrets and ConfigMaps only when something refers to them.
 */
export class ClusterSource implements Source {
  readonly synced: Promise<void>;
  readonly stopped: Promise<void>;
  readonly loadBalancers = new LoadBalancers();
  readonly #options: ClusterOptions;
  readonly #parts: ClusterParts;
  readonly #signal: AbortSignal;
  readonly #collector: Collector;
  readonly #scopes = new Map<string | undefined, Scope>();
  readonly #referenced: Readonly<Record<'Secret' | 'ConfigMap', ReferencedObjects>>;

  constructor(parts: ClusterParts, options: ClusterOptions, signal: AbortSignal) {
    this.#parts = parts;
    this.#options = options;
    this.#signal = signal;
    this.#collector = new Collector(parts);
    this.#referenced = {
      Secret: this.#follow('Secret', options.secrets),
      ConfigMap: this.#follow('ConfigMap', 'referenced'),
    };
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.synced = promise.then(() => undefined);
    // Not every caller waits for it.
    this.synced.catch(() => undefined);
    this.stopped = this.#run(resolve).finally(() => reject(new Error('stopped before it had synced')));
  }

  /** Reads what the objects refer to now; waits for it, but not for ever. */
  async settle(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const done = new AbortController();
    const late = clock.sleep(this.#options.settleMs, AbortSignal.any([signal, done.signal]));
    await Promise.race([this.#requireReferenced(), late]);
    done.abort();
  }

  async #run(onSynced: (value: undefined) => void): Promise<void> {
    const { kinds } = this.#options;
    const global = this.#startScope(
      undefined,
      kinds.filter((kind) => !RESOURCES[kind].namespaced),
    );
    const perNamespace = kinds.filter((kind) => RESOURCES[kind].namespaced);
    const namespaces = this.#startNamespaces(perNamespace);
    await Promise.all([global.synced, namespaces.synced]);
    await Promise.all([...this.#scopes.values()].map(({ synced }) => synced));
    await this.#requireReferenced();
    if (!this.#signal.aborted) onSynced(undefined);
    const scopes = [...this.#scopes.values()].map(({ stopped }) => stopped);
    await Promise.all([global.stopped, namespaces.stopped, ...scopes]);
    await Promise.all([this.#referenced.Secret.stop(), this.#referenced.ConfigMap.stop()]);
  }

  #startNamespaces(kinds: readonly Kind[]): { readonly synced: Promise<unknown>; readonly stopped: Promise<void> } {
    const { namespaces } = this.#options;
    const start = (namespace: string | undefined) => this.#scopes.set(namespace, this.#startScope(namespace, kinds));
    if (namespaces.type === 'selector') {
      const onVanish = (namespace: string) => {
        this.#scopes.get(namespace)?.end();
        this.#scopes.delete(namespace);
      };
      const listener = { onAppear: start, onVanish, guard: this.#parts.guard };
      const { synced, stopped } = followNamespaces(this.#collector, namespaces.selector, listener, this.#signal);
      return { synced: Promise.race([synced, stopped]), stopped };
    }
    for (const namespace of namespaces.type === 'all' ? [undefined] : namespaces.names) start(namespace);
    return { synced: Promise.resolve(), stopped: Promise.resolve() };
  }

  #startScope(namespace: string | undefined, kinds: readonly Kind[]): Scope {
    const board = this.loadBalancers;
    const ingresses = {
      inspect: (...seen: [string, string, unknown]) => board.inspect(...seen),
      forget: (...gone: [string, string]) => board.forget(...gone),
    };
    const options = { namespace, kinds, sinks: { Ingress: ingresses }, guard: this.#parts.guard };
    return new Scope(this.#collector, this.#parts.store, options, this.#signal);
  }

  #follow(kind: 'Secret' | 'ConfigMap', mode: ReferenceMode): ReferencedObjects {
    const scopes = () => [...this.#scopes.keys()];
    return new ReferencedObjects(this.#collector, this.#parts.store, { kind, mode, scopes }, this.#signal);
  }

  async #requireReferenced(): Promise<void> {
    const { Secret, ConfigMap } = this.#options.references(this.#parts.store.snapshot());
    await Promise.all([this.#referenced.Secret.require(Secret), this.#referenced.ConfigMap.require(ConfigMap)]);
  }
}
