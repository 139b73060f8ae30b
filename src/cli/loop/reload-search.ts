import type { Charge } from '../../apply/blame.ts';
import { sameInputs, type Inputs, type InputsOf } from '../../apply/inputs.ts';
import type { ConfigBundle } from '../../model/bundle.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import { Search } from './search.ts';

/** Real reloads of one pass; a pass that ends in a roll-back is followed by a pause that grows. */
export const RELOADS_PER_PASS = 2;
/** Reloads of one search, without those that roll back. What is not found by then is looked for by the next search. */
export const RELOADS_PER_SEARCH = 24;

type Open = ReadonlyMap<string, ObjectRef>;

interface Proven {
  readonly charge: Charge;
  /** What the object was when it was tried. */
  readonly inputs: Inputs | undefined;
}

/**
 * Finds out by reloads which of the Ingresses that changed keep the proxy from taking a configuration over which its
 * checker accepts. First without all of them: when that fails, reloads fail whoever is in them, and nobody is to blame.
 * Then with all of them: what stood in the way, such as a zone of nginx with another key, may be gone. Then by bisection.
 */
export class ReloadSearch {
  readonly #good: readonly string[];
  readonly #search: Search;
  #proven: readonly Proven[] = [];
  #phase: 'without' | 'with' | 'shared' = 'without';
  #message: string;
  #reloads = 0;

  /** Both oldest first. `undefined` when nothing can be taken away. */
  static of(good: readonly string[], changed: readonly string[], message: string): ReloadSearch | undefined {
    return changed.length === 0 ? undefined : new ReloadSearch(good, changed, message);
  }

  private constructor(good: readonly string[], changed: readonly string[], message: string) {
    this.#good = good;
    this.#message = message;
    this.#search = new Search(good, changed, true);
  }

  /** The Ingresses to try next, together; `undefined` when the search is over. */
  get wanted(): ReadonlySet<string> | undefined {
    if (this.#phase === 'without') return new Set(this.#good);
    return this.#phase === 'shared' || this.isCut ? undefined : this.#search.wanted;
  }

  /** It has to be a reload, even of what the proxy runs already. */
  get isProof(): boolean {
    return this.#phase === 'without';
  }

  /** Why no reload goes well, whoever is in it; `undefined` when that is not so. */
  get sharedProblem(): string | undefined {
    return this.#phase === 'shared' ? this.#message : undefined;
  }

  /** It takes more reloads than one search may have. */
  get isCut(): boolean {
    return this.#reloads >= RELOADS_PER_SEARCH;
  }

  get reloads(): number {
    return this.#reloads;
  }

  /** Who is at fault. */
  get charges(): readonly Charge[] {
    const found = `reloads fail with it, and not without it (${this.#reloads} tried)`;
    return this.#proven.map(({ charge }) => ({
      ...charge,
      complaint: `${found}: ${charge.complaint}`,
      by: 'reload' as const,
    }));
  }

  /** Takes notice of the Ingresses as they are now; who was found to be at fault and has changed since is tried again. */
  realign(open: Open, inputsOf: InputsOf): void {
    this.#proven = this.#proven.filter(({ charge, inputs }) => sameInputs(inputs, inputsOf(charge.object)));
    const rejected = new Set(this.#proven.map(({ charge }) => formatRef(charge.object)));
    this.#search.realign(new Map([...open].filter(([key]) => !rejected.has(key))), inputsOf);
  }

  /** Takes notice of what became of `wanted`. False when that says nothing about a reload. */
  judge(result: ApplyResult, open: Open, inputsOf: InputsOf): boolean {
    const { type } = result;
    if (type !== 'applied' && type !== 'unchanged' && type !== 'rolled-back') return false;
    this.#reloads += 1;
    if (type === 'rolled-back') this.#message = result.message;
    if (this.#phase === 'without') this.#judgeProof(type !== 'rolled-back');
    else this.#judgeTrial(type !== 'rolled-back', open, inputsOf);
    return true;
  }

  #judgeProof(isTaken: boolean): void {
    this.#phase = isTaken ? 'with' : 'shared';
    if (isTaken && this.#good.length > 0) this.#search.judge(NO_FILES, { type: 'accepted' }, new Map());
  }

  #judgeTrial(isTaken: boolean, open: Open, inputsOf: InputsOf): void {
    const verdict = isTaken
      ? ({ type: 'accepted' } as const)
      : ({ type: 'refused', message: this.#message, places: [] } as const);
    const charges = this.#search.judge(NO_FILES, verdict, open);
    this.#proven = [...this.#proven, ...charges.map((charge) => ({ charge, inputs: inputsOf(charge.object) }))];
  }
}

const NO_FILES: ConfigBundle = { files: new Map(), digest: '', stamp: () => [] };
