import type { Charge } from '../../apply/blame.ts';
import type { InputsOf } from '../../apply/inputs.ts';
import type { ConfigBundle } from '../../model/bundle.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import { Search } from './search.ts';

/** Real reloads of one pass; a pass that ends in a roll-back is followed by a pause that grows. */
export const RELOADS_PER_PASS = 2;
/** The first may have been bad luck: memory, a port that was taken for a moment. */
export const ROLL_BACKS_BEFORE_BLAME = 2;

type Open = ReadonlyMap<string, ObjectRef>;

/**
 * Finds out by reloads which of the Ingresses that changed keep the proxy from taking a configuration over which its
 * checker accepts. Nobody is charged unless a reload went well in between: else reloads fail whoever is in them.
 */
export class ReloadSearch {
  readonly #search: Search;
  readonly #charges: Charge[] = [];
  #hasReloaded = false;

  /** `undefined` when there is nothing to tell apart. */
  static of(good: readonly string[], changed: readonly string[], message: string): ReloadSearch | undefined {
    return changed.length < 2 ? undefined : new ReloadSearch(good, changed, message);
  }

  private constructor(good: readonly string[], changed: readonly string[], message: string) {
    this.#search = new Search(good, changed, true);
    if (good.length > 0) this.#search.judge(NO_FILES, { type: 'accepted' }, new Map());
    this.#search.judge(NO_FILES, { type: 'refused', message, places: [] }, new Map());
  }

  /** The Ingresses to try next, together; `undefined` when all is known. */
  get wanted(): ReadonlySet<string> | undefined {
    return this.#search.wanted;
  }

  /** Who is at fault, as far as that is proven. */
  get charges(): readonly Charge[] {
    return this.#hasReloaded ? this.#charges : [];
  }

  realign(open: Open, inputsOf: InputsOf): void {
    const rejected = new Set(this.#charges.map(({ object }) => formatRef(object)));
    this.#search.realign(new Map([...open].filter(([key]) => !rejected.has(key))), inputsOf);
  }

  /** Takes notice of what became of `wanted`. False when that says nothing about a reload. */
  judge(result: ApplyResult, open: Open, inputsOf: InputsOf): boolean {
    const { type } = result;
    if (type !== 'applied' && type !== 'unchanged' && type !== 'rolled-back') return false;
    const verdict =
      type === 'rolled-back'
        ? ({ type: 'refused', message: result.message, places: [] } as const)
        : ({ type: 'accepted' } as const);
    this.#charges.push(...this.#search.judge(NO_FILES, verdict, open));
    if (!this.#hasReloaded && type === 'applied' && result.by === 'reload') this.#begin(open, inputsOf);
    return true;
  }

  /** The first reload that goes well: who was rejected before it gets another try. */
  #begin(open: Open, inputsOf: InputsOf): void {
    this.#hasReloaded = true;
    this.#charges.length = 0;
    this.#search.realign(open, inputsOf);
  }
}

const NO_FILES: ConfigBundle = { files: new Map(), digest: '', stamp: () => [] };
