import type { Diagnostic } from '../model/diagnostics.ts';
import { NOTHING_EXCLUDED, type Exclusions } from '../model/exclusions.ts';
import { quarantined } from '../model/problems.ts';
import { formatRef, type ObjectRef } from '../model/refs.ts';
import type { Charge } from './blame.ts';
import { sameInputs, type Inputs, type InputsOf } from './inputs.ts';

/** What is left out because the proxy refuses it, by `formatRef` of the object. A value: nothing of it ever changes. */
export type Quarantine = ReadonlyMap<string, QuarantineEntry>;

export interface QuarantineEntry {
  readonly object: ObjectRef;
  /** What the object and all that it refers to were when it was refused. */
  readonly inputs: Inputs;
  /** By part; the part of the whole object is empty, and then the only one. */
  readonly parts: ReadonlyMap<string, Diagnostic>;
}

export const EMPTY_QUARANTINE: Quarantine = new Map();

/** Without what has changed since, which is to be tried again, and without what is gone. */
export function review(quarantine: Quarantine, inputsOf: InputsOf): Quarantine {
  const kept = [...quarantine].filter(([, { object, inputs }]) => sameInputs(inputs, inputsOf(object)));
  return kept.length === quarantine.size ? quarantine : new Map(kept);
}

/**
 * With one more charge. An object that is charged again although parts of it are left out is left out as a whole. The same
 * quarantine when that is the case already: the charge says nothing then.
 */
export function withCharge(quarantine: Quarantine, charge: Charge, isAgain: boolean, inputsOf: InputsOf): Quarantine {
  const { object } = charge;
  const inputs = inputsOf(object);
  const key = formatRef(object);
  const known: QuarantineEntry['parts'] = quarantine.get(key)?.parts ?? new Map();
  if (inputs === undefined || known.has('')) return quarantine;
  const part = isAgain || known.has(charge.part) ? '' : charge.part;
  const source = { object, field: part };
  const diagnostic = quarantined(source, charge.complaint, charge.excerpt, charge.by === 'reload');
  const parts = part === '' ? new Map([['', diagnostic]]) : new Map([...known, [part, diagnostic]]);
  return new Map([...quarantine, [key, { object, inputs, parts }]]);
}

export function exclusionsOf(quarantine: Quarantine): Exclusions {
  if (quarantine.size === 0) return NOTHING_EXCLUDED;
  const objects = new Set<string>();
  const parts = new Map<string, ReadonlySet<string>>();
  for (const [key, entry] of quarantine) {
    if (entry.parts.has('')) objects.add(key);
    else parts.set(key, new Set(entry.parts.keys()));
  }
  return { objects, parts };
}

/** In the order of the objects' names. */
export function diagnosticsOf(quarantine: Quarantine): readonly Diagnostic[] {
  const keys = [...quarantine.keys()].sort();
  return keys.flatMap((key) => [...(quarantine.get(key)?.parts.values() ?? [])]);
}
