import type { Clock } from '../../model/clock.ts';
import type { ApiRequest } from '../../model/kube-api.ts';
import type { Logger } from '../../model/logger.ts';
import type { Permission } from '../../model/permissions.ts';
import type { ObjectRef } from '../../model/refs.ts';
import { ask, CONFLICT, NOT_FOUND, pathOf, type Answer, type Api, type Failure } from './api.ts';
import { eventBody, eventName, eventNamespace, seriesBody, type Notice, type Reporter } from './event-body.ts';
import { EventLedger, isWorthWriting, type Occurrence } from './event-ledger.ts';
import { ObjectLimits } from './event-limits.ts';
import { FailureLog } from './failure-log.ts';
import { SyncedIngresses, type EventOutcome } from './synced.ts';
import { Wake, within } from './time.ts';
import { TokenBucket } from './token-bucket.ts';

export const EVENT_PERMISSIONS: readonly Permission[] = [
  { group: 'events.k8s.io', resource: 'events', verbs: ['create', 'patch'], scope: 'watched' },
];

/** `object`: too many about one object. `queue`: too many at once. `failed`: the API server would not take it. */
export type DropReason = 'object' | 'queue' | 'failed';

export interface EventOptions {
  readonly api: Api;
  readonly clock: Clock;
  /** Written into Events; never compared. */
  readonly wallNow: () => Date;
  readonly logger: Logger;
  readonly reporter: Reporter;
  /** `undefined` or empty when it is not known. */
  readonly uidOf: (object: ObjectRef) => string | undefined;
  /** An Event is written, for the metric. */
  readonly onWritten: (type: Notice['type']) => void;
  /** An Event is not written, for the metric. */
  readonly onDropped: (reason: DropReason) => void;
}

const RATE = { burst: 100, refillMs: 50 };
/** Events that wait at most. */
const QUEUE = 1_000;
const REQUEST_LIMIT_MS = 10_000;
const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const ROOT = '/apis/events.k8s.io/v1';
const FAILED = 'an Event cannot be written';

/**
 * Tells the users of objects, by Events, what is wrong with them and when they are served. Only the leader writes; a
 * follower takes note, so that when it becomes the leader it writes what holds then, which the API server knows already
 * if the last leader wrote it.
 */
export class EventWriter {
  readonly #options: EventOptions;
  readonly #ledger: EventLedger;
  readonly #synced = new SyncedIngresses();
  readonly #limits = new ObjectLimits();
  readonly #failures: FailureLog;
  readonly #wake = new Wake();
  readonly #queue: Occurrence[] = [];
  #isLeader = false;

  constructor(options: EventOptions) {
    this.#options = options;
    this.#ledger = new EventLedger(options.uidOf);
    this.#failures = new FailureLog(options.logger);
  }

  /** A follower writes nothing, and that is what a writer is at first. */
  setLeading(isLeader: boolean): void {
    if (isLeader === this.#isLeader) return;
    this.#isLeader = isLeader;
    for (const occurrence of this.#queue.splice(0)) occurrence.isQueued = false;
    this.#failures.worked();
    if (!isLeader) return;
    for (const occurrence of this.#ledger.present) if (!occurrence.isWritten) this.#offer(occurrence);
    for (const occurrence of this.#synced.recent(this.#options.clock.now())) this.#offer(occurrence);
  }

  /** Finds what is new in a pass; `run` writes it. */
  observe(outcome: EventOutcome): void {
    const risen = this.#ledger.update(outcome.diagnostics);
    const synced = this.#synced.update(outcome, this.#options.clock.now());
    if (!this.#isLeader) return;
    for (const occurrence of risen) this.#offer(occurrence);
    for (const occurrence of synced) this.#offer(occurrence);
  }

  #offer(occurrence: Occurrence): void {
    const now = this.#options.clock.now();
    if (!isWorthWriting(occurrence, now)) return;
    if (this.#queue.length >= QUEUE) {
      this.#options.onDropped('queue');
    } else if (!this.#limits.take(occurrence.notice.uid, now)) {
      this.#options.onDropped('object');
    } else {
      occurrence.isQueued = true;
      this.#queue.push(occurrence);
      this.#wake.call();
    }
  }

  /** Writes what was found until the signal aborts. What waits then is lost. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const bucket = new TokenBucket(RATE, clock.now());
    while (!signal.aborted) {
      if (this.#queue.length === 0) {
        await this.#wake.wait(Infinity, { clock, signal });
      } else if (!bucket.take(clock.now())) {
        await clock.sleep(bucket.waitMs(clock.now()), signal);
      } else {
        const occurrence = this.#queue.shift();
        if (occurrence !== undefined) await this.#deliver(occurrence, signal);
      }
    }
  }

  /** Tries a few times, and others wait meanwhile: what fails once would fail for them, too. */
  async #deliver(occurrence: Occurrence, signal: AbortSignal): Promise<void> {
    const { clock, onDropped } = this.#options;
    occurrence.isQueued = false;
    for (let tries = 1; occurrence.isPresent && this.#isLeader && !signal.aborted; tries++) {
      const failure = await this.#write(occurrence, signal);
      if (failure === undefined) return;
      this.#failures.tell(failure, 'create, patch events.events.k8s.io', FAILED);
      if (tries >= TRIES || !isPassing(failure)) {
        onDropped('failed');
        return;
      }
      const pause = Math.max(failure.retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** (tries - 1));
      await clock.sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
    }
  }

  async #write(occurrence: Occurrence, signal: AbortSignal): Promise<Failure | undefined> {
    const { wallNow, clock } = this.#options;
    const answer = await this.#send(this.#request(occurrence, wallNow()), signal);
    if (signal.aborted) return undefined;
    // Events are deleted after an hour.
    if (!answer.ok && answer.status === NOT_FOUND && occurrence.isWritten) {
      occurrence.isWritten = false;
      occurrence.count = 1;
      return this.#write(occurrence, signal);
    }
    // The last leader, or the process before this one, has told it.
    if (!answer.ok && answer.status !== CONFLICT) return answer;
    occurrence.isWritten = true;
    occurrence.writtenAt = clock.now();
    if (answer.ok) this.#options.onWritten(occurrence.notice.type);
    return undefined;
  }

  #request({ notice, isWritten, count }: Occurrence, now: Date): ApiRequest {
    if (!isWritten) {
      return { method: 'POST', path: eventsPath(notice), body: eventBody(notice, this.#options.reporter, now) };
    }
    const contentType = 'application/merge-patch+json';
    return { method: 'PATCH', path: eventsPath(notice, eventName(notice)), body: seriesBody(count, now), contentType };
  }

  async #send(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const { api, clock } = this.#options;
    return within(REQUEST_LIMIT_MS, { clock, signal }, (bounded) => ask(api, request, bounded));
  }
}

function eventsPath(notice: Notice, name = ''): string {
  return pathOf(ROOT, eventNamespace(notice), 'events', name);
}

/** Whether the same request may work a little later. */
function isPassing({ status }: Failure): boolean {
  return status === 0 || status === 429 || status >= 500;
}
