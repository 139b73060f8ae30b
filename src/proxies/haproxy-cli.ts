import { connect } from 'node:net';

export interface CliRequest {
  readonly timeoutMs: number;
  /** Characters of the answer that are kept. */
  readonly maxAnswer: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one line of commands to a command line interface of HAProxy, that of the master or of a worker, and reads until it
 * hangs up. `undefined` when nobody listens, or hangs up before the end. Throws only on abort.
 */
export async function askCli(
  socket: string,
  line: string,
  { timeoutMs, maxAnswer, signal }: CliRequest,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const connection = connect({ path: socket, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  try {
    connection.setEncoding('utf8').end(`${line}\n`);
    let answer = '';
    for await (const chunk of connection) answer = (answer + String(chunk)).slice(0, maxAnswer);
    return answer;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    connection.destroy();
  }
}
