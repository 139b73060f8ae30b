import { setTimeout as sleep } from 'node:timers/promises';
import type { RuntimeChange, RuntimeUpdate } from './driver.ts';
import { askCli } from './haproxy-cli.ts';
import {
  isEqual,
  liveCommands,
  parseLive,
  readyAddresses,
  stepsFor,
  type LiveServer,
  type LiveServers,
  type Steps,
} from './haproxy-live.ts';
import { inheritedOptions } from './haproxy-options.ts';
import { diffServers, type BackendChange } from './haproxy-servers.ts';
import { plainText, withoutKeys } from './output.ts';

/*
 * Endpoints by the runtime API of the worker: https://docs.haproxy.org/2.6/management.html#9.3
 * What the templates of HAProxy and this file agree on: backends are in backends.cfg, and the generation that a worker
 * answers is the value of `generation` in maps/generation.map.
 */

const MAIN = 'haproxy.cfg';
const BACKENDS = 'backends.cfg';
const GENERATION_MAP = 'maps/generation.map';

const TIMEOUT_MS = 1_000;
/** 3.2 gives a server its new address a moment after it answered. */
const SETTLE_MS = 500;
const POLL_MS = 2;
const MAX_ANSWER = 8_000_000;
/** A line of commands has to fit in a buffer of HAProxy (tune.bufsize, 16 kB). */
const LONGEST_LINE = 8_000;
const MOST_BACKENDS = 500;

/** Why the running worker cannot be changed, or was changed in part. */
class RuntimeFailure extends Error {
  override readonly name = 'RuntimeFailure';
}

/** Gives the running worker the endpoints of another configuration. Throws only on abort. */
export async function updateServers(
  socket: string,
  change: RuntimeChange,
  signal: AbortSignal,
): Promise<RuntimeUpdate> {
  const changes = changesOf(change);
  if (typeof changes === 'string') return { type: 'needs-reload', reason: changes };
  try {
    return await new Worker(socket, signal).update(changes);
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    return { type: 'needs-reload', reason: error.message };
  }
}

function changesOf({ files, text }: RuntimeChange): readonly BackendChange[] | string {
  const [file, ...more] = files;
  if (file?.path !== BACKENDS || more.length > 0) return `${BACKENDS} is not the only file that changed`;
  const inherited = inheritedOptions(text(MAIN) ?? '');
  if (inherited === undefined) return 'there are several sections of defaults';
  const diff = diffServers(file.before, file.after, inherited);
  if (diff.type === 'other') return diff.reason;
  return diff.changes.length > MOST_BACKENDS ? `${diff.changes.length} backends changed at once` : diff.changes;
}

/** One worker, by its socket. Each line of commands goes over a connection of its own. */
class Worker {
  readonly #socket: string;
  readonly #signal: AbortSignal;

  constructor(socket: string, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  async update(changes: readonly BackendChange[]): Promise<RuntimeUpdate> {
    const backends = changes.map(({ backend }) => backend);
    const before = await this.#tell([`prepare map ${GENERATION_MAP}`, ...liveCommands(backends)]);
    const version = preparedVersion(before);
    const live = parseLive(before);
    const steps = new Map(changes.map((change) => [change.backend, stepsOrFail(change, live)]));
    const all = [...steps.values()];
    // From here on it runs no generation: whoever comes after a crash of ours is told by that.
    const place = [`set map ${GENERATION_MAP} generation 0`, ...all.flatMap(({ place }) => place)];
    await this.#tellUntil(place, backends, (now) =>
      [...steps].every(([backend, { placed }]) => isPlaced(now.get(backend), placed)),
    );
    const change = all.flatMap(({ change }) => change);
    await this.#tellUntil(change, backends, (now) =>
      changes.every(({ backend, after }) => isEqual(readyAddresses(now.get(backend) ?? []), after)),
    );
    return { type: 'updated', confirm: (generation, signal) => confirm(this.#socket, { version, generation }, signal) };
  }

  /** Sends commands, and reads the servers until they are as they should be. */
  async #tellUntil(
    commands: readonly string[],
    backends: readonly string[],
    isRight: (live: LiveServers) => boolean,
  ): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    const said = await this.#tell([...commands, ...liveCommands(backends)]);
    for (let answer = said; !isRight(parseLive(answer));) {
      if (performance.now() > deadline) {
        throw new RuntimeFailure(`it did not take the servers of ${backends.join(', ')}: ${firstWords(said)}`);
      }
      await sleep(POLL_MS, undefined, { signal: this.#signal });
      answer = await this.#tell(liveCommands(backends));
    }
  }

  async #tell(commands: readonly string[]): Promise<string> {
    let answers = '';
    for (const line of linesOf(commands)) {
      const answer = await askCli(this.#socket, line, {
        timeoutMs: TIMEOUT_MS,
        maxAnswer: MAX_ANSWER,
        signal: this.#signal,
      });
      if (answer === undefined) throw new RuntimeFailure(`it does not answer on ${this.#socket}`);
      answers += answer;
    }
    return answers;
  }
}

/** A new version of the map, which only this worker has: another one, after a restart, does not take the number. */
function preparedVersion(answer: string): number {
  const version = /^New version created: (\d+)$/m.exec(answer)?.[1];
  if (version === undefined) throw new RuntimeFailure(`it has no number to change: ${firstWords(answer)}`);
  return Number(version);
}

function firstWords(answer: string): string {
  return withoutKeys(plainText(answer)).trim().slice(0, 200);
}

function stepsOrFail(change: BackendChange, live: LiveServers): Steps {
  const steps = stepsFor(change, live.get(change.backend) ?? []);
  if (typeof steps === 'string') throw new RuntimeFailure(steps);
  return steps;
}

function isPlaced(live: readonly LiveServer[] = [], placed: Steps['placed']): boolean {
  const addresses = new Map(live.map(({ name, address }) => [name, address]));
  return [...placed].every(([name, address]) => addresses.get(name) === address);
}

/** Packs commands into as few lines as may be. */
function linesOf(commands: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const command of commands) {
    if (line !== '' && line.length + command.length >= LONGEST_LINE) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? command : `${line};${command}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** What became of it, the worker itself says when it is asked for its generation. */
async function confirm(
  socket: string,
  { version, generation }: { readonly version: number; readonly generation: number },
  signal: AbortSignal,
): Promise<void> {
  const map = `@${version} ${GENERATION_MAP}`;
  const line = `add map ${map} generation ${generation};commit map ${map}`;
  await askCli(socket, line, { timeoutMs: TIMEOUT_MS, maxAnswer: MAX_ANSWER, signal });
}
