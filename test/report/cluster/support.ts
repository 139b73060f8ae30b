import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/model/clock.ts';
import type { Diagnostic } from '../../../src/model/diagnostics.ts';
import type { ApiRequest, ApiResponse, KubeApi } from '../../../src/model/kube-api.ts';
import type { Logger } from '../../../src/model/logger.ts';
import type { IngressIdentity } from '../../../src/model/outcome.ts';
import type { ObjectRef } from '../../../src/model/refs.ts';
import { apiOf } from '../../sources/cluster/support.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';

/** What becomes of a request instead of reaching the server; `never`: no answer, until it is given up. */
export type Fate = Partial<ApiResponse> | Error | 'never' | undefined;

/** The API of a fake server over HTTP, which knows when nothing is under way. */
export class TestApi implements Pick<KubeApi, 'request'> {
  readonly sent: ApiRequest[] = [];
  underWay = 0;
  mostUnderWay = 0;
  fate: (request: ApiRequest) => Fate = () => undefined;
  readonly #http: Pick<KubeApi, 'request'>;

  constructor(http: Pick<KubeApi, 'request'>) {
    this.#http = http;
  }

  async request(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    this.sent.push(request);
    const fate = this.fate(request);
    if (fate === 'never') return new Promise(() => undefined);
    if (fate instanceof Error) throw fate;
    if (fate !== undefined) return { status: 200, body: undefined, retryAfterMs: undefined, ...fate };
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.#http.request(request, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  /** `PATCH /apis/…`, of those that were sent. */
  lines(method = ''): readonly string[] {
    return this.sent.filter((request) => request.method.startsWith(method)).map((r) => `${r.method} ${r.path}`);
  }
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so, and not while a request is under way. */
export class VirtualClock implements Clock {
  time = 1_000;
  readonly #apis: readonly TestApi[];
  readonly #sleepers = new Set<Sleeper>();

  constructor(...apis: readonly TestApi[]) {
    this.#apis = apis;
  }

  readonly now = (): number => this.time;

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const sleeper: Sleeper = {
        at: this.time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake);
    });
  };

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await this.settle();
      const [next] = [...this.#sleepers].sort((left, right) => left.at - right.at);
      if (next === undefined || next.at > end) break;
      this.time = next.at;
      next.wake();
    }
    this.time = end;
  }

  /** Until everything waits for time to pass. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      await setImmediate();
      if (this.#apis.some(({ underWay }) => underWay > 0)) quiet = 0;
    }
  }
}

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

export function recordingLogger(): { readonly logger: Logger; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const at = (level: string) => (fields: object, message: string) => void entries.push({ level, message, fields });
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, entries };
}

/** A fake server for one test, and what it takes to run something against it in virtual time. */
export interface Scene {
  readonly server: FakeApiServer;
  readonly api: TestApi;
  readonly clock: VirtualClock;
  readonly logger: Logger;
  readonly entries: LogEntry[];
  /** Starts something that ends with the test. */
  readonly start: (run: (signal: AbortSignal) => Promise<void>) => void;
  /** Ends all that was started. */
  readonly stop: () => Promise<void>;
}

export async function withScene(test: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await FakeApiServer.start();
  const api = new TestApi(apiOf(server));
  const clock = new VirtualClock(api);
  const ending = new AbortController();
  const running: Promise<void>[] = [];
  const start: Scene['start'] = (run) => void running.push(run(ending.signal));
  const stop = async (): Promise<void> => {
    ending.abort();
    await Promise.all(running);
  };
  try {
    await test({ server, api, clock, ...recordingLogger(), start, stop });
    await stop();
  } finally {
    ending.abort();
    await server.close();
  }
}

export function problemOf(object: ObjectRef, rest: Partial<Diagnostic> = {}): Diagnostic {
  const base = { severity: 'error', code: 'InvalidHost', field: 'spec.rules[0].host', message: 'is wrong' } as const;
  return { ...base, object, location: undefined, ...rest };
}

export function ingressRef(name: string): ObjectRef {
  return { kind: 'Ingress', namespace: 'shop', name };
}

export function identityOf(name: string): IngressIdentity {
  return { namespace: 'shop', name, uid: `uid-${name}` };
}
