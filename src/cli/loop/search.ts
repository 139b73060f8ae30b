import { beginAdmission, nextTrial, realign, withVerdict, type Admission } from '../../apply/admit.ts';
import type { Checked } from '../../apply/apply.ts';
import { chargeByTrial, chargesOf, type Charge, type Refusal } from '../../apply/blame.ts';
import { sameInputs, type Inputs, type InputsOf } from '../../apply/inputs.ts';
import type { ConfigBundle } from '../../model/bundle.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';

/** Finds out which Ingresses the proxy takes together, by trying; may go on over several passes. */
export class Search {
  /** The proxy's words are about others than those at fault. */
  readonly isMisled: boolean;
  #admission: Admission<string>;
  /** What the Ingresses were when they were tried. */
  #inputs = new Map<string, Inputs | undefined>();
  #refusal: Refusal = { type: 'refused', message: '', places: [] };

  /** Both oldest first: the Ingresses that the proxy was known to take together, and the others. */
  constructor(good: readonly string[], others: readonly string[], isMisled: boolean) {
    this.isMisled = isMisled;
    this.#admission = beginAdmission(good, others);
  }

  /** What is known to pass. */
  get kept(): readonly string[] {
    return this.#admission.kept;
  }

  /** The Ingresses to check next, together; `undefined` when all is known. */
  get wanted(): ReadonlySet<string> | undefined {
    const next = nextTrial(this.#admission);
    return next === undefined ? undefined : new Set([...this.kept, ...next]);
  }

  /** What is still to be tried. */
  get pending(): readonly string[] {
    return this.#admission.pending.flatMap(({ items }) => items);
  }

  /** Takes notice of the Ingresses as they are now. */
  realign(ingresses: ReadonlyMap<string, ObjectRef>, inputsOf: InputsOf): void {
    const known = this.#inputs;
    const inputs = new Map([...ingresses].map(([key, object]) => [key, inputsOf(object)] as const));
    const listed = new Set([...this.kept, ...this.pending]);
    const added = [...ingresses.keys()].filter((key) => !listed.has(key));
    const isChanged = (key: string) => known.has(key) && !sameInputs(known.get(key), inputs.get(key));
    this.#inputs = inputs;
    this.#admission = realign(this.#admission, { isThere: (key) => inputs.has(key), isChanged }, added);
  }

  /** Takes notice of what a check of `wanted` has shown; charges those who are found to be at fault. */
  judge(bundle: ConfigBundle, checked: Checked, ingresses: ReadonlyMap<string, ObjectRef>): readonly Charge[] {
    if (checked.type === 'refused') this.#refusal = checked;
    const before = this.#admission.rejected.length;
    this.#admission = withVerdict(this.#admission, checked.type === 'accepted');
    const refusal = this.#refusal;
    return this.#admission.rejected.slice(before).flatMap((key) => {
      const object = ingresses.get(key);
      if (object === undefined) return [];
      const named = chargesOf(bundle, refusal).find((charge) => formatRef(charge.object) === key);
      return named ?? chargeByTrial(object, refusal);
    });
  }
}
