import type { ConfigBundle } from '../model/bundle.ts';
import type { ApplyResult } from '../model/outcome.ts';
import type { CheckResult } from '../proxies/driver.ts';
import { waitForGeneration } from './acknowledge.ts';
import { Activator, type ActivatorOptions, type Attempt, type Updated } from './activate.ts';
import { changesSince, type Changes } from './changes.ts';
import { install } from './install.ts';
import { readInstalled, type Installed } from './installed.ts';
import { Inspector } from './integrity.ts';
import { layoutOf, listGenerations, prepareLayout, type Layout } from './layout.ts';
import type { Generation } from './manifest.ts';
import { plan } from './plan.ts';
import { repairInstalled } from './repair.ts';
import { runtimeChange } from './runtime.ts';
import { orFailed, orStageError, stageError, StageError } from './stage-error.ts';
import { stage, type Staged } from './stage.ts';

export interface ApplierOptions extends ActivatorOptions {
  /** Absolute. */
  readonly configDir: string;
  /** Absolute. Sockets, pid file and temporary files of the proxy; created when it is missing. */
  readonly runDirectory: string;
  /** Group that reads what is for the workers of the proxy. */
  readonly workers?: (bundle: ConfigBundle) => number | undefined;
}

export interface Applied {
  readonly result: ApplyResult;
  /**
   * Milliseconds for `update`, `stage`, `check`, `seal` (beside the check), `install` and `reload` (up to the
   * acknowledgement), as far as it came.
   */
  readonly timings: Readonly<Record<string, number>>;
}

/** What the proxy's checker thinks of a configuration; `failed`: it could not be asked. */
export type Checked = { readonly type: 'accepted' } | Extract<ApplyResult, { type: 'refused' | 'failed' }>;

/** Brings configurations to the proxy, one at a time: calls that overlap wait for each other. They reject on abort. */
export interface Applier {
  /**
   * Comes before the other two: clears up after a crash, goes back to the newest complete generation when the installed one
   * is damaged, starts a supervised proxy on what is installed, and brings disk and proxy to one generation. `undefined`
   * when none is installed. @throws Error when the directory cannot be used.
   */
  start(signal: AbortSignal): Promise<ApplyResult | undefined>;
  /** Does nothing when the proxy runs this already; what came to nothing is to be tried again by the caller. */
  apply(bundle: ConfigBundle, signal: AbortSignal): Promise<Applied>;
  /** The same, but always by a reload: proves whether the proxy takes over any configuration at all. */
  renew(bundle: ConfigBundle, signal: AbortSignal): Promise<Applied>;
  /** Asks the checker only: nothing is installed, and nothing of it stays on disk. */
  check(bundle: ConfigBundle, signal: AbortSignal): Promise<Checked>;
  /** Compares with the generation that was last acknowledged; `undefined` when there is none, or it cannot be read. */
  compare(bundle: ConfigBundle): Promise<Changes | undefined>;
  /**
   * Asks the proxy what it runs and, if that is not what is installed, makes it. What was damaged on disk is written anew.
   * To be called now and then: it reads manifests, and looks at a hundred files at a time.
   */
  verify(signal: AbortSignal): Promise<ApplyResult | undefined>;
}

export function createApplier(options: ApplierOptions): Applier {
  const applier = new GenerationApplier(options);
  let last: Promise<unknown> = Promise.resolve();
  const serial = <T>(task: () => Promise<T>): Promise<T> => {
    const run = last.then(task);
    last = run.catch(() => undefined);
    return run;
  };
  return {
    start: (signal) => serial(() => applier.start(signal)),
    apply: (bundle, signal) => serial(() => applier.apply(bundle, 'as-needed', signal)),
    renew: (bundle, signal) => serial(() => applier.apply(bundle, 'always', signal)),
    check: (bundle, signal) => serial(() => applier.check(bundle, signal)),
    compare: (bundle) => serial(() => applier.compare(bundle)),
    verify: (signal) => serial(() => applier.verify(signal)),
  };
}

class GenerationApplier {
  readonly #options: ApplierOptions;
  readonly #layout: Layout;
  readonly #activator: Activator;
  readonly #inspector = new Inspector();
  /** What is installed, unless it is from before the start or came back by a roll-back. */
  #last: ConfigBundle | undefined;
  /** A generation that is not used any more, although its manifest can be read. */
  #damaged: number | undefined;

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#layout = layoutOf(options.configDir);
    this.#activator = new Activator(this.#layout, options);
  }

  async start(signal: AbortSignal): Promise<ApplyResult | undefined> {
    const { driver, runDirectory, owner, logger, acknowledgeTimeoutMs: timeoutMs } = this.#options;
    const error = await prepareLayout(this.#layout, runDirectory, owner);
    if (error !== undefined) logger.warn({ error }, 'cannot remove what a sluice that was killed had begun');
    const { damaged, ...onDisk } = await repairInstalled(this.#layout, { owner, logger });
    this.#damaged = damaged;
    const { current, acknowledged } = await this.#activator.settleDisk(onDisk, signal);
    if (current === undefined) return undefined;
    await driver.ensureStarted?.(signal);
    const running = await driver.runningGeneration(signal);
    if (running !== undefined && running === damaged) return stillInMemory(running, current.number);
    // 0: a sluice that was killed had begun to update it. Waiting does not help.
    if (driver.ensureStarted !== undefined && running !== 0)
      await waitForGeneration(driver, { generation: current.number, timeoutMs, overlapMs: 0 }, signal);
    const before = await driver.runningGeneration(signal);
    return this.#activator.settle(current, { acknowledged, before }, signal);
  }

  async verify(signal: AbortSignal): Promise<ApplyResult | undefined> {
    return orFailed(async () => {
      const { current, acknowledged } = await this.#readInstalled();
      const reason = current === undefined ? 'it is not there' : await this.#inspector.inspect(current);
      if (reason !== undefined && this.#last !== undefined) {
        this.#options.logger.error({ reason }, 'what is installed was damaged on disk: it is written anew');
        this.#damaged = current?.number ?? this.#damaged;
        return this.#apply(this.#last, {}, signal);
      }
      if (current === undefined) return undefined;
      if (reason !== undefined) throw new StageError(`generation ${current.number} is damaged on disk: ${reason}`);
      const before = await this.#options.driver.runningGeneration(signal);
      const result = await this.#activator.settle(current, { acknowledged, before }, signal);
      if (result.type === 'rolled-back') this.#last = undefined;
      return result;
    });
  }

  async apply(bundle: ConfigBundle, reload: 'as-needed' | 'always', signal: AbortSignal): Promise<Applied> {
    const timings: Record<string, number> = {};
    const bring = reload === 'always' ? this.#renew : this.#apply;
    const result = await orFailed(() => bring.call(this, bundle, timings, signal));
    if (result.type === 'rolled-back') this.#last = undefined;
    else if (result.type !== 'refused' && result.type !== 'failed') this.#last = bundle;
    return { result, timings };
  }

  async check(bundle: ConfigBundle, signal: AbortSignal): Promise<Checked> {
    return orFailed(async () => {
      const installed = await this.#readInstalled();
      const generation = await this.#nextNumber(undefined);
      const staged = await this.#stage(bundle, { generation, installed }, signal);
      const checked = await this.#ask(staged, signal).finally(() => staged.remove());
      if (checked.accepted) return { type: 'accepted' };
      return { type: 'refused', message: checked.message, places: checked.places };
    });
  }

  async compare(bundle: ConfigBundle): Promise<Changes | undefined> {
    const installed = await this.#readInstalled().catch(() => undefined);
    return installed?.acknowledged && changesSince(installed.acknowledged, bundle);
  }

  async #apply(bundle: ConfigBundle, timings: Record<string, number>, signal: AbortSignal): Promise<ApplyResult> {
    const asked = this.#options.driver.runningGeneration(signal);
    const [installed, before] = await Promise.all([this.#readInstalled(), asked]);
    const { current, acknowledged } = installed;
    // Whether that is also what runs, only the proxy knows.
    if (current?.manifest.digest === bundle.digest)
      return this.#activator.settle(current, { acknowledged, before }, signal);
    const planned = plan(acknowledged?.manifest, bundle);
    const from = planned.type === 'runtime' ? runningOf(installed, before) : undefined;
    const changedFiles = planned.type === 'nothing' ? [] : planned.changedFiles;
    const updated =
      from && (await timed(timings, 'update', () => this.#update(from, { bundle, changedFiles }, signal)));
    const known = { installed, changedFiles, acknowledged, before, confirm: updated?.confirm };
    const result = await orFailed(() => this.#bring(bundle, known, timings, signal));
    return updated === undefined ? result : withNote(result);
  }

  async #renew(bundle: ConfigBundle, timings: Record<string, number>, signal: AbortSignal): Promise<ApplyResult> {
    const installed = await this.#readInstalled();
    const { acknowledged } = installed;
    const planned = plan(acknowledged?.manifest, bundle);
    const changedFiles = planned.type === 'nothing' ? [] : planned.changedFiles;
    const before = await this.#options.driver.runningGeneration(signal);
    return this.#bring(bundle, { installed, changedFiles, acknowledged, before }, timings, signal);
  }

  /** Writes the bundle as a new generation, and has the proxy run it. */
  async #bring(
    bundle: ConfigBundle,
    { installed, ...known }: Omit<Attempt, 'generation'> & { readonly installed: Installed },
    timings: Record<string, number>,
    signal: AbortSignal,
  ): Promise<ApplyResult> {
    const generation = await this.#nextNumber(known.before);
    const staged = await timed(timings, 'stage', () => this.#stage(bundle, { generation, installed }, signal));
    const checked = await this.#prove(staged, timings, signal);
    if (!checked.accepted) return { type: 'refused', message: checked.message, places: checked.places };
    await timed(timings, 'install', () => this.#install(staged, generation, signal));
    return timed(timings, 'reload', () => this.#activator.activate({ ...known, generation }, signal));
  }

  /** First of all, because it is quick: requests go to the new endpoints while the files are written and checked. */
  async #update(
    from: Generation,
    { bundle, changedFiles }: { readonly bundle: ConfigBundle; readonly changedFiles: readonly string[] },
    signal: AbortSignal,
  ): Promise<Updated | undefined> {
    const { driver, logger } = this.#options;
    if (driver.update === undefined) return undefined;
    const change = await runtimeChange(from, bundle, changedFiles);
    const update = change && (await driver.update(change, signal));
    if (update?.type === 'updated') return update;
    const reason = update?.reason ?? 'the files on disk are not those that were installed';
    logger.info({ reason }, 'the proxy cannot take this change without a reload');
    return undefined;
  }

  /** Damaged is as good as not there: nothing is compared with it, linked to it, or gone back to it. */
  async #readInstalled(): Promise<Installed> {
    const { current, acknowledged } = await orStageError('cannot read what is installed', () =>
      readInstalled(this.#layout),
    );
    const usable = (one: Generation | undefined): Generation | undefined =>
      one?.number === this.#damaged ? undefined : one;
    return { current: usable(current), acknowledged: usable(acknowledged) };
  }

  /** Never a number that a proxy may answer for another configuration, not even when the directory was emptied. */
  #nextNumber(running: number | undefined): Promise<number> {
    return orStageError('cannot list the generations', async () => {
      const newest = (await listGenerations(this.#layout)).at(-1) ?? 0;
      return Math.max(newest, running ?? 0, this.#damaged ?? 0) + 1;
    });
  }

  #stage(
    bundle: ConfigBundle,
    { generation, installed }: { readonly generation: number; readonly installed: Installed },
    signal: AbortSignal,
  ): Promise<Staged> {
    const base = installed.current ?? installed.acknowledged;
    const { owner, workers } = this.#options;
    return stage({ layout: this.#layout, bundle, generation, base, owner, workers: workers?.(bundle) }, signal);
  }

  /**
   * Has the checker read it, and makes it safe against loss of power meanwhile. It is removed when it cannot be installed,
   * once both have ended: neither shall find half of it.
   */
  async #prove(staged: Staged, timings: Record<string, number>, signal: AbortSignal): Promise<CheckResult> {
    const [checked, sealed] = await Promise.allSettled([
      timed(timings, 'check', () => this.#ask(staged, signal)),
      timed(timings, 'seal', () => staged.seal(signal)),
    ]);
    const isProven = sealed.status === 'fulfilled' && checked.status === 'fulfilled' && checked.value.accepted;
    if (!isProven) await staged.remove();
    // What a disk in trouble holds is not for a checker to judge.
    if (sealed.status === 'rejected') throw sealed.reason;
    if (checked.status === 'rejected') throw checked.reason;
    return checked.value;
  }

  async #ask({ directory }: Staged, signal: AbortSignal): Promise<CheckResult> {
    const { driver, logger } = this.#options;
    try {
      const result = await driver.check(directory, signal);
      if (result.accepted && result.warnings !== '')
        logger.warn({ warnings: result.warnings }, 'the proxy warns of the configuration');
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw stageError('cannot check the configuration', error);
    }
  }

  async #install(staged: Staged, generation: number, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      await install(this.#layout, staged.directory, { generation, owner: this.#options.owner });
    } catch (error) {
      await staged.remove();
      signal.throwIfAborted();
      throw stageError(`cannot install generation ${generation}`, error);
    }
  }
}

/** The generation that the proxy is known to run, and to find when it is started again. */
function runningOf({ current, acknowledged }: Installed, answer: number | undefined): Generation | undefined {
  return current?.number === answer && acknowledged?.number === answer ? acknowledged : undefined;
}

/** It goes on until the next pass brings what is newest: an older configuration would be a step back for every client. */
function stillInMemory(running: number, generation: number): ApplyResult {
  const message = `generation ${running} is damaged on disk, and the proxy still has it in memory; for its next start generation ${generation} is installed`;
  return { type: 'unacknowledged', generation, message };
}

const NOTE = 'the running proxy has the new endpoints already';

/** Only what comes to nothing: the proxy has no number then, and what is installed next is loaded in earnest. */
function withNote(result: ApplyResult): ApplyResult {
  if (result.type !== 'refused' && result.type !== 'failed') return result;
  return { ...result, message: `${result.message}; ${NOTE}` };
}

async function timed<T>(timings: Record<string, number>, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    timings[name] = performance.now() - startedAt;
  }
}
