import type { Applied } from '../../apply/apply.ts';
import type { Charge } from '../../apply/blame.ts';
import type { Changes } from '../../apply/changes.ts';
import { objectsIn, sameInputs, type Inputs, type InputsOf } from '../../apply/inputs.ts';
import {
  diagnosticsOf,
  EMPTY_QUARANTINE,
  exclusionsOf,
  review,
  withCharge,
  type Quarantine,
} from '../../apply/quarantine.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import { NOTHING_EXCLUDED, type Exclusions } from '../../model/exclusions.ts';
import type { Logger } from '../../model/logger.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import type { Compiled } from './pipeline.ts';
import { onlyIngresses, type Trial } from './trial.ts';

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
  readonly digest: string;
  /** It is from before the start, and known by its files only: objects that it serves, maybe in another version. */
  readonly inFiles?: ReadonlySet<string>;
}

/** What is known from the passes before: what the proxy takes, and what is left out. */
export class GateState {
  readonly #logger: Logger;
  quarantine: Quarantine = EMPTY_QUARANTINE;
  #good: Good | undefined;
  /** Ingresses that cannot stay closed, as they were then. */
  readonly #unclosable = new Map<string, { readonly object: ObjectRef; readonly inputs: Inputs | undefined }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get good(): Good | undefined {
    return this.#good;
  }

  /** What there is to say at the end of a pass. `exclusions`: those that `compiled` was made with. */
  end(trial: Trial, compiled: Compiled, applied: Applied, exclusions = exclusionsOf(this.quarantine)): Passed {
    if (isTaken(applied)) this.#good = { inputsOf: trial.inputsOf, exclusions, digest: compiled.bundle.digest };
    return { compiled, applied, diagnostics: this.#told(trial, compiled), isUnfinished: false };
  }

  #told(trial: Trial, compiled: Compiled): readonly Diagnostic[] {
    const told = diagnosticsOf(this.quarantine);
    if (told.length === 0) return told;
    const ours = trial.ingresses(compiled);
    return told.filter(({ object }) => object?.kind !== 'Ingress' || ours.has(formatRef(object)));
  }

  /**
   * After a start, the files say what the proxy takes: objects whose lines are as they were there, and so are those of what
   * they refer to. Nothing happens when more is known.
   */
  learn({ changed, known }: Changes, trial: Trial, compiled: Compiled): void {
    if (this.#good !== undefined) return;
    const { inputsOf } = trial;
    const isChanged = (object: ObjectRef) => objectsIn(inputsOf(object)).some((key) => changed.has(key));
    const ingresses = [...trial.ingresses(compiled)].flatMap(([key, object]) => (isChanged(object) ? [key] : []));
    const exclusions = { objects: new Set([...changed, ...ingresses]), parts: new Map() };
    this.#good = { inputsOf, exclusions, digest: '', inFiles: known };
  }

  /** All that is known of what the proxy takes is its files. */
  get isFromFiles(): boolean {
    return this.#good?.inFiles !== undefined;
  }

  /** Whether the proxy serves the Ingress, in this version or another one. */
  isServed(object: ObjectRef): boolean {
    const key = formatRef(object);
    if (this.#good?.inFiles?.has(key) === true) return true;
    return this.#good?.exclusions.objects.has(key) === false && this.#good.inputsOf(object) !== undefined;
  }

  /** Whether the proxy took the object, as it is now, in the last configuration that it accepted. */
  wasGood(object: ObjectRef, trial: Trial): boolean {
    if (this.#good?.exclusions.objects.has(formatRef(object)) !== false) return false;
    return sameInputs(this.#good.inputsOf(object), trial.inputsOf(object));
  }

  /** The Ingresses that are not left out as a whole, oldest first: those that the proxy was known to take, and the others. */
  split(trial: Trial, compiled: Compiled): { readonly good: readonly string[]; readonly others: readonly string[] } {
    const open = [...this.open(trial, compiled)];
    const keys = (isGood: boolean) =>
      open.filter(([, object]) => this.wasGood(object, trial) === isGood).map(([key]) => key);
    return { good: keys(true), others: keys(false) };
  }

  /** For what the proxy is to run, not only to check: what is left out, and keeps requests out, stays closed. */
  closing(exclusions: Exclusions): Exclusions {
    if (exclusions === NOTHING_EXCLUDED) return exclusions;
    const keys = [...exclusions.objects, ...exclusions.parts.keys()].filter((key) => !this.#unclosable.has(key));
    return { ...exclusions, closed: new Set(keys) };
  }

  /** The proxy refuses even the closed paths of these. False when that is known. */
  giveUpClosing(objects: readonly ObjectRef[], trial: Trial): boolean {
    const fresh = objects.filter((object) => !this.#unclosable.has(formatRef(object)));
    for (const object of fresh) {
      this.#unclosable.set(formatRef(object), { object, inputs: trial.inputsOf(object) });
      this.#logger.warn(
        { object: formatRef(object) },
        'left out with its paths, because the proxy refuses them even closed',
      );
    }
    return fresh.length > 0;
  }

  /** Tries again what has changed since. */
  review(trial: Trial): void {
    this.quarantine = review(this.quarantine, trial.inputsOf);
    for (const [key, { object, inputs }] of this.#unclosable)
      if (!sameInputs(inputs, trial.inputsOf(object))) this.#unclosable.delete(key);
  }

  putAway(trial: Trial, charge: Charge, isAgain: boolean): void {
    const next = withCharge(this.quarantine, charge, isAgain, trial.inputsOf);
    if (next === this.quarantine) return;
    this.quarantine = next;
    const { object, part: field, complaint, excerpt } = charge;
    const fields = { object: formatRef(object), field, complaint, place: excerpt?.place, lines: excerpt?.lines };
    this.#logger.warn(fields, 'left out, because the proxy refuses it');
  }

  /** Ingresses that are not left out as a whole. */
  open(trial: Trial, compiled: Compiled): ReadonlyMap<string, ObjectRef> {
    const all = trial.ingresses(compiled);
    return new Map([...all].filter(([key]) => this.quarantine.get(key)?.parts.has('') !== true));
  }

  /** Without any other Ingress than these, and without what is left out. */
  only(wanted: ReadonlySet<string>, open: ReadonlyMap<string, ObjectRef>): Exclusions {
    return onlyIngresses(wanted, open.keys(), exclusionsOf(this.quarantine));
  }
}

/** Whether the proxy runs what it was given. */
export function isTaken({ result: { type } }: Applied): boolean {
  return type === 'applied' || type === 'unchanged';
}
