import { exclusionsOf } from '../../apply/quarantine.ts';
import type { Clock } from '../../model/clock.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Logger } from '../../model/logger.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import { isTaken, type GateState, type Passed } from './gate-state.ts';
import type { Compiled } from './pipeline.ts';
import { reloadFails } from './reload-fails.ts';
import { ReloadSearch, RELOADS_PER_PASS, RELOADS_PER_SEARCH } from './reload-search.ts';
import { SecondTries } from './second-tries.ts';
import type { Trial } from './trial.ts';

/** The first may have been bad luck: memory, a port that was taken for a moment. */
const ROLL_BACKS_BEFORE_SEARCH = 2;
/** To find out would take away most of what is served. */
const ALL_DIFFER =
  'most Ingresses are written in another way than before the start, as by other flags, templates or another release';

/**
 * Finds out why the proxy does not take over what its checker accepts: because of Ingresses that changed, which are then left
 * out, or for a reason that is nobody's. The first may be over without any change of an object, as when a port becomes
 * free: they are tried again now and then.
 */
export class ReloadBlame {
  readonly #state: GateState;
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tries: SecondTries;
  /** In a row, since the last search. */
  #rollBacks: readonly string[] = [];
  #search: ReloadSearch | undefined;
  #shared: Diagnostic | undefined;

  constructor(state: GateState, logger: Logger, clock: Pick<Clock, 'now'>) {
    this.#state = state;
    this.#logger = logger;
    this.#clock = clock;
    this.#tries = new SecondTries(clock);
  }

  /** Why no reload goes well, until one does. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#shared === undefined ? [] : [this.#shared];
  }

  /** Something that is left out is to be tried again. */
  get isDue(): boolean {
    return this.#tries.due !== undefined;
  }

  /** `first`: all but what is in quarantine. `undefined` when that is what the proxy has to be given. */
  async pass(trial: Trial, first: Compiled): Promise<Passed | undefined> {
    this.#tries.keep((key) => this.#state.quarantine.get(key)?.parts.has('') === true);
    this.#search ??= this.#begin(trial, first);
    return this.#search === undefined ? this.#tryAgain(trial, first) : this.#goOn(trial, first, this.#search);
  }

  /** The proxy did not take over all but what is in quarantine. */
  noteRollBack(trial: Trial, compiled: Compiled, message: string): void {
    this.#rollBacks = [...this.#rollBacks, message];
    if (this.#rollBacks.length < ROLL_BACKS_BEFORE_SEARCH) return;
    const hindrance = this.#hindrance(trial, compiled);
    if (hindrance !== undefined) this.#share(message, hindrance);
  }

  /** What a pass ended with. */
  settle({ applied }: Passed): void {
    if (!isTaken(applied)) return;
    this.#rollBacks = [];
    this.#shared = undefined;
  }

  /** Why no Ingress is to be blamed; `undefined` when it is to be found out. */
  #hindrance(trial: Trial, compiled: Compiled): string | undefined {
    if (this.#state.good === undefined) return 'what has changed since sluice started is not known';
    const { good, others } = this.#state.split(trial, compiled);
    if (others.length === 0) return 'no Ingress has changed';
    if (!this.#state.isFromFiles) return undefined;
    const open = this.#state.open(trial, compiled);
    const isServed = (object: ObjectRef | undefined) => object !== undefined && this.#state.isServed(object);
    const lost = others.filter((key) => isServed(open.get(key))).length;
    return lost > Math.max(1, good.length) ? ALL_DIFFER : undefined;
  }

  #begin(trial: Trial, first: Compiled): ReloadSearch | undefined {
    const message = this.#rollBacks.at(-1);
    if (message === undefined || this.#rollBacks.length < ROLL_BACKS_BEFORE_SEARCH) return undefined;
    this.#rollBacks = [];
    if (this.#hindrance(trial, first) !== undefined) return undefined;
    const { good, others } = this.#state.split(trial, first);
    const search = ReloadSearch.of(good, others, message);
    const fields = { candidates: others.length, mostReloads: RELOADS_PER_SEARCH, reason: message };
    if (search !== undefined) this.#logger.info(fields, 'looking by reloads for what the proxy does not take over');
    return search;
  }

  /** As far as one pass may; what is found to be good is served meanwhile. */
  async #goOn(trial: Trial, first: Compiled, search: ReloadSearch): Promise<Passed> {
    const open = this.#state.open(trial, first);
    search.realign(open, trial.inputsOf);
    let last: Passed | undefined;
    for (let reloads = 0; reloads < RELOADS_PER_PASS && search.wanted !== undefined; reloads += 1) {
      const exclusions = this.#state.closing(this.#state.only(search.wanted, open));
      const compiled = trial.scene.compile(exclusions);
      const applied = search.isProof ? await trial.renew(compiled.bundle) : await trial.apply(compiled.bundle);
      last = this.#state.end(trial, compiled, applied, exclusions);
      if (!trial.scene.mayBlame() || !search.judge(applied.result, open, trial.inputsOf)) {
        this.#search = undefined;
        return { ...last, isUnfinished: true };
      }
    }
    // After a roll-back, the next try is left to the pauses that grow.
    if (last !== undefined && search.wanted !== undefined)
      return { ...last, isUnfinished: last.applied.result.type !== 'rolled-back' };
    return this.#end(trial, search, last);
  }

  async #end(trial: Trial, search: ReloadSearch, last: Passed | undefined): Promise<Passed> {
    this.#search = undefined;
    const { charges, reloads, sharedProblem } = search;
    this.#logger.info({ reloads, found: charges.length, isShared: sharedProblem !== undefined }, 'that search is over');
    if (sharedProblem !== undefined) this.#share(sharedProblem, 'nor the same without the Ingresses that changed');
    for (const charge of charges) {
      this.#state.putAway(trial, charge, true);
      this.#tries.postpone(formatRef(charge.object), 0);
    }
    if (last !== undefined && charges.length === 0 && !search.isCut) return last;
    const compiled = trial.scene.compile(this.#state.closing(exclusionsOf(this.#state.quarantine)));
    const applied = await trial.apply(compiled.bundle);
    if (applied.result.type === 'rolled-back') this.noteRollBack(trial, compiled, applied.result.message);
    return this.#state.end(trial, compiled, applied);
  }

  /** One that is left out, on top of what the proxy runs: only when nothing else is new, so that it answers for itself. */
  async #tryAgain(trial: Trial, first: Compiled): Promise<Passed | undefined> {
    const key = this.#tries.due;
    if (key === undefined || this.#state.good?.digest !== first.bundle.digest) return undefined;
    const others = new Map(this.#state.quarantine);
    others.delete(key);
    const exclusions = this.#state.closing(exclusionsOf(others));
    const compiled = trial.scene.compile(exclusions);
    const startedAt = this.#clock.now();
    const applied = await trial.apply(compiled.bundle);
    if (isTaken(applied)) {
      this.#state.quarantine = others;
      return this.#state.end(trial, compiled, applied);
    }
    const pauseMs = this.#tries.postpone(key, this.#clock.now() - startedAt);
    this.#logger.info({ object: key, pauseMs, reason: reasonOf(applied.result) }, 'tried again in vain');
    return undefined;
  }

  /** Words that differ in numbers only, as those of generations, are no news. */
  #share(message: string, what: string): void {
    const next = reloadFails(message, what);
    if (withoutNumbers(next.message) !== withoutNumbers(this.#shared?.message ?? '')) this.#shared = next;
  }
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '#');
}

function reasonOf(result: ApplyResult): string | undefined {
  return 'message' in result ? result.message : undefined;
}
