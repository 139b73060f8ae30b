import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '../../test/support/wait.ts';

/** Where Debian keeps nginx, which the PATH of users other than root leaves out. */
const SBIN = '/usr/local/sbin:/usr/sbin';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** One line of the log of `sluice run`. */
export interface LogLine {
  readonly code?: string;
  readonly type?: string;
  readonly generation?: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** `sluice run` as a child, and what it says. */
export class Sluice {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #log: LogLine[] = [];

  constructor(flags: readonly string[]) {
    // nginx, its child in turn, gets this standard output: a terminal, a file, a pipe or a socket.
    const path = `${process.env['PATH'] ?? ''}:${SBIN}`;
    const env = {
      ...process.env,
      PATH: path,
      SLUICE_LOG_FORMAT: 'json',
      SLUICE_LOG_LEVEL: 'info',
      SLUICE_ADMIN_PORT: 'off',
    };
    const child = spawn(process.execPath, [MAIN, 'run', ...flags], { stdio: ['ignore', 'inherit', 'pipe'], env });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    createInterface({ input: child.stderr }).on('line', (line) => this.#log.push(parseLine(line)));
  }

  /** Waits for a line of the log. @throws Error with the end of the log when it does not come, or when sluice ended */
  async logged(what: string, fits: (line: LogLine) => boolean): Promise<LogLine> {
    try {
      return await waitFor(what, () => this.#log.find(fits) ?? this.#failIfEnded());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error([message, ...this.#log.slice(-10).map(textOf)].join('\n  '), { cause: error });
    }
  }

  /** Ends sluice, and nginx with it. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  #failIfEnded(): undefined {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error(`sluice ended (${signalCode ?? exitCode})`);
  }
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    // A line of nginx.
    return { msg: line };
  }
}

function textOf(line: LogLine): string {
  return 'level' in line ? JSON.stringify(line) : (line.msg ?? '');
}
