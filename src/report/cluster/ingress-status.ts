import type { LoadBalancerIngress } from '../../model/load-balancer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { Outcome } from '../../model/outcome.ts';
import { objectKey } from '../../model/refs.ts';
import { addressesKey } from './addresses.ts';
import { ask, CONFLICT, FORBIDDEN, NOT_FOUND, type Api, type Failure } from './api.ts';
import { FailureLog } from './failure-log.ts';
import { forEachOf } from './for-each.ts';
import type { PodName } from './own-pods.ts';
import type { Published } from './publish-address.ts';
import { entryFor, hasAddresses, writeTime, type StatusEntry } from './status-entry.ts';
import { reasonToStay, removeStatuses } from './status-removal.ts';
import { CONCURRENT_WRITES, patchStatus, retryMs, STATUS_FAILED, STATUS_PERMISSION } from './status-write.ts';
import { Wake, within } from './time.ts';
import { TokenBucket } from './token-bucket.ts';

export interface StatusOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 to 1. */
  readonly random: () => number;
  /** What the watch shows of an Ingress; `undefined` when there is no such Ingress. */
  readonly current: (namespace: string, name: string) => readonly LoadBalancerIngress[] | undefined;
  /** Looks up the addresses that are to be published. */
  readonly publish: (signal: AbortSignal) => Promise<Published>;
  /** For the metric. */
  readonly onWrite: (result: 'written' | 'failed') => void;
  /** `undefined`: not in a pod, so that nobody else is expected to take over. */
  readonly pod: PodName | undefined;
}

const RESOLVE_MS = 60_000;
/** While there are none: a pod counts as ready a little after it can serve. */
const RESOLVE_AGAIN_MS = 5_000;
const REQUEST_LIMIT_MS = 15_000;
const RATE = { burst: 50, refillMs: 50 };
const BUSY_MS = 1_000;
const CONFLICTS_UNTOLD = 5;

/** Something to do about an Ingress. */
interface Task {
  readonly entry: StatusEntry;
  readonly removes: boolean;
}

/**
 * Writes the addresses of the proxy into the status of our Ingresses, while this process is the leader. It writes only
 * what the watch does not show already.
 */
export class StatusWriter {
  readonly #options: StatusOptions;
  readonly #failures: FailureLog;
  readonly #lookups: FailureLog;
  readonly #wake = new Wake();
  readonly #bucket: TokenBucket;
  #isLeader = false;
  #ours: ReadonlyMap<string, StatusEntry> = new Map();
  /** No longer ours, and may still have our addresses. */
  readonly #left = new Map<string, StatusEntry>();
  #addresses: readonly LoadBalancerIngress[] = [];
  /** As of `addressesKey`; empty until they are known. */
  #published = '';
  #resolveAt = -Infinity;
  /** The API server asked for a rest until then. */
  #pausedUntil = -Infinity;
  /** By namespace, where the permission is missing: not to be tried before. */
  readonly #forbiddenUntil = new Map<string, number>();

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.logger);
    this.#lookups = new FailureLog(options.logger);
    this.#bucket = new TokenBucket(RATE, options.clock.now());
  }

  /** A follower writes nothing, and that is what a writer is at first. */
  setLeading(isLeader: boolean): void {
    if (isLeader === this.#isLeader) return;
    this.#isLeader = isLeader;
    this.#resolveAt = -Infinity;
    this.#left.clear();
    this.#failures.worked();
    this.#wake.call();
  }

  /** Takes note of the Ingresses that are ours; `run` compares all of them with the watch then. */
  observe({ ingresses }: Pick<Outcome, 'ingresses'>): void {
    const last = this.#ours;
    const next = new Map<string, StatusEntry>();
    for (const ingress of ingresses) {
      const key = objectKey(ingress.namespace, ingress.name);
      next.set(key, entryFor(ingress, last.get(key) ?? this.#left.get(key)));
      this.#left.delete(key);
    }
    for (const [key, entry] of last) if (this.#isLeader && !next.has(key)) this.#left.set(key, entry);
    this.#ours = next;
    this.#wake.call();
  }

  /** Keeps the status of all of them up to date until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const next = this.#isLeader ? await this.#pass(signal) : Infinity;
      await this.#wake.wait(Math.max(0, next - clock.now()), { clock, signal });
    }
  }

  /** @returns when there is something to do again */
  async #pass(signal: AbortSignal): Promise<number> {
    if (this.#options.clock.now() >= this.#resolveAt) await this.#resolve(signal);
    const due = this.#tasks().filter((task) => this.#timeOf(task) <= this.#options.clock.now());
    await forEachOf(due, CONCURRENT_WRITES, (task) => this.#perform(task, signal));
    return this.#tasks().reduce((next, task) => Math.min(next, this.#timeOf(task)), this.#resolveAt);
  }

  async #resolve(signal: AbortSignal): Promise<void> {
    const { clock, logger, publish } = this.#options;
    const found = await within(REQUEST_LIMIT_MS, { clock, signal }, publish);
    if (signal.aborted) return;
    this.#resolveAt = clock.now() + (found.ok ? RESOLVE_MS : RESOLVE_AGAIN_MS);
    if (!found.ok) {
      const permission = 'get services, get and list pods, get nodes';
      this.#lookups.tell(found, permission, 'no address to publish in the status of Ingresses; what is there stays');
      return;
    }
    this.#lookups.worked();
    const published = addressesKey(found.addresses);
    if (published === this.#published) return;
    logger.info({ addresses: found.addresses }, 'publishes addresses in the status of Ingresses');
    this.#addresses = found.addresses;
    this.#published = published;
  }

  #tasks(): readonly Task[] {
    for (const entry of this.#left.values()) if (!this.#hasOurs(entry)) this.#left.delete(entry.key);
    const tasks = [...this.#ours.values()].map((entry) => ({ entry, removes: false }));
    return [...tasks, ...[...this.#left.values()].map((entry) => ({ entry, removes: true }))];
  }

  /** When it has to be done; Infinity: not at all. */
  #timeOf({ entry, removes }: Task): number {
    const seen = this.#seen(entry);
    // Before the addresses are known, nothing can be said about any Ingress.
    if (seen === undefined || this.#published === '') return Infinity;
    const time = removes ? entry.notBefore : writeTime(entry, seen, this.#published);
    return Math.max(time, this.#pausedUntil, this.#forbiddenUntil.get(entry.namespace) ?? -Infinity);
  }

  async #perform(task: Task, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted && !this.#bucket.take(clock.now())) {
      await clock.sleep(this.#bucket.waitMs(clock.now()), signal);
    }
    const { entry, removes } = task;
    const entries = removes ? this.#left : this.#ours;
    // Much may have changed since it was found to be due.
    if (signal.aborted || !this.#isLeader || entries.get(entry.key) !== entry) return;
    if (this.#timeOf(task) <= clock.now()) await this.#write(task, signal);
  }

  async #write({ entry, removes }: Task, signal: AbortSignal): Promise<void> {
    const { api, clock, logger, onWrite } = this.#options;
    const before = this.#seen(entry) ?? '';
    const addresses = removes ? [] : this.#addresses;
    const request = patchStatus(entry, addresses);
    const answer = await within(REQUEST_LIMIT_MS, { clock, signal }, (bounded) => ask(api, request, bounded));
    if (signal.aborted) return;
    onWrite(answer.ok ? 'written' : 'failed');
    if (!answer.ok) {
      this.#fail(entry, answer);
      return;
    }
    entry.failures = 0;
    entry.written = { addresses: addressesKey(addresses), before, at: clock.now() };
    if (removes) this.#left.delete(entry.key);
    logger.debug({ ingress: entry.key, addresses }, 'status written');
  }

  #fail(entry: StatusEntry, failure: Failure): void {
    const { clock, random } = this.#options;
    const { status, retryAfterMs } = failure;
    entry.failures += 1;
    entry.notBefore = clock.now() + retryMs(failure, entry.failures, random());
    if (status === NOT_FOUND) this.#left.delete(entry.key);
    if (status === FORBIDDEN) this.#forbiddenUntil.set(entry.namespace, entry.notBefore);
    if (status === 429 || status === 503) this.#pausedUntil = clock.now() + (retryAfterMs ?? BUSY_MS);
    // Others write the object all the time: the first conflicts are nothing to tell.
    const isUsual = status === NOT_FOUND || (status === CONFLICT && entry.failures <= CONFLICTS_UNTOLD);
    if (!isUsual) this.#failures.tell(failure, STATUS_PERMISSION, STATUS_FAILED);
  }

  /** As of `addressesKey`; `undefined` when there is no such Ingress. */
  #seen({ namespace, name }: StatusEntry): string | undefined {
    const addresses = this.#options.current(namespace, name);
    return addresses === undefined ? undefined : addressesKey(addresses);
  }

  /** What is published stands in its status, and nothing else. */
  #hasOurs(entry: StatusEntry): boolean {
    const seen = this.#seen(entry);
    if (seen === undefined || this.#published === '') return false;
    return hasAddresses(entry, seen, this.#published, this.#options.clock.now());
  }

  /**
   * On shutdown, after `run` has ended and before the leadership is given up: removes our addresses wherever they stand,
   * unless another replica will take over. Ends after `limitMs`.
   *
   * @returns how many were removed
   */
  async remove(limitMs: number): Promise<number> {
    const { api, clock, logger, pod } = this.#options;
    let removed = 0;
    const onRemoved = (): void => void (removed += 1);
    const timed = { clock, signal: new AbortController().signal };
    const ended = await within(limitMs, timed, async (signal) => {
      const reason = this.#isLeader ? await reasonToStay(api, pod, signal) : 'another replica leads';
      if (reason !== undefined) return { reason };
      const entries = [...this.#ours.values()].filter((entry) => this.#hasOurs(entry));
      await removeStatuses({ api, logger, onRemoved }, entries, signal);
      return undefined;
    });
    if (ended === undefined) logger.info({ removed }, 'removed the addresses from the status of Ingresses');
    else logger.info({ removed, reason: ended.reason }, 'addresses stay in the status of Ingresses');
    return removed;
  }
}
