import type { Logger } from '../model/logger.ts';
import type { ApplyResult } from '../model/outcome.ts';
import type { Complaint, ProxyDriver, RuntimeUpdate } from '../proxies/driver.ts';
import { waitForGeneration } from './acknowledge.ts';
import { keepPointers, movePointer, prune, recordAcknowledged } from './install.ts';
import type { Installed } from './installed.ts';
import type { Layout, Owner } from './layout.ts';
import type { Generation } from './manifest.ts';
import { changedPaths } from './plan.ts';

export interface ActivatorOptions {
  readonly driver: ProxyDriver;
  readonly owner: Owner | undefined;
  /** How many acknowledged generations stay on disk. */
  readonly keepGenerations: number;
  readonly acknowledgeTimeoutMs: number;
  readonly logger: Logger;
}

/** A generation that was just installed, and what there was before. */
export interface Attempt {
  readonly generation: number;
  readonly changedFiles: readonly string[];
  readonly acknowledged: Generation | undefined;
  /** What the proxy answered before. */
  readonly before: number | undefined;
  /** Has a proxy that does what the generation says, without a reload, answer its number. */
  readonly confirm?: Updated['confirm'] | undefined;
}

export type Updated = Extract<RuntimeUpdate, { type: 'updated' }>;

/** `answer`: what the proxy said last. `problem`: why it does not run the generation; `undefined` when it does. */
interface Activation {
  readonly answer: number | undefined;
  readonly problem: string | undefined;
}

/** Brings the proxy to the generation that is installed, or the disk back to the one that the proxy is known to run. */
export class Activator {
  readonly #layout: Layout;
  readonly #options: ActivatorOptions;
  /** What the proxy says next may still be about a generation that it was not waited for any longer. */
  #mayTrail = false;

  constructor(layout: Layout, options: ActivatorOptions) {
    this.#layout = layout;
    this.#options = options;
  }

  /** Has the proxy load what was just installed, and rolls back when it does not. */
  async activate(attempt: Attempt, signal: AbortSignal): Promise<ApplyResult> {
    const { generation, changedFiles } = attempt;
    // While the proxy loads it.
    const kept = keepPointers(this.#layout);
    const isConfirmed = await this.#isConfirmed(attempt, signal);
    const activation = isConfirmed ? undefined : await this.#load(generation, attempt.before, signal);
    await kept;
    if (activation === undefined) return this.#acknowledge(generation, changedFiles, 'runtime');
    if (activation.problem === undefined) return this.#acknowledge(generation, changedFiles);
    return this.#recover(attempt, { ...activation, problem: activation.problem }, signal);
  }

  /** Compares what is installed with what the proxy answers, which is `before`, and makes them one. */
  async settle(
    current: Generation,
    { acknowledged, before }: Pick<Attempt, 'acknowledged' | 'before'>,
    signal: AbortSignal,
  ): Promise<ApplyResult> {
    const generation = current.number;
    const proven = acknowledged?.number === generation;
    if (before === generation && proven) return { type: 'unchanged', generation };
    const changedFiles = changedPaths(acknowledged?.manifest.files ?? {}, current.manifest.files);
    if (before === generation) return this.#acknowledge(generation, changedFiles);
    const attempt: Attempt = { generation, changedFiles, acknowledged, before };
    if (before === undefined || proven || acknowledged === undefined) return this.activate(attempt, signal);
    return this.#recover(attempt, { answer: before, problem: `the proxy runs generation ${before}` }, signal);
  }

  /**
   * After a crash between the swap and the acknowledgement: the proxy decides which of the two is in force, and if it says
   * nothing, the proven one.
   */
  async settleDisk({ current, acknowledged }: Installed, signal: AbortSignal): Promise<Installed> {
    if (acknowledged === undefined || current?.number === acknowledged.number) return { current, acknowledged };
    const running = await this.#options.driver.runningGeneration(signal);
    if (current !== undefined && running === current.number) return { current, acknowledged };
    try {
      await movePointer(this.#layout, 'current', acknowledged.number, this.#options.owner);
    } catch (error) {
      // It is complete, and the checker accepted it.
      this.#options.logger.error({ error }, 'cannot go back from a generation that was never acknowledged');
      return { current, acknowledged };
    }
    this.#options.logger.warn(
      { from: current?.number, to: acknowledged.number },
      'the installed generation was never acknowledged; going back to the one before',
    );
    return { current: acknowledged, acknowledged };
  }

  /** Whether the proxy is there without a reload; another one since, or one that did not take the number, has to reload. */
  async #isConfirmed({ generation, confirm }: Attempt, signal: AbortSignal): Promise<boolean> {
    if (confirm === undefined) return false;
    await confirm(generation, signal);
    return (await this.#options.driver.runningGeneration(signal)) === generation;
  }

  /** `before`: what the proxy answers until it has loaded that generation. */
  async #load(generation: number, before: number | undefined, signal: AbortSignal): Promise<Activation> {
    const { driver, acknowledgeTimeoutMs } = this.#options;
    const refusal = await reloadProblem(driver, signal);
    const timeoutMs = refusal === undefined ? acknowledgeTimeoutMs : 0;
    const isOthers = this.#mayTrail;
    const isHopeless = async () => !isOthers && hasGivenUp(await driver.complaint?.());
    const wait = { generation, timeoutMs, overlapMs: driver.reloadOverlapMs, isHopeless };
    const answer = await waitForGeneration(driver, wait, signal);
    const complaint = await driver.complaint?.();
    if (answer !== before || answer !== generation) this.#mayTrail = answer !== generation && !hasGivenUp(complaint);
    if (answer === generation) return { answer, problem: undefined };
    const silence = `${driver.name} did not acknowledge generation ${generation} within ${timeoutMs} ms`;
    const gaveUp = `${driver.name} could not load generation ${generation}`;
    const what = hasGivenUp(complaint) ? gaveUp : silence;
    const where = answer === undefined ? 'it does not answer' : `it runs generation ${answer}`;
    return { answer, problem: withWords(refusal ?? `${what}: ${where}`, complaint, refusal) };
  }

  /** What a failure to record it costs is a question to the proxy at the next start. */
  async #acknowledge(
    generation: number,
    changedFiles: readonly string[],
    by: 'reload' | 'runtime' = 'reload',
  ): Promise<ApplyResult> {
    const { owner, keepGenerations, logger } = this.#options;
    try {
      await recordAcknowledged(this.#layout, generation, owner);
      await prune(this.#layout, keepGenerations, { current: generation, acknowledged: generation });
    } catch (error) {
      logger.error({ generation, error }, 'cannot record that the proxy acknowledged a generation');
    }
    return { type: 'applied', by, generation, changedFiles };
  }

  /**
   * Goes back to the generation that was acknowledged. Not when there is none, and not when no proxy answered before or
   * since: then nothing runs that could be kept, and the next proxy to start shall find the newest.
   */
  async #recover(
    { generation, acknowledged, before }: Attempt,
    { answer, problem }: { readonly answer: number | undefined; readonly problem: string },
    signal: AbortSignal,
  ): Promise<ApplyResult> {
    const silent = before === undefined && answer === undefined;
    if (silent || acknowledged === undefined || acknowledged.number === generation) {
      return { type: 'unacknowledged', generation, message: problem };
    }
    try {
      await movePointer(this.#layout, 'current', acknowledged.number, this.#options.owner);
    } catch (error) {
      const message = `${problem}; and generation ${acknowledged.number} cannot be installed again: ${String(error)}`;
      return { type: 'unacknowledged', generation, message };
    }
    const back = await this.#load(acknowledged.number, answer, signal);
    await this.#dropFailed(acknowledged.number);
    const message = back.problem === undefined ? problem : `${problem}; and then: ${back.problem}`;
    return { type: 'rolled-back', generation: acknowledged.number, message };
  }

  async #dropFailed(generation: number): Promise<void> {
    const { keepGenerations, logger } = this.#options;
    await prune(this.#layout, keepGenerations, { current: generation, acknowledged: generation }).catch(
      (error: unknown) => logger.warn({ error }, 'cannot remove old generations'),
    );
  }
}

function hasGivenUp(complaint: Complaint | undefined): boolean {
  return complaint?.isFinal === true;
}

/** A driver that tells why it could not load it has said it all. */
function withWords(what: string, complaint: Complaint | undefined, refusal: string | undefined): string {
  if (complaint !== undefined) return `${what}; it says: ${complaint.text}`;
  return refusal === undefined ? `${what}; its error log says more` : what;
}

async function reloadProblem(driver: ProxyDriver, signal: AbortSignal): Promise<string | undefined> {
  try {
    await driver.reload(signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}
