import { send, type Answer, type RequestOptions } from '../../test/support/client.ts';

const isTerminal = process.stdout.isTTY;
const BOLD = 1;
const RED = 31;
const GREEN = 32;
const URL_WIDTH = 50;

function paint(code: number, text: string): string {
  return isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export function say(text: string): void {
  console.log(text);
}

export function heading(text: string): void {
  console.log(`\n${paint(BOLD, text)}`);
}

/** What an answer must be: everything that is named must hold. */
export interface Expectation {
  /** 200 when left out. */
  readonly status?: number;
  /** `undefined`: no backend was asked. */
  readonly backend?: string;
  readonly location?: string;
  /** SHA-256 fingerprint of the certificate that must be presented. */
  readonly fingerprint?: string;
}

/** Sends a request; prints it and its answer on one line. @throws Error when the answer is another one than expected */
export async function expectAnswer(request: RequestOptions, expected: Expectation): Promise<void> {
  const answer = await send(request);
  const problems = problemsOf(answer, expected);
  print(request, problems.length === 0, [String(answer.status), ...detailsOf(answer, expected)].join('  '));
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/** The same for a name without a certificate. @throws Error when nginx shakes hands */
export async function expectRefusedHandshake(request: RequestOptions): Promise<void> {
  const problem = await send(request).then(
    (answer) => `the handshake succeeded, status ${answer.status}`,
    (error: unknown) => (/handshake|unrecognized name|alert/i.test(String(error)) ? undefined : String(error)),
  );
  print(request, problem === undefined, problem ?? 'no certificate: TLS handshake refused');
  if (problem !== undefined) throw new Error(`expected a refused TLS handshake: ${problem}`);
}

/** Which backend answered; `undefined` when nginx did by itself. */
export function backendOf({ headers }: Answer): string | undefined {
  const name = headers['x-backend'];
  return typeof name === 'string' ? name : undefined;
}

function problemsOf(answer: Answer, expected: Expectation): readonly string[] {
  const pairs = [
    { what: 'status', want: expected.status ?? 200, got: answer.status },
    { what: 'backend', want: expected.backend, got: backendOf(answer) },
    { what: 'location', want: expected.location, got: answer.headers.location },
    { what: 'certificate', want: expected.fingerprint, got: expected.fingerprint && answer.fingerprint },
  ];
  const wrong = pairs.filter(({ want, got }) => want !== got);
  return wrong.map(({ what, want, got }) => `expected ${what} ${want ?? 'none'}, got ${got ?? 'none'}`);
}

function detailsOf(answer: Answer, expected: Expectation): readonly string[] {
  const { location, 'x-asked-by': asked } = answer.headers;
  const backend = backendOf(answer);
  return [
    ...(backend === undefined ? [] : [`from ${backend}`]),
    ...(location === undefined ? [] : [`location: ${location}`]),
    ...(typeof asked === 'string' ? [`asked by ${asked}`] : []),
    ...(expected.fingerprint === undefined ? [] : ['certificate ok']),
  ];
}

function print(request: RequestOptions, isRight: boolean, outcome: string): void {
  const scheme = request.servername === undefined ? 'http' : 'https';
  const asked = `GET ${scheme}://${request.host}:${request.port}${request.path ?? '/'}`;
  say(`  ${asked.padEnd(URL_WIDTH)} ${paint(isRight ? GREEN : RED, outcome)}`);
}
