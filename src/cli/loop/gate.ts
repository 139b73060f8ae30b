import type { Applied, Checked } from '../../apply/apply.ts';
import { chargesOf, type Charge, type Refusal } from '../../apply/blame.ts';
import { sameInputs, type InputsOf } from '../../apply/inputs.ts';
import {
  diagnosticsOf,
  EMPTY_QUARANTINE,
  exclusionsOf,
  review,
  withCharge,
  type Quarantine,
} from '../../apply/quarantine.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Exclusions } from '../../model/exclusions.ts';
import type { Logger } from '../../model/logger.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { configRefused } from '../../model/problems.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import type { Compiled } from './pipeline.ts';
import { ReloadSearch, RELOADS_PER_PASS, ROLL_BACKS_BEFORE_BLAME } from './reload-search.ts';
import { Search } from './search.ts';
import { onlyIngresses, Trial, type Scene, type TrialParts } from './trial.ts';

export interface GateParts extends TrialParts {
  readonly logger: Logger;
  /** No proxy runs anything yet: some of the objects are better than none. */
  readonly isFirstStart: boolean;
}

/** What came of a pass. */
export interface Passed {
  readonly compiled: Compiled;
  readonly applied: Applied;
  /** What is left out, and why. */
  readonly diagnostics: readonly Diagnostic[];
  /** There is more to find out, at once. */
  readonly isUnfinished: boolean;
}

/** What the proxy was last known to take. */
interface Good {
  readonly inputsOf: InputsOf;
  readonly exclusions: Exclusions;
}

/**
 * Brings configurations to the proxy without what it refuses, so that one object never holds up the others. Whose line the
 * proxy names is left out; when its words lead nowhere, those at fault are searched for. What is left out is tried again
 * when it, or what it refers to, changes.
 */
export class Gate {
  readonly #parts: GateParts;
  #quarantine: Quarantine = EMPTY_QUARANTINE;
  #good: Good | undefined;
  #search: Search | undefined;
  #reloads: ReloadSearch | undefined;
  /** Configurations in a row that the proxy did not take over although its checker accepted them. */
  #rollBacks = 0;
  /** Complaints since the last good configuration, by kind: whom they were about first, and whether that was found to be true. */
  readonly #heard = new Map<string, { readonly object: ObjectRef; readonly isTrue: boolean | undefined }>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** What was left out when the last pass ended. */
  get diagnostics(): readonly Diagnostic[] {
    return diagnosticsOf(this.#quarantine);
  }

  /** `onCompiled` hears of what is rendered first. Rejects on abort. */
  async pass(scene: Scene, onCompiled: (compiled: Compiled) => void, signal: AbortSignal): Promise<Passed> {
    const trial = new Trial(scene, this.#parts, signal);
    this.#quarantine = review(this.#quarantine, trial.inputsOf);
    const before = this.#quarantine;
    const compiled = scene.compile(exclusionsOf(before));
    onCompiled(compiled);
    const isAboutObjects = scene.mayBlame();
    if (this.#search !== undefined && isAboutObjects) return this.#searchOn(trial, compiled, this.#search);
    if (this.#reloads !== undefined && isAboutObjects) return this.#searchByReload(trial, compiled, this.#reloads);
    return this.#tryAll(trial, compiled, before);
  }

  /** All but what is in quarantine, which grows until the proxy accepts the rest. */
  async #tryAll(trial: Trial, first: Compiled, before: Quarantine): Promise<Passed> {
    let compiled = first;
    for (;;) {
      const mayBlame = trial.scene.mayBlame();
      const applied = await trial.apply(compiled.bundle);
      const { result } = applied;
      if (result.type === 'rolled-back' && mayBlame) this.#noteRollBack(trial, compiled, result.message);
      if (result.type !== 'refused' || !mayBlame) return this.#end(trial, compiled, applied);
      const use = await this.#charge(trial, compiled, result);
      if (trial.left === 0) return { ...this.#end(trial, compiled, applied), isUnfinished: true };
      if (use !== 'charged') return this.#beginSearch(trial, compiled, { before, isMisled: use === 'misled' });
      compiled = trial.scene.compile(exclusionsOf(this.#quarantine));
    }
  }

  #end(trial: Trial, compiled: Compiled, applied: Applied, exclusions = exclusionsOf(this.#quarantine)): Passed {
    const { type } = applied.result;
    if (type === 'applied' || type === 'unchanged') {
      this.#good = { inputsOf: trial.inputsOf, exclusions };
      this.#heard.clear();
      this.#rollBacks = 0;
    }
    const ours = trial.ingresses(compiled);
    const told = this.diagnostics.filter(({ object }) => object?.kind !== 'Ingress' || ours.has(formatRef(object)));
    return { compiled, applied, diagnostics: told, isUnfinished: false };
  }

  /** Whether the proxy took the object, as it is now, in the last configuration that it accepted. */
  #wasGood(object: ObjectRef, trial: Trial): boolean {
    if (this.#good?.exclusions.objects.has(formatRef(object)) !== false) return false;
    return sameInputs(this.#good.inputsOf(object), trial.inputsOf(object));
  }

  /** Puts into quarantine whom the refusal names; not those whom the proxy has taken before: somebody else is new. */
  async #charge(
    trial: Trial,
    compiled: Compiled,
    refusal: Refusal,
    taken: ReadonlySet<string> = new Set(),
  ): Promise<'charged' | 'useless' | 'misled'> {
    const before = this.#quarantine;
    const isNew = ({ object }: Charge) => !taken.has(formatRef(object)) && !this.#wasGood(object, trial);
    const charges = chargesOf(compiled.bundle, refusal).filter(isNew);
    for (const charge of charges) if (await this.#misleads(trial, compiled, charge)) return 'misled';
    for (const charge of charges) {
      this.#heard.set(kindOf(charge), this.#heard.get(kindOf(charge)) ?? { object: charge.object, isTrue: undefined });
      this.#putAway(trial, charge, before.has(formatRef(charge.object)));
    }
    return this.#quarantine === before ? 'useless' : 'charged';
  }

  #putAway(trial: Trial, charge: Charge, isAgain: boolean): void {
    const next = withCharge(this.#quarantine, charge, isAgain, trial.inputsOf);
    if (next === this.#quarantine) return;
    this.#quarantine = next;
    const { object, part: field, complaint, excerpt } = charge;
    const fields = { object: formatRef(object), field, complaint, place: excerpt?.place, lines: excerpt?.lines };
    this.#parts.logger.warn(fields, 'left out, because the proxy refuses it');
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
    if (heard.object.kind !== 'Ingress' || !this.#quarantine.has(key) || trial.left < 2) return false;
    const others = new Map(this.#quarantine);
    others.delete(key);
    const alone = onlyIngresses(new Set([key]), trial.ingresses(compiled).keys(), exclusionsOf(others));
    const { bundle } = trial.scene.compile(alone);
    if (!trial.scene.mayBlame()) return false;
    const { type } = await trial.check(bundle);
    if (type === 'accepted') this.#quarantine = others;
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
    const bare = trial.scene.compile(onlyIngresses(new Set(), all.keys(), exclusionsOf(this.#quarantine)));
    const checked = await trial.check(bare.bundle);
    if (checked.type === 'accepted') {
      const open = [...this.#open(trial, compiled)];
      const good = open.filter(([, object]) => this.#wasGood(object, trial));
      const others = open.filter(([, object]) => !this.#wasGood(object, trial));
      const keys = (list: typeof open) => list.map(([key]) => key);
      return this.#searchOn(trial, compiled, new Search(keys(good), keys(others), isMisled));
    }
    this.#quarantine = before;
    this.#heard.clear();
    const ended = this.#end(trial, compiled, { result: checked, timings: {} });
    if (checked.type === 'failed' || !trial.scene.mayBlame()) return ended;
    return { ...ended, diagnostics: [...ended.diagnostics, configRefused(checked.message)] };
  }

  /** Goes on with a search as far as this pass may, and has the proxy run what is known to be good. */
  async #searchOn(trial: Trial, first: Compiled, search: Search): Promise<Passed> {
    this.#search = search;
    const problem = await this.#advance(trial, first, search);
    const isOver = search.wanted === undefined;
    if (isOver) this.#search = undefined;
    const mayServe = isOver || (search.hasAllGood && (this.#good !== undefined || this.#parts.isFirstStart));
    if (problem?.type === 'failed' || !mayServe) {
      const ended = this.#end(trial, first, { result: problem ?? NOT_KNOWN, timings: {} });
      return { ...ended, isUnfinished: problem?.type !== 'failed' };
    }
    const exclusions = this.#only(new Set(search.kept), this.#open(trial, first));
    const compiled = trial.scene.compile(exclusions);
    const applied = await trial.apply(compiled.bundle);
    return { ...this.#end(trial, compiled, applied, exclusions), isUnfinished: !isOver };
  }

  /** When it is no longer bad luck, the next pass begins to look for those at fault. */
  #noteRollBack(trial: Trial, compiled: Compiled, message: string): void {
    this.#rollBacks += 1;
    if (this.#rollBacks < ROLL_BACKS_BEFORE_BLAME || this.#good === undefined) return;
    const open = [...this.#open(trial, compiled)];
    const keys = (isGood: boolean) =>
      open.filter(([, object]) => this.#wasGood(object, trial) === isGood).map(([key]) => key);
    this.#reloads = ReloadSearch.of(keys(true), keys(false), message);
    this.#rollBacks = 0;
  }

  async #searchByReload(trial: Trial, first: Compiled, search: ReloadSearch): Promise<Passed> {
    const open = this.#open(trial, first);
    search.realign(open, trial.inputsOf);
    let last: Passed | undefined;
    for (let reloads = 0; reloads < RELOADS_PER_PASS && search.wanted !== undefined; reloads += 1) {
      const exclusions = this.#only(search.wanted, open);
      const compiled = trial.scene.compile(exclusions);
      const applied = await trial.apply(compiled.bundle);
      last = this.#end(trial, compiled, applied, exclusions);
      if (!trial.scene.mayBlame() || !search.judge(applied.result, open, trial.inputsOf)) {
        this.#reloads = undefined;
        return { ...last, isUnfinished: true };
      }
    }
    // After a roll-back, the next try is left to the pauses that grow.
    if (last !== undefined && search.wanted !== undefined)
      return { ...last, isUnfinished: last.applied.result.type !== 'rolled-back' };
    return this.#endReloads(trial, search, last);
  }

  async #endReloads(trial: Trial, { charges }: ReloadSearch, last: Passed | undefined): Promise<Passed> {
    this.#reloads = undefined;
    for (const charge of charges) this.#putAway(trial, charge, true);
    if (last !== undefined && charges.length === 0) return last;
    const compiled = trial.scene.compile(exclusionsOf(this.#quarantine));
    return this.#end(trial, compiled, await trial.apply(compiled.bundle));
  }

  /** Leaves one run of the checker for what it finds. Returns the last refusal, or why the checker cannot be asked. */
  async #advance(
    trial: Trial,
    first: Compiled,
    search: Search,
  ): Promise<Exclude<Checked, { type: 'accepted' }> | undefined> {
    let last: Refusal | undefined;
    let open = this.#open(trial, first);
    search.realign(open, trial.inputsOf);
    while (search.wanted !== undefined && trial.left > 1) {
      const { bundle } = trial.scene.compile(this.#only(search.wanted, open));
      if (!trial.scene.mayBlame()) break;
      const checked = await trial.check(bundle);
      if (checked.type === 'failed') return checked;
      if (checked.type === 'refused') last = checked;
      const before = this.#quarantine;
      const isExplained = last === checked && (await this.#isExplained(trial, { ...first, bundle }, last));
      const isOther = this.#quarantine !== before;
      if (!isExplained) for (const charge of search.judge(bundle, checked, open)) this.#putAway(trial, charge, true);
      open = this.#open(trial, first);
      if (isOther) search.realign(open, trial.inputsOf);
    }
    return last;
  }

  /** Ingresses that are not left out as a whole. */
  #open(trial: Trial, compiled: Compiled): ReadonlyMap<string, ObjectRef> {
    const all = trial.ingresses(compiled);
    return new Map([...all].filter(([key]) => this.#quarantine.get(key)?.parts.has('') !== true));
  }

  /** While it searches, the proxy may well say whose line it is about. */
  async #isExplained(trial: Trial, compiled: Compiled, refusal: Refusal): Promise<boolean> {
    const search = this.#search;
    if (search === undefined || search.isMisled || trial.left < 2) return false;
    return (await this.#charge(trial, compiled, refusal, new Set(search.kept))) === 'charged';
  }

  #only(wanted: ReadonlySet<string>, open: ReadonlyMap<string, ObjectRef>): Exclusions {
    return onlyIngresses(wanted, open.keys(), exclusionsOf(this.#quarantine));
  }
}

const NOT_KNOWN: ApplyResult = {
  type: 'refused',
  message: 'it is not known yet which objects are at fault',
  places: [],
};

/** Two complaints that differ in numbers only are of a kind. */
function kindOf({ complaint }: Charge): string {
  return complaint.replace(/\d+/g, '#');
}
