import { applies, type RequestRule } from './access.ts';
import type { RequestRecord } from './route.ts';

/** Something that goes wrong with a request. */
export type Action = RequestAction | StreamAction;

/** Something that goes wrong with what is answered. */
export type StreamAction = AnswerAction | WatchAction;

/** Instead of an answer, or before it. */
export type RequestAction =
  /** `inStream`: as an ERROR event of a watch that is answered 200. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
      readonly inStream?: boolean;
    }
  /** The resourceVersion or continue token is too old. `inStream`: see above. */
  | { readonly type: 'gone'; readonly inStream?: boolean }
  /** The connection is reset before the answer; the request is not carried out. */
  | { readonly type: 'reset' }
  /** The request is taken and never answered; it is not carried out. */
  | { readonly type: 'stall' }
  /** Carried out and answered later. */
  | { readonly type: 'delay'; readonly ms: number };

/** The request is carried out; its answer suffers. Events are counted without bookmarks. */
export type AnswerAction =
  /** The connection is reset after so many bytes of the body, or so many events; neither: before the first byte. */
  | { readonly type: 'reset-midway'; readonly afterBytes?: number; readonly afterEvents?: number }
  /** The answer ends as if it were whole, after so many bytes of the body. */
  | { readonly type: 'truncate'; readonly bytes: number }
  /** HTML instead of a body, or as one line of a watch. */
  | { readonly type: 'garbage'; readonly afterEvents?: number };

/** For watches only; other requests pass by. Events are counted without bookmarks; `afterEvents` left out: at once. */
export type WatchAction =
  /** Nothing is sent any more, not even the end. */
  | { readonly type: 'half-open'; readonly afterEvents?: number }
  /** Every event is sent twice. */
  | { readonly type: 'duplicate' }
  /** The stream ends as a watch that ran out of time. */
  | { readonly type: 'end'; readonly afterEvents?: number }
  /** One event of a type that does not exist. */
  | { readonly type: 'unknown-event'; readonly afterEvents?: number }
  /** The last events, as many as `count` (default 3), are sent again, also those from before this watch. */
  | { readonly type: 'old-events'; readonly afterEvents?: number; readonly count?: number };

export interface Fault {
  readonly match: RequestRule;
  /** Requests that it befalls; default 1. */
  readonly times?: number;
  readonly do: Action;
}

interface Pending {
  readonly fault: Fault;
  left: number;
}

const WATCH_ACTIONS: readonly Action['type'][] = ['half-open', 'duplicate', 'end', 'unknown-event', 'old-events'];

const REQUEST_ACTIONS: readonly Action['type'][] = ['status', 'gone', 'reset', 'stall', 'delay'];

export function isRequestAction(action: Action): action is RequestAction {
  return REQUEST_ACTIONS.includes(action.type);
}

/** Faults to come. A request takes the first that fits, one at a time. */
export class Faults {
  #pending: Pending[] = [];

  push(...faults: readonly Fault[]): void {
    this.#pending.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  clear(): void {
    this.#pending = [];
  }

  /** Faults that are not used up. */
  get pending(): number {
    return this.#pending.length;
  }

  /** The same, oldest first. */
  get waiting(): readonly Fault[] {
    return this.#pending.map(({ fault }) => fault);
  }

  take(request: RequestRecord): Action | undefined {
    const found = this.#pending.find(({ fault }) => applies(fault.match, request) && befalls(fault.do, request));
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return found.fault.do;
  }
}

function befalls(action: Action, { verb }: RequestRecord): boolean {
  const isForWatch = ('inStream' in action && action.inStream) || WATCH_ACTIONS.includes(action.type);
  return verb === 'watch' || !isForWatch;
}
