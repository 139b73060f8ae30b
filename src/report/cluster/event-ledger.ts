import type { Diagnostic } from '../../model/diagnostics.ts';
import type { ObjectRef } from '../../model/refs.ts';
import { apiVersionOf, noticeOf, type Notice } from './event-body.ts';
import { Recent } from './recent.ts';

/** A notice, and what has become of it. */
export interface Occurrence {
  readonly notice: Notice;
  /** How often it came up. */
  count: number;
  /** Its Event is known to the API server. */
  isWritten: boolean;
  /** Of the last write that worked. */
  writtenAt: number;
  isQueued: boolean;
  /** It holds in the last pass. */
  isPresent: boolean;
}

export function newOccurrence(notice: Notice): Occurrence {
  return { notice, count: 1, isWritten: false, writtenAt: -Infinity, isQueued: false, isPresent: true };
}

/** Milliseconds between two writes about the same thing that comes and goes. */
const SERIES_MS = 300_000;
/** Notices that are remembered after they are gone. */
const REMEMBERED = 4_096;

/** Knows what is wrong now and what was lately, so that only what is new is told. */
export class EventLedger {
  readonly #uidOf: (object: ObjectRef) => string | undefined;
  #last: readonly Diagnostic[] = [];
  #present: ReadonlyMap<string, Occurrence> = new Map();
  readonly #gone = new Recent<Occurrence>(REMEMBERED);

  /** @param uidOf `undefined` or empty: not known */
  constructor(uidOf: (object: ObjectRef) => string | undefined) {
    this.#uidOf = uidOf;
  }

  get present(): Iterable<Occurrence> {
    return this.#present.values();
  }

  /** @returns those that have come up, for the first time or again */
  update(diagnostics: readonly Diagnostic[]): readonly Occurrence[] {
    if (diagnostics === this.#last) return [];
    this.#last = diagnostics;
    const next = new Map<string, Occurrence>();
    for (const diagnostic of diagnostics) {
      const { object, code, field, message } = diagnostic;
      const uid = this.#uid(object);
      if (object === undefined || uid === '') continue;
      const key = `${uid}\n${code}\n${field}\n${message}`;
      next.set(key, this.#present.get(key) ?? next.get(key) ?? this.#raise(key, noticeOf(diagnostic, object, uid)));
    }
    const risen = [...next].filter(([key]) => !this.#present.has(key)).map(([, occurrence]) => occurrence);
    for (const [key, occurrence] of this.#present) if (!next.has(key)) this.#bury(key, occurrence);
    this.#present = next;
    return risen;
  }

  /** Empty: none that an Event could be about. */
  #uid(object: ObjectRef | undefined): string {
    if (object === undefined || apiVersionOf(object.kind) === undefined) return '';
    return this.#uidOf(object) ?? '';
  }

  #raise(key: string, notice: Notice): Occurrence {
    const occurrence = this.#gone.take(key);
    if (occurrence === undefined) return newOccurrence(notice);
    occurrence.isPresent = true;
    occurrence.count += 1;
    return occurrence;
  }

  #bury(key: string, occurrence: Occurrence): void {
    occurrence.isPresent = false;
    this.#gone.put(key, occurrence);
  }
}

/** Whether an occurrence that has come up is worth a write: its Event, or that it was seen again. */
export function isWorthWriting({ isWritten, isQueued, writtenAt }: Occurrence, now: number): boolean {
  return !isQueued && (!isWritten || now - writtenAt >= SERIES_MS);
}
