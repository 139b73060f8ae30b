import type { Clock } from '../../model/clock.ts';
import type { KubeApi } from '../../model/kube-api.ts';
import { apiForbidden, apiUnavailable } from '../../model/problems.ts';
import type { ObjectStore } from '../object-store.ts';
import { ApiError, describeFailure } from './api-error.ts';
import { Contact } from './contact.ts';
import type { Collection } from './list.ts';
import { Reflector, type ReflectorListener, type ReflectorSink } from './reflector.ts';
import { collectionPath, qualifiedName, type Collectable } from './resources.ts';

/** Hears how reading the cluster goes. */
export interface ClusterListener {
  /** What reading `what` waits for, or cannot do; `undefined` when it is fine. */
  readonly onWaiting: (what: string, reason: string | undefined) => void;
  readonly onRestart: (kind: string, reason: 'ended' | 'failed' | 'expired') => void;
  /** Whether all that is to be known of a kind is known. */
  readonly onSynced: (kind: string, isSynced: boolean) => void;
}

export interface CollectorParts {
  readonly api: KubeApi;
  readonly store: ObjectStore;
  readonly listener: ClusterListener;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface CollectionOf {
  readonly resource: Collectable;
  /** `undefined`: all namespaces, or a kind without. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** A collection that is kept up to date. */
export interface Collected {
  /** Resolves after the first whole list; never when that is never had. */
  readonly synced: Promise<void>;
  /** Resolves then, too, but also when it is known that we may not list it, or when it has stopped. */
  readonly settled: Promise<void>;
  readonly stopped: Promise<void>;
}

const FORBIDDEN = 403;
/** A single failure is every API server's right. */
const FAILURES_TO_TELL = 2;

/** Starts reflectors, and tells of each how it goes: to whom asks for readiness, and as a diagnostic. */
export class Collector {
  readonly #parts: CollectorParts;
  readonly #contact: Contact;
  /** Collections that have not been listed yet, by kind. */
  readonly #pending = new Map<string, number>();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    this.#contact = new Contact(parts.clock, parts.random);
  }

  /** Keeps `sink` equal to a collection until the signal aborts. */
  collect<T>(of: CollectionOf, sink: ReflectorSink<T>, signal: AbortSignal): Collected {
    const { api, store, clock, random } = this.#parts;
    const { resource, namespace, labelSelector, fieldSelector } = of;
    const collection: Collection = { path: collectionPath(resource, namespace), labelSelector, fieldSelector };
    const what = describe(of);
    const refused = Promise.withResolvers<undefined>();
    const listener = this.#listener(what, of, () => refused.resolve(undefined));
    this.#parts.listener.onWaiting(what, `${what} to be listed`);
    this.#count(resource.kind, 1);
    const reflector = new Reflector({ api, collection, sink, listener, clock, random, contact: this.#contact }, signal);
    void Promise.race([reflector.synced, reflector.stopped]).then(() => this.#count(resource.kind, -1));
    void reflector.stopped.then(() => {
      this.#parts.listener.onWaiting(what, undefined);
      store.report(what, []);
    });
    const { synced, stopped } = reflector;
    return { synced, stopped, settled: Promise.race([synced, stopped, refused.promise]) };
  }

  #count(kind: string, change: 1 | -1): void {
    const pending = (this.#pending.get(kind) ?? 0) + change;
    this.#pending.set(kind, pending);
    this.#parts.listener.onSynced(kind, pending === 0);
  }

  #listener(what: string, { resource }: CollectionOf, onForbidden: () => void): ReflectorListener {
    const { store, listener } = this.#parts;
    let isSynced = false;
    return {
      onFailure: (verb, error, failures) => {
        const reason = describeFailure(error);
        const isForbidden = error instanceof ApiError && error.status === FORBIDDEN;
        const isSure = isForbidden || failures >= FAILURES_TO_TELL;
        if (isSure || !isSynced)
          listener.onWaiting(what, `${what} to be ${isSynced ? 'followed' : 'listed'} (${reason})`);
        if (isForbidden) onForbidden();
        if (isForbidden) store.report(what, [apiForbidden(verb, what, reason)]);
        else if (isSure) store.report(what, [apiUnavailable(verb, what, reason)]);
      },
      onProgress: () => {
        isSynced = true;
        listener.onWaiting(what, undefined);
        store.report(what, []);
      },
      onRestart: (reason) => listener.onRestart(resource.kind, reason),
    };
  }
}

/** `ingresses.networking.k8s.io in namespace shop`. */
function describe({ resource, namespace, labelSelector, fieldSelector }: CollectionOf): string {
  const selectors = [labelSelector, fieldSelector].filter((selector) => selector !== undefined && selector !== '');
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return `${qualifiedName(resource)}${where}${selectors.length === 0 ? '' : ` (${selectors.join(', ')})`}`;
}
