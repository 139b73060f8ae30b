import type { Checked } from '../../apply/apply.ts';
import { chargesOf, type Charge, type Refusal } from '../../apply/blame.ts';
import { exclusionsOf, type Quarantine } from '../../apply/quarantine.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { configRefused } from '../../model/problems.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import { GateState, isTaken, type Passed } from './gate-state.ts';
import type { Compiled } from './pipeline.ts';
import { ReloadBlame } from './reload-blame.ts';
import { Search } from './search.ts';
import { onlyIngresses, Trial, type Scene, type TrialParts } from './trial.ts';

export interface GateParts extends TrialParts {
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
  /** No proxy runs anything yet: some of the objects are better than none. */
  readonly isFirstStart: boolean;
}

/**
 * Brings configurations to the proxy without what it refuses, so that one object never holds up the others. Whose line the
 * proxy names is left out; when its words lead nowhere, those at fault are searched for. What is left out is tried again
 * when it, or what it refers to, changes.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #state: GateState;
  readonly #reloads: ReloadBlame;
  #search: Search | undefined;
  /** Complaints since the last good configuration, by kind: whom they were about first, and whether that was found to be true. */
  readonly #heard = new Map<string, { readonly object: ObjectRef; readonly isTrue: boolean | undefined }>();

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#state = new GateState(parts.logger);
    this.#reloads = new ReloadBlame(this.#state, parts.logger, parts.clock);
  }

  /** There is something to try although nothing has changed. */
  get isDue(): boolean {
    return this.#reloads.isDue;
  }

  /** `onCompiled` hears of what is rendered first. Rejects on abort. */
  async pass(scene: Scene, onCompiled: (compiled: Compiled) => void, signal: AbortSignal): Promise<Passed> {
    const trial = new Trial(scene, this.#parts, signal);
    this.#state.review(trial);
    const compiled = scene.compile(this.#state.closing(exclusionsOf(this.#state.quarantine)));
    onCompiled(compiled);
    const passed = await this.#findOut(trial, compiled);
    if (isTaken(passed.applied)) this.#heard.clear();
    this.#reloads.settle(passed);
    const more = this.#reloads.diagnostics;
    return more.length === 0 ? passed : { ...passed, diagnostics: [...passed.diagnostics, ...more] };
  }

  async #findOut(trial: Trial, compiled: Compiled): Promise<Passed> {
    const before = this.#state.quarantine;
    if (trial.scene.mayBlame()) {
      if (this.#search !== undefined) return this.#searchOn(trial, compiled, this.#search);
      const found = await this.#reloads.pass(trial, compiled);
      if (found !== undefined) return found;
    }
    return this.#tryAll(trial, compiled, before);
  }

  /** All but what is in quarantine, which grows until the proxy accepts the rest. */
  async #tryAll(trial: Trial, first: Compiled, before: Quarantine): Promise<Passed> {
    let compiled = first;
    for (;;) {
      const mayBlame = trial.scene.mayBlame();
      const applied = await trial.apply(compiled.bundle);
      const { result } = applied;
      if (mayBlame) await this.#note(trial, compiled, result);
      if (result.type !== 'refused' || !mayBlame) return this.#state.end(trial, compiled, applied);
      let use = await this.#charge(trial, compiled, result);
      if (trial.left < LEFT_FOR_SEARCH) return { ...this.#state.end(trial, compiled, applied), isUnfinished: true };
      if (use === 'useless' && (await this.#isForClosing(trial, compiled))) use = 'charged';
      if (use !== 'charged') return this.#beginSearch(trial, compiled, { before, isMisled: use === 'misled' });
      compiled = trial.scene.compile(this.#state.closing(exclusionsOf(this.#state.quarantine)));
    }
  }

  /** Whether the proxy refuses what was left out, not what is left: then none of it can stay closed. */
  async #isForClosing(trial: Trial, compiled: Compiled): Promise<boolean> {
    const open = trial.scene.compile(exclusionsOf(this.#state.quarantine));
    if (open.bundle.digest === compiled.bundle.digest || !trial.scene.mayBlame()) return false;
    if ((await trial.check(open.bundle)).type !== 'accepted') return false;
    return this.#state.giveUpClosing(
      [...this.#state.quarantine.values()].map(({ object }) => object),
      trial,
    );
  }

  /**
   * Something is to be blamed on somebody. After a start, only the files tell what the proxy takes; they are compared when that
   * is asked for, not before.
   */
  async #note(trial: Trial, compiled: Compiled, result: ApplyResult): Promise<void> {
    if (result.type !== 'rolled-back' && result.type !== 'refused') return;
    if (this.#state.good === undefined && !this.#parts.isFirstStart) {
      const changes = await trial.compare(compiled.bundle);
      if (changes !== undefined) this.#state.learn(changes, trial, compiled);
    }
    if (result.type === 'rolled-back') this.#reloads.noteRollBack(trial, compiled, result.message);
  }

  /** Puts into quarantine whom the refusal names; not those whom the proxy has taken before: somebody else is new. */
  async #charge(
    trial: Trial,
    compiled: Compiled,
    refusal: Refusal,
    taken: ReadonlySet<string> = new Set(),
  ): Promise<'charged' | 'useless' | 'misled'> {
    const before = this.#state.quarantine;
    const isNew = ({ object }: Charge) => !taken.has(formatRef(object)) && !this.#state.wasGood(object, trial);
    const named = chargesOf(compiled.bundle, refusal);
    const isOut = ({ object }: Charge) =>
      before.get(formatRef(object))?.parts.has('') === true && object.kind === 'Ingress';
    const gaveUp = this.#state.giveUpClosing(
      named.filter(isOut).map(({ object }) => object),
      trial,
    );
    const charges = named.filter((charge) => isNew(charge) && !isOut(charge));
    for (const charge of charges) if (await this.#misleads(trial, compiled, charge)) return 'misled';
    for (const charge of charges) {
      this.#heard.set(kindOf(charge), this.#heard.get(kindOf(charge)) ?? { object: charge.object, isTrue: undefined });
      this.#state.putAway(trial, charge, before.has(formatRef(charge.object)));
    }
    return this.#state.quarantine === before && !gaveUp ? 'useless' : 'charged';
  }

  /**
   * A complaint that comes again although its first object was left out is about that object, or about another one that
   * the proxy does not name, as for a brace that is not closed. That object alone decides it, once.
   */
  async #misleads(trial: Trial, compiled: Compiled, charge: Charge): Promise<boolean> {
    const kind = kindOf(charge);
    const heard = this.#heard.get(kind);
    if (heard === undefined || heard.isTrue !== undefined) return heard?.isTrue === false;
    const key = formatRef(heard.object);
    if (heard.object.kind !== 'Ingress' || !this.#state.quarantine.has(key) || trial.left < 2) return false;
    const others = new Map(this.#state.quarantine);
    others.delete(key);
    const alone = onlyIngresses(new Set([key]), trial.ingresses(compiled).keys(), exclusionsOf(others));
    const { bundle } = trial.scene.compile(alone);
    if (!trial.scene.mayBlame()) return false;
    const { type } = await trial.check(bundle);
    if (type === 'accepted') this.#state.quarantine = others;
    if (type !== 'failed') this.#heard.set(kind, { ...heard, isTrue: type === 'refused' });
    return type === 'accepted';
  }

  /** Nobody is to blame when the proxy refuses a configuration that is made for no Ingress. */
  async #beginSearch(
    trial: Trial,
    compiled: Compiled,
    { before, isMisled }: { readonly before: Quarantine; readonly isMisled: boolean },
  ): Promise<Passed> {
    const all = trial.ingresses(compiled);
    const bare = trial.scene.compile(onlyIngresses(new Set(), all.keys(), exclusionsOf(this.#state.quarantine)));
    const checked = await trial.check(bare.bundle);
    if (checked.type === 'accepted') {
      const { good, others } = this.#state.split(trial, compiled);
      return this.#searchOn(trial, compiled, new Search(good, others, isMisled));
    }
    this.#state.quarantine = before;
    this.#heard.clear();
    const ended = this.#state.end(trial, compiled, { result: checked, timings: {} });
    if (checked.type === 'failed' || !trial.scene.mayBlame()) return ended;
    return { ...ended, diagnostics: [...ended.diagnostics, configRefused(checked.message)] };
  }

  /** Goes on with a search as far as this pass may, and has the proxy run what is known to be good. */
  async #searchOn(trial: Trial, first: Compiled, search: Search): Promise<Passed> {
    this.#search = search;
    const problem = await this.#advance(trial, first, search);
    const isOver = search.wanted === undefined;
    if (isOver) this.#search = undefined;
    const mayServe = isOver || this.#losesNothing(trial, first, search);
    if (problem?.type === 'failed' || !mayServe) {
      const ended = this.#state.end(trial, first, { result: problem ?? NOT_KNOWN, timings: {} });
      return { ...ended, isUnfinished: problem?.type !== 'failed' };
    }
    const exclusions = this.#state.closing(this.#state.only(new Set(search.kept), this.#state.open(trial, first)));
    const compiled = trial.scene.compile(exclusions);
    const applied = await trial.apply(compiled.bundle);
    return { ...this.#state.end(trial, compiled, applied, exclusions), isUnfinished: !isOver };
  }

  /** Whether what is known to be good includes all that the proxy serves now. */
  #losesNothing(trial: Trial, first: Compiled, search: Search): boolean {
    if (this.#state.good === undefined) return this.#parts.isFirstStart;
    const pending = new Set(search.pending);
    const open = [...this.#state.open(trial, first)];
    return open.every(([key, object]) => !pending.has(key) || !this.#state.isServed(object));
  }

  /** Leaves one run of the checker for what it finds. Returns the last refusal, or why the checker cannot be asked. */
  async #advance(
    trial: Trial,
    first: Compiled,
    search: Search,
  ): Promise<Exclude<Checked, { type: 'accepted' }> | undefined> {
    let last: Refusal | undefined;
    let open = this.#state.open(trial, first);
    search.realign(open, trial.inputsOf);
    while (search.wanted !== undefined && trial.left > 1) {
      const { bundle } = trial.scene.compile(this.#state.only(search.wanted, open));
      if (!trial.scene.mayBlame()) break;
      const checked = await trial.check(bundle);
      if (checked.type === 'failed') return checked;
      if (checked.type === 'refused') last = checked;
      const before = this.#state.quarantine;
      const isExplained = last === checked && (await this.#isExplained(trial, { ...first, bundle }, last));
      const isOther = this.#state.quarantine !== before;
      if (!isExplained)
        for (const charge of search.judge(bundle, checked, open)) this.#state.putAway(trial, charge, true);
      open = this.#state.open(trial, first);
      if (isOther) search.realign(open, trial.inputsOf);
    }
    return last;
  }

  /** While it searches, the proxy may well say whose line it is about. */
  async #isExplained(trial: Trial, compiled: Compiled, refusal: Refusal): Promise<boolean> {
    const search = this.#search;
    if (search === undefined || search.isMisled || trial.left < 2) return false;
    return (await this.#charge(trial, compiled, refusal, new Set(search.kept))) === 'charged';
  }
}

/** To find out whether there is to be a search, to begin it, and to have the proxy run what it found. */
const LEFT_FOR_SEARCH = 4;

const NOT_KNOWN: ApplyResult = {
  type: 'refused',
  message: 'it is not known yet which objects are at fault',
  places: [],
};

/** Two complaints that differ in numbers only are of a kind. */
function kindOf({ complaint }: Charge): string {
  return complaint.replace(/\d+/g, '#');
}
