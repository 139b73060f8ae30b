import { Agent, request, type ClientRequest } from 'node:http';

export interface LoadTarget {
  readonly port: number;
  readonly host: string;
}

export interface LoadReport {
  readonly requests: number;
  /** What went wrong, by kind; empty when no request was lost. */
  readonly failures: ReadonlyMap<string, number>;
  /**
   * Requests sent again because the server closed an idle connection just when the client used it. HTTP clients do so by
   * themselves (RFC 9112, section 9.3.1): the server has not read such a request.
   */
  readonly sentAgain: number;
  /** Connections that were opened. */
  readonly connections: number;
}

export interface Load {
  /** Requests so far. */
  readonly requests: () => number;
  readonly ended: Promise<LoadReport>;
}

/** Clients that send one request after another, each over its own connection that it keeps, until `signal` aborts. */
export function startLoad(target: LoadTarget, clients: number, signal: AbortSignal): Load {
  const tally = { requests: 0, sentAgain: 0, connections: 0, failures: new Map<string, number>() };
  const all = Promise.all(Array.from({ length: clients }, () => runClient(target, tally, signal)));
  return { requests: () => tally.requests, ended: all.then(() => tally) };
}

interface Tally {
  requests: number;
  sentAgain: number;
  connections: number;
  readonly failures: Map<string, number>;
}

async function runClient(target: LoadTarget, tally: Tally, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!signal.aborted) {
    tally.requests += 1;
    const outcome = await once(target, agent, tally);
    const last = outcome === 'closed while idle' ? await sendAgain(target, agent, tally) : outcome;
    if (last !== 'ok') tally.failures.set(last, (tally.failures.get(last) ?? 0) + 1);
  }
  agent.destroy();
}

async function sendAgain(target: LoadTarget, agent: Agent, tally: Tally): Promise<string> {
  tally.sentAgain += 1;
  return once(target, agent, tally);
}

function once({ port, host }: LoadTarget, agent: Agent, tally: Tally): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent, path: '/', headers: { host } });
    sent.on('socket', () => {
      if (!sent.reusedSocket) tally.connections += 1;
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(kindOf(error, sent)));
    sent.on('response', (response) => {
      response.on('error', (error: Error) => resolve(`cut off: ${error.message}`));
      response.on('end', () => resolve(response.statusCode === 200 ? 'ok' : `status ${response.statusCode ?? 0}`));
      response.resume();
    });
    sent.end();
  });
}

function kindOf(error: NodeJS.ErrnoException, sent: ClientRequest): string {
  const wasClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
  return sent.reusedSocket && wasClosed ? 'closed while idle' : `error ${error.code ?? error.message}`;
}
