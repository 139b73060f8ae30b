import { send, type Answer, type RequestOptions } from '../../test/support/client.ts';

const isTerminal = process.stdout.isTTY;
const paint = (code: number, text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);

export function say(text: string): void {
  console.log(text);
}

export function heading(text: string): void {
  console.log(`\n${paint(1, text)}`);
}

export interface Expectation {
  readonly backend?: string;
  readonly status?: number;
}

/** Sends a request, prints it and its answer on one line. @throws Error when the answer is another one than expected */
export async function expectAnswer(request: RequestOptions, expected: Expectation): Promise<void> {
  const answer = await send(request);
  const backend = backendOf(answer);
  const isRight = answer.status === (expected.status ?? 200) && backend === expected.backend;
  const location = answer.headers.location === undefined ? '' : ` Location: ${answer.headers.location}`;
  const who = backend === undefined ? '' : ` from ${backend}`;
  const scheme = request.servername === undefined ? 'http ' : 'https';
  const asked = `${scheme} ${request.host}${request.path ?? '/'}`.padEnd(46);
  say(`  ${asked} ${paint(isRight ? 32 : 31, `${answer.status}${who}`)}${location}`);
  if (!isRight) throw new Error(`expected ${JSON.stringify(expected)}`);
}

export function backendOf(answer: Answer): string | undefined {
  const name = answer.headers['x-backend'];
  return typeof name === 'string' ? name : undefined;
}
