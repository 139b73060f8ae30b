import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Complaint } from './driver.ts';
import { withoutTime } from './nginx-output.ts';
import { plainText, withoutKeys } from './output.ts';

/** In the run directory, beside standard error: a file outlives sluice, and never makes nginx wait, as a pipe would. */
const FILE = 'emergencies.log';
/** It is emptied when it has more: nginx appends to it, and would do so for ever. */
const MOST_BYTES = 256 * 1024;
const MOST_READ = 16_000;

/** Directives for the command line of nginx, which read a path relative to `-p`. */
export const LOG_EMERGENCIES = `error_log ${FILE} emerg;`;

/** An address that is taken, as Linux and BSD number it: for 2.5 s after the first of these, nginx tries again. */
const TRIED_AGAIN = /^\[emerg\] (?:bind|listen)\(\) to .* failed \((?:98|48): /;

/** Whoever may write the run directory can put something else there: what a link names, or what never ends to open. */
const AS_IT_IS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads what nginx says when it cannot load a configuration: `[emerg]`, the only level of that log. It is there when nginx was
 * started with `LOG_EMERGENCIES`, whoever did that.
 */
export class Emergencies {
  readonly #path: string;
  #from = 0;

  constructor(runDirectory: string) {
    this.#path = join(runDirectory, FILE);
  }

  /** What comes from now on is about the reload that is told next. */
  async mark(): Promise<void> {
    await this.trim();
    this.#from = (await this.#size()) ?? 0;
  }

  /** Empties the file when it is long. */
  async trim(): Promise<void> {
    if (((await this.#size()) ?? 0) <= MOST_BYTES) return;
    await this.#with(constants.O_WRONLY, (file) => file.truncate()).catch(() => undefined);
    this.#from = 0;
  }

  /** What was said since the mark; `undefined` when that is nothing, or an nginx runs that was started without the log. */
  async read(master: number | undefined): Promise<Complaint | undefined> {
    const text = withoutKeys(plainText(await this.#readFrom(this.#from).catch(() => '')));
    const lines = text.split('\n').filter((line) => line !== '');
    if (lines.length === 0) return undefined;
    const isMasters = (line: string) => line.includes(` ${String(master)}#${String(master)}: `);
    const isFinal = messagesIn(lines.filter(isMasters)).some((message) => !TRIED_AGAIN.test(message));
    return { text: messagesIn(lines).join('; '), isFinal };
  }

  async #size(): Promise<number | undefined> {
    return lstat(this.#path).then(
      (found) => (found.isFile() ? found.size : undefined),
      () => undefined,
    );
  }

  async #readFrom(position: number): Promise<string> {
    return this.#with(constants.O_RDONLY, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_READ), 0, MOST_READ, position);
      return buffer.toString('utf8', 0, bytesRead);
    });
  }

  async #with<Result>(access: number, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
    const file = await open(this.#path, access | AS_IT_IS);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }
}

/** Each once, without the directory of what is installed. */
function messagesIn(lines: readonly string[]): readonly string[] {
  return [...new Set(lines.map((line) => withoutTime(line).replace(/(?<=\s)\/\S*\/current\//g, '')))];
}
