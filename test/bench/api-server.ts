import { FakeApiServer } from '../support/api-server/server.ts';
import type { ApiReply, ApiRequest } from './api-process.ts';
import { benchObjects } from './cluster-world.ts';

/** The fake API server in a process of its own (api-process.ts), so that its time and memory are not those of the bench. */
const TOKEN = 'sluice-token';

const server = await FakeApiServer.start({ tls: true, tokens: [TOKEN] });
process.on('message', (request: ApiRequest) => reply(answer(request)));
process.on('disconnect', () => void server.close());
reply({ kubeconfig: server.kubeconfig({ token: TOKEN }) });

function answer(request: ApiRequest): ApiReply {
  if (request.type === 'fill') for (const object of benchObjects(request.count)) server.put(object);
  // When the event leaves: the watch has it before `put` returns.
  const sent = { wallMs: Date.now(), monotonicMs: monotonicMs() };
  if (request.type === 'put') server.put(request.object);
  if (request.type === 'remove') server.remove(request.kind, request.namespace, request.name);
  return sent;
}

/** The clock of the machine, the same in all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function reply(message: ApiReply | { readonly kubeconfig: string }): void {
  process.send?.(message);
}
