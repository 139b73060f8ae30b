import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 2;

export interface Probe {
  readonly port: number;
  readonly host: string;
  /** Text that only the answer of the new configuration holds. */
  readonly mark: string;
}

/**
 * Asks, each time on a connection of its own, until the first answer that holds the mark; returns when that came, on the
 * clock of `process.hrtime`, in milliseconds. @throws Error after `timeoutMs`
 */
export async function firstAnswer(probe: Probe, timeoutMs: number): Promise<number> {
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    const answer = await ask(probe);
    const now = monotonicMs();
    if (answer.includes(probe.mark)) return now;
    if (now > deadline) throw new Error(`${probe.host} still answers: ${answer}`);
    await sleep(POLL_MS);
  }
}

/** The whole answer; empty when there is none. A socket, because node:http would take ten times the time. */
function ask({ port, host }: Probe): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined).on('close', () => resolve(text));
    socket.write(`GET /api/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
