import type { Exchange } from './exchange.ts';
import type { StreamAction } from './faults.ts';

const UNKNOWN = '{"type":"RENAMED","object":{"kind":"Status","apiVersion":"v1","metadata":{}}}\n';
const GARBAGE = '<html><body>upstream error</body></html>\n';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export function eventLine(type: EventType, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

export interface Replay {
  /** Lines of the last so many events up to what has been sent. */
  last(count: number): readonly string[];
}

/** The lines of one watch, and what a fault makes of them. */
export class EventStream {
  readonly #exchange: Exchange;
  readonly #copies: number;
  readonly #replay: Replay;
  #action: StreamAction | undefined;
  #sent = 0;
  #isSilent = false;

  constructor(exchange: Exchange, replay: Replay) {
    this.#exchange = exchange;
    this.#action = exchange.fault;
    this.#copies = exchange.fault?.type === 'duplicate' ? 2 : 1;
    this.#replay = replay;
  }

  open(): void {
    this.#exchange.start(200);
    this.#sufferWhenDue();
  }

  event(line: string): void {
    if (this.#isSilent) return;
    for (let copy = 0; copy < this.#copies; copy += 1) this.#exchange.write(line);
    this.#sent += 1;
    this.#sufferWhenDue();
  }

  bookmark(line: string): void {
    if (!this.#isSilent) this.#exchange.write(line);
  }

  end(): void {
    if (!this.#isSilent) this.#exchange.end();
    this.#isSilent = true;
  }

  #sufferWhenDue(): void {
    const action = this.#action;
    const due = action === undefined ? undefined : eventsBefore(action);
    if (action === undefined || due === undefined || this.#sent < due) return;
    this.#action = undefined;
    this.#suffer(action);
  }

  #suffer(action: StreamAction): void {
    if (action.type === 'half-open') this.#isSilent = true;
    else if (action.type === 'end') this.end();
    else if (action.type === 'reset-midway') this.#exchange.resetSoon();
    else for (const line of this.#extraLines(action)) this.#exchange.write(line);
  }

  #extraLines(action: StreamAction): readonly string[] {
    if (action.type === 'garbage') return [GARBAGE];
    if (action.type === 'unknown-event') return [UNKNOWN];
    return action.type === 'old-events' ? this.#replay.last(action.count ?? 3) : [];
  }
}

/** `undefined`: not a matter of events. */
function eventsBefore(action: StreamAction): number | undefined {
  if (action.type === 'truncate' || action.type === 'duplicate') return undefined;
  return action.type === 'reset-midway' ? action.afterEvents : (action.afterEvents ?? 0);
}
