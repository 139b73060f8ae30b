import type { Diagnostic } from '../../model/diagnostics.ts';
import type { IngressIdentity, Outcome } from '../../model/outcome.ts';
import { compareText, objectKey } from '../../model/refs.ts';
import { newOccurrence, type Occurrence } from './event-ledger.ts';

/** What is wrong with an Ingress. */
interface Health {
  readonly hasErrors: boolean;
  /** The same text for the same warnings. */
  readonly warnings: string;
}

interface SyncState {
  /** Of the warnings that were there when it was last told; `undefined` while it has errors. */
  readonly warnings: string | undefined;
  readonly since: number;
  readonly occurrence: Occurrence | undefined;
}

const IN_ERROR: SyncState = { warnings: undefined, since: 0, occurrence: undefined };
const HEALTHY: Health = { hasErrors: false, warnings: '' };
/** Milliseconds; covers the time in which nobody led. */
const HANDOVER_MS = 60_000;

/**
 * Finds the Ingresses that the proxy serves as written: for the first time, or since what was wrong with them has changed.
 * While an error is left there is nothing good to tell; warnings do not stop an Ingress from being served.
 */
export class SyncedIngresses {
  #diagnostics: readonly Diagnostic[] | undefined;
  #ingresses: Outcome['ingresses'] | undefined;
  #health: ReadonlyMap<string, Health> = new Map();
  #states: ReadonlyMap<string, SyncState> = new Map();

  /** @returns one for each that is newly served by an acknowledged generation */
  update({ result, diagnostics, ingresses }: EventOutcome, now: number): readonly Occurrence[] {
    if (result.type !== 'applied' && result.type !== 'unchanged') return [];
    if (diagnostics === this.#diagnostics && ingresses === this.#ingresses) return [];
    if (diagnostics !== this.#diagnostics) this.#health = healthOf(diagnostics);
    this.#diagnostics = diagnostics;
    this.#ingresses = ingresses;
    const last = this.#states;
    const next = new Map<string, SyncState>();
    for (const ingress of ingresses) {
      if (ingress.uid !== '') next.set(ingress.uid, this.#stateOf(ingress, result.generation, now));
    }
    this.#states = next;
    return [...next].flatMap(([uid, state]) => (last.get(uid) === state ? [] : (state.occurrence ?? [])));
  }

  /** The last one, while nothing has changed for this Ingress. */
  #stateOf(ingress: IngressIdentity, generation: number, now: number): SyncState {
    const { hasErrors, warnings } = this.#health.get(objectKey(ingress.namespace, ingress.name)) ?? HEALTHY;
    const last = this.#states.get(ingress.uid);
    if (hasErrors) return IN_ERROR;
    if (last?.warnings === warnings) return last;
    return { warnings, since: now, occurrence: tell(ingress, generation, last === undefined) };
  }

  /** Those that are new enough for the last leader not to have told them. */
  recent(now: number): readonly Occurrence[] {
    return [...this.#states.values()]
      .filter(({ since, occurrence }) => occurrence?.isWritten === false && now - since < HANDOVER_MS)
      .flatMap(({ occurrence }) => occurrence ?? []);
  }
}

export type EventOutcome = Pick<Outcome, 'result' | 'diagnostics' | 'ingresses'>;

function healthOf(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, Health> {
  const byIngress = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const { object } = diagnostic;
    if (object?.kind !== 'Ingress') continue;
    const key = objectKey(object.namespace, object.name);
    const found = byIngress.get(key);
    if (found === undefined) byIngress.set(key, [diagnostic]);
    else found.push(diagnostic);
  }
  return new Map([...byIngress].map(([key, found]) => [key, health(found)]));
}

function health(diagnostics: readonly Diagnostic[]): Health {
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  if (hasErrors) return { hasErrors, warnings: '' };
  const warnings = diagnostics.map(({ code, field, message }) => `${code} ${field} ${message}`).sort(compareText);
  return { hasErrors, warnings: warnings.join('\n') };
}

/** A process that starts anew finds the same as the one before it: its first notice is the same, too. */
function tell(ingress: IngressIdentity, generation: number, isFirst: boolean): Occurrence {
  const { namespace, name, uid } = ingress;
  const occurrence = newOccurrence({
    object: { kind: 'Ingress', namespace, name },
    uid,
    type: 'Normal',
    reason: 'Synced',
    action: 'Apply',
    note: `the proxy serves it, as of generation ${generation}`,
    identity: isFirst ? '' : `generation ${generation}`,
  });
  return occurrence;
}
