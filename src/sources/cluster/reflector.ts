import type { Clock } from '../../model/clock.ts';
import type { KubeApi } from '../../model/kube-api.ts';
import { ApiError, ExpiredError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import type { Contact } from './contact.ts';
import { listAll, type Collection } from './list.ts';
import { isNotNewer, openWatch, UnknownEventError, type WatchEvent } from './watch.ts';

/** Takes the objects of a collection. */
export interface ReflectorSink<T> {
  /** What is kept of an object, made the moment it arrives. */
  trim(object: unknown): T;
  /** All there is: what is not among them is gone. */
  replace(objects: readonly T[]): void;
  change(object: T): void;
  remove(object: T): void;
}

/** Hears how it goes. */
export interface ReflectorListener {
  /** LIST or WATCH failed, for the `failures`-th time in a row. */
  readonly onFailure: (verb: 'list' | 'watch', error: unknown, failures: number) => void;
  /** A list is whole, or a watch is open: called each time. */
  readonly onProgress: () => void;
  /** A watch is over: the server ended it, it broke, or all is listed anew. */
  readonly onRestart: (reason: 'ended' | 'failed' | 'expired') => void;
}

export interface ReflectorParts<T> {
  readonly api: KubeApi;
  readonly collection: Collection;
  readonly sink: ReflectorSink<T>;
  readonly listener: ReflectorListener;
  readonly contact: Contact;
  readonly clock: Pick<Clock, 'now'>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Seconds; the API server itself picks 30 to 60 minutes, load balancers cut earlier. */
const WATCH_SECONDS = { least: 240, most: 300 };
/** A watch that ends earlier than this without an event did not work. Milliseconds. */
const SHORT_WATCH_MS = 1_000;
/** Watches in a row that failed without bringing anything, after which all is listed anew: perhaps it is the version. */
const FRUITLESS_WATCHES = 5;

/**
 * Keeps a sink equal to a collection of the Kubernetes API: LIST once, then WATCH from there for as long as it goes. A
 * broken watch goes on from the last event or bookmark; nothing is missed, because until the server says that the version
 * is too old (410) it has all events since. Every failure is tried again, for ever, until the signal aborts.
 *
 * It works as the reflector of client-go: https://pkg.go.dev/k8s.io/client-go/tools/cache#Reflector
 */
export class Reflector<T> {
  /** Resolves after the first whole list; never when that is never had. */
  readonly synced: Promise<void>;
  /** Resolves once the signal has aborted and nothing is under way any more. */
  readonly stopped: Promise<void>;
  readonly #parts: ReflectorParts<T>;
  readonly #signal: AbortSignal;
  readonly #backoff: Backoff;
  /** For versions that are too old. A list does not end these failures: a server may forget as fast as we can list. */
  readonly #expiry: Backoff;
  #onSynced: (value: undefined) => void = () => undefined;
  /** `undefined`: all has to be listed. */
  #version: string | undefined;
  #fruitless = 0;

  constructor(parts: ReflectorParts<T>, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#backoff = new Backoff(parts.random);
    this.#expiry = new Backoff(parts.random);
    this.synced = new Promise<undefined>((resolve) => (this.#onSynced = resolve));
    this.stopped = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      const verb = this.#version === undefined ? 'list' : 'watch';
      try {
        if (this.#version === undefined) this.#version = await this.#list();
        else await this.#watch(this.#version);
      } catch (error) {
        await this.#fail(verb, error);
      }
    }
  }

  async #list(): Promise<string> {
    const { api, collection, sink } = this.#parts;
    const trim = (item: unknown) => sink.trim(item);
    const { items, resourceVersion } = await listAll(api, { collection, trim }, this.#signal);
    this.#signal.throwIfAborted();
    sink.replace(items);
    this.#progress();
    this.#onSynced(undefined);
    this.#backoff.succeeded();
    return resourceVersion;
  }

  /** Returns when the server has ended the watch. */
  async #watch(resourceVersion: string): Promise<void> {
    const { api, collection, clock, listener, random } = this.#parts;
    const { least, most } = WATCH_SECONDS;
    const timeoutSeconds = Math.round(least + random() * (most - least));
    const startedAt = clock.now();
    const events = await openWatch(api, { collection, resourceVersion, timeoutSeconds }, this.#signal);
    this.#progress();
    for await (const event of events) {
      if (this.#signal.aborted) return;
      if (isNotNewer(event.resourceVersion, this.#version)) continue;
      this.#take(event);
      this.#version = event.resourceVersion;
      this.#succeed();
    }
    const isFruitless = this.#version === resourceVersion;
    if (isFruitless && clock.now() - startedAt < SHORT_WATCH_MS)
      throw new Error('the API server ended the watch at once');
    this.#succeed();
    listener.onRestart('ended');
  }

  #take(event: WatchEvent): void {
    const { sink } = this.#parts;
    if (event.type === 'changed') sink.change(sink.trim(event.object));
    else if (event.type === 'deleted') sink.remove(sink.trim(event.object));
  }

  #progress(): void {
    this.#parts.listener.onProgress();
    this.#parts.contact.made();
  }

  #succeed(): void {
    this.#fruitless = 0;
    this.#backoff.succeeded();
    this.#expiry.succeeded();
  }

  async #fail(verb: 'list' | 'watch', error: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    const { contact, listener } = this.#parts;
    const isExpired = error instanceof ExpiredError;
    if (verb === 'watch') {
      this.#giveUpVersion(isExpired || error instanceof UnknownEventError);
      listener.onRestart(isExpired ? 'expired' : 'failed');
    }
    const backoff = isExpired ? this.#expiry : this.#backoff;
    const pauseMs = backoff.failed(error instanceof ApiError ? error.retryAfterMs : undefined);
    listener.onFailure(verb, error, backoff.failures);
    // To have fallen behind is no failure of the server: the first time, nothing has to be waited for.
    if (!isExpired || backoff.failures > 1) await contact.pause(pauseMs, error, this.#signal);
  }

  /** A watch was in vain: after some of them, or when it is known to be of no use, all has to be listed. */
  #giveUpVersion(isUseless: boolean): void {
    this.#fruitless += 1;
    if (!isUseless && this.#fruitless < FRUITLESS_WATCHES) return;
    this.#version = undefined;
    this.#fruitless = 0;
  }
}
