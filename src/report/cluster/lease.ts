import type { Clock } from '../../model/clock.ts';
import { isEqual } from '../../model/equal.ts';
import type { ApiRequest } from '../../model/kube-api.ts';
import type { Logger } from '../../model/logger.ts';
import type { Permission } from '../../model/permissions.ts';
import { ask, CONFLICT, NOT_FOUND, pathOf, type Answer, type Api, type Failure } from './api.ts';
import { FailureLog } from './failure-log.ts';
import {
  durationMsOf,
  holderOf,
  newLease,
  readLease,
  releasedLease,
  takenLease,
  type Lease,
  type LeaseClaim,
} from './lease-record.ts';
import { within } from './time.ts';

export const LEASE_PERMISSIONS: readonly Permission[] = [
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update'], scope: 'own' },
];

/** Milliseconds; each less than the one before. */
export interface LeaseTiming {
  /** How long others wait after the last renewal that they saw. */
  readonly leaseDurationMs: number;
  /** How long a leader leads after it began its last successful renewal. */
  readonly renewDeadlineMs: number;
  /** Between two tries. */
  readonly retryPeriodMs: number;
}

/** The defaults of client-go and of the control plane. */
export const LEASE_TIMING: LeaseTiming = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

export interface LeaderElectionOptions {
  readonly api: Api;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Must differ for every process that ever was: pod name and a random suffix. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
  /** Only written into the Lease for people; never compared. */
  readonly wallNow: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Told of every change, beginning with the first election that is won. */
  readonly onLeading: (isLeader: boolean) => void;
}

/** Followers wait up to this much longer, in retry periods, so that they do not all come at once. */
const JITTER = 1.2;
const RELEASE_MS = 3_000;
const RELEASE_TRIES = 3;
const ROOT = '/apis/coordination.k8s.io/v1';

/**
 * Takes part in the election of a leader until the signal aborts, then gives the Lease up. Whoever needs to be the leader
 * for its own end has to be done before.
 *
 * The semantics are those of client-go (https://pkg.go.dev/k8s.io/client-go/tools/leaderelection): a Lease counts as held
 * for its duration after this process saw it change, by the clock of this process, so that the clocks of two machines are
 * never compared. A leader stops leading before that time is over for anybody else. Failures are tried again for ever.
 */
export async function runLeaderElection(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  await new Elector(options).run(signal);
}

/** `elsewhere`: another holds it, or was faster. */
type Attempt = 'held' | 'elsewhere' | Failure;

class Elector {
  readonly #options: LeaderElectionOptions;
  readonly #failures: FailureLog;
  #isLeader = false;
  /** When the last renewal that worked began. */
  #renewedAt = 0;
  /** As last written or seen. */
  #lease: Lease | undefined;
  /** When its specification was first seen like that. */
  #seenAt = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.logger);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const startedAt = clock.now();
      const attempt = await within(this.#budgetMs(), { clock, signal }, (bounded) => this.#tryOnce(bounded));
      this.#settle(attempt, startedAt, signal);
      await clock.sleep(this.#pauseMs(), signal);
      if (this.#remainingMs() <= 0) this.#lead(false);
    }
    this.#lead(false);
    await this.#release();
  }

  /** Milliseconds for one attempt: a second one must fit before the deadline. */
  #budgetMs(): number {
    const half = this.#options.timing.renewDeadlineMs / 2;
    return this.#isLeader ? Math.min(half, this.#remainingMs()) : half;
  }

  /** Milliseconds that a leader may still lead. */
  #remainingMs(): number {
    return this.#renewedAt + this.#options.timing.renewDeadlineMs - this.#options.clock.now();
  }

  #pauseMs(): number {
    const { timing, random } = this.#options;
    if (!this.#isLeader) return timing.retryPeriodMs * (1 + random() * JITTER);
    return Math.max(0, Math.min(timing.retryPeriodMs, this.#remainingMs()));
  }

  #settle(attempt: Attempt, startedAt: number, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (attempt === 'held') {
      this.#renewedAt = startedAt;
      this.#failures.worked();
      // An attempt that took longer than a leader may lead proves nothing any more.
      this.#lead(this.#remainingMs() > 0);
    } else if (attempt === 'elsewhere') {
      this.#failures.worked();
      this.#lead(false);
    } else {
      this.#failures.tell(attempt, this.#permission(), 'leader election: the Lease could not be read or written');
      if (this.#remainingMs() <= 0) this.#lead(false);
    }
  }

  #permission(): string {
    return `get, create, update leases.coordination.k8s.io in namespace ${this.#options.namespace}`;
  }

  #lead(isLeader: boolean): void {
    if (isLeader === this.#isLeader) return;
    this.#isLeader = isLeader;
    const { namespace, name, identity, logger, onLeading } = this.#options;
    const fields = { lease: `${namespace}/${name}`, identity };
    logger.info(fields, isLeader ? 'leads now' : 'leads no longer');
    onLeading(isLeader);
  }

  async #tryOnce(signal: AbortSignal): Promise<Attempt> {
    if (this.#isLeader && this.#lease !== undefined) {
      const renewed = await this.#take(this.#lease, signal);
      if (renewed !== 'elsewhere') return renewed;
    }
    const answer = await this.#ask({ method: 'GET', path: this.#path() }, signal);
    if (!answer.ok) return answer.status === NOT_FOUND ? this.#create(signal) : answer;
    const lease = readLease(answer.body);
    if (lease === undefined) return unreadable();
    this.#see(lease);
    return this.#isHeldByAnother(lease) ? 'elsewhere' : this.#take(lease, signal);
  }

  async #create(signal: AbortSignal): Promise<Attempt> {
    const { namespace, name } = this.#options;
    const path = pathOf(ROOT, namespace, 'leases');
    return this.#write({ method: 'POST', path, body: newLease(namespace, name, this.#claim()) }, signal);
  }

  async #take(lease: Lease, signal: AbortSignal): Promise<Attempt> {
    const body = takenLease(lease, this.#claim());
    const attempt = await this.#write({ method: 'PUT', path: this.#path(), body }, signal);
    // Deleted since it was read.
    return typeof attempt === 'object' && attempt.status === NOT_FOUND ? 'elsewhere' : attempt;
  }

  async #write(request: ApiRequest, signal: AbortSignal): Promise<Attempt> {
    const answer = await this.#ask(request, signal);
    if (!answer.ok) return answer.status === CONFLICT ? 'elsewhere' : answer;
    const lease = readLease(answer.body);
    if (lease === undefined) return unreadable();
    this.#see(lease);
    return 'held';
  }

  #see(lease: Lease): void {
    if (this.#lease === undefined || !isEqual(this.#lease.spec, lease.spec)) this.#seenAt = this.#options.clock.now();
    this.#lease = lease;
  }

  #isHeldByAnother(lease: Lease): boolean {
    const { identity, timing, clock } = this.#options;
    const holder = holderOf(lease);
    if (holder === '' || holder === identity) return false;
    return clock.now() < this.#seenAt + durationMsOf(lease, timing.leaseDurationMs);
  }

  /** Gives the Lease up if it names us. A renewal that was under way may still have arrived: then it is looked at again. */
  async #release(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = new AbortController();
    for (let tries = 0; tries < RELEASE_TRIES; tries++) {
      const released = await within(RELEASE_MS / RELEASE_TRIES, { clock, signal }, (bounded) => this.#giveUp(bounded));
      if (released === undefined) return;
      if (tries === RELEASE_TRIES - 1)
        this.#options.logger.warn({ reason: released.reason }, 'the Lease is not released');
    }
  }

  async #giveUp(signal: AbortSignal): Promise<Failure | undefined> {
    const { identity, wallNow } = this.#options;
    const answer = await this.#ask({ method: 'GET', path: this.#path() }, signal);
    if (!answer.ok) return answer.status === NOT_FOUND ? undefined : answer;
    const lease = readLease(answer.body);
    if (lease === undefined || holderOf(lease) !== identity) return undefined;
    const body = releasedLease(lease, wallNow());
    const written = await this.#ask({ method: 'PUT', path: this.#path(), body }, signal);
    return written.ok ? undefined : written;
  }

  #claim(): LeaseClaim {
    const { identity, timing, wallNow } = this.#options;
    return { identity, durationMs: timing.leaseDurationMs, now: wallNow() };
  }

  #path(): string {
    return pathOf(ROOT, this.#options.namespace, 'leases', this.#options.name);
  }

  async #ask(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    return ask(this.#options.api, request, signal);
  }
}

function unreadable(): Failure {
  return { ok: false, status: 0, reason: 'the answer is no Lease', retryAfterMs: undefined };
}
