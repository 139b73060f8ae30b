import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type ApiRequest =
  | { readonly type: 'fill'; readonly count: number }
  | { readonly type: 'put'; readonly object: object }
  | { readonly type: 'remove'; readonly kind: string; readonly namespace: string; readonly name: string };

/** When the change was made: by the clock on the wall, and by the one that `process.hrtime` reads. */
export interface ApiReply {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** A fake API server in a process of its own. One request at a time. */
export class ApiProcess {
  readonly kubeconfig: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, kubeconfig: string) {
    this.#child = child;
    this.kubeconfig = kubeconfig;
  }

  /** @param count of the Ingresses that it begins with */
  static async start(count: number): Promise<ApiProcess> {
    const child = fork(join(import.meta.dirname, 'api-server.ts'));
    const [{ kubeconfig }] = (await once(child, 'message')) as [{ readonly kubeconfig: string }];
    const api = new ApiProcess(child, kubeconfig);
    await api.#ask({ type: 'fill', count });
    return api;
  }

  put(object: object): Promise<ApiReply> {
    return this.#ask({ type: 'put', object });
  }

  remove(kind: string, namespace: string, name: string): Promise<ApiReply> {
    return this.#ask({ type: 'remove', kind, namespace, name });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #ask(request: ApiRequest): Promise<ApiReply> {
    const answered = once(this.#child, 'message');
    this.#child.send(request);
    const [answer] = (await answered) as [ApiReply];
    return answer;
  }
}
