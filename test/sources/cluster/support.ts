import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../src/model/clock.ts';
import type { KubeApi } from '../../../src/model/kube-api.ts';
import { HttpApi, type HttpApiOptions } from '../../../src/sources/cluster/http-api.ts';
import type { Connection } from '../../../src/sources/cluster/kube-client.ts';
import type { FakeApiServer } from '../../support/api-server/server.ts';

/** Pauses that a test has no patience for: they are for what must not take so long. */
const PATIENCE_MS = 100_000;

/** Time that passes fast: pauses of a minute are over in a moment, and how long they were to be is kept. */
export class FastClock implements Clock {
  readonly pauses: number[] = [];
  readonly now = () => performance.now();
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.pauses.push(ms);
    const shortened = ms >= PATIENCE_MS ? PATIENCE_MS / 10 : Math.min(ms / 100, 50);
    await sleep(shortened, undefined, { signal }).catch(() => undefined);
  };
}

/** A connection with a token that can be changed. */
export class TestConnection implements Connection {
  readonly server: string;
  readonly namespace = undefined;
  renewals = 0;
  #token: string;
  #next: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(server: string, token = '') {
    this.server = server;
    this.#token = token;
    this.#next = token;
  }

  /** The token that is found when it is read anew. */
  rotate(token: string): void {
    this.#next = token;
  }

  settings(): Promise<Awaited<ReturnType<Connection['settings']>>> {
    const headers = this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` };
    return Promise.resolve({ headers, agent: this.#agent, auth: undefined });
  }

  renew(): void {
    this.renewals += 1;
    this.#token = this.#next;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Limits that a test does not wait long for. */
export const LIMITS: HttpApiOptions = { userAgent: 'sluice/test', answerIdleMs: 1_000, streamIdleMs: 1_000 };

export function apiOf(server: FakeApiServer | TestConnection, limits: HttpApiOptions = LIMITS): KubeApi {
  return new HttpApi(server instanceof TestConnection ? server : new TestConnection(server.url), limits);
}
