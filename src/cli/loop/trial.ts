import type { Applied, Applier, Checked } from '../../apply/apply.ts';
import type { Changes } from '../../apply/changes.ts';
import { createInputs, type InputsOf, type Referred } from '../../apply/inputs.ts';
import type { ConfigBundle } from '../../model/bundle.ts';
import type { Exclusions } from '../../model/exclusions.ts';
import type { Ingress } from '../../model/objects.ts';
import { formatRef, type ObjectRef } from '../../model/refs.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { byAge } from '../../translate/translate.ts';
import type { Compiled } from './pipeline.ts';

/** The world that a pass works on. */
export interface Scene {
  readonly snapshot: Snapshot;
  /** Renders it without what is excluded. */
  readonly compile: (exclusions: Exclusions) => Compiled;
  /** Whether a refusal of what was rendered last is about the objects: not when templates are on trial. */
  readonly mayBlame: () => boolean;
  /** The templates that have proven themselves: another value as soon as others have. */
  readonly templates: object;
  /** What an Ingress refers to in its annotations. */
  readonly referredBy?: (ingress: Ingress) => Referred;
}

/** Runs of the checker in one pass. What is not found out by then is found out in the next pass, which follows at once. */
export const CHECKS_PER_PASS = 12;

export interface TrialParts {
  readonly applier: Pick<Applier, 'apply' | 'renew' | 'check' | 'compare'>;
  /** The proxy is about to be asked. */
  readonly onStep: () => void;
}

/** One pass: its world, and how often the proxy may still be asked about it. */
export class Trial {
  readonly scene: Scene;
  readonly signal: AbortSignal;
  readonly inputsOf: InputsOf;
  readonly #parts: TrialParts;
  #left = CHECKS_PER_PASS;

  constructor(scene: Scene, parts: TrialParts, signal: AbortSignal) {
    this.scene = scene;
    this.signal = signal;
    this.inputsOf = createInputs(scene.snapshot, scene.templates, scene.referredBy);
    this.#parts = parts;
  }

  /** How often the checker may still run. */
  get left(): number {
    return this.#left;
  }

  async apply(bundle: ConfigBundle): Promise<Applied> {
    this.#step();
    return this.#parts.applier.apply(bundle, this.signal);
  }

  /** By a reload, also when the proxy runs it already. */
  async renew(bundle: ConfigBundle): Promise<Applied> {
    this.#step();
    return this.#parts.applier.renew(bundle, this.signal);
  }

  async check(bundle: ConfigBundle): Promise<Checked> {
    this.#step();
    return this.#parts.applier.check(bundle, this.signal);
  }

  /** How it differs from what the proxy is known to run; `undefined` when it runs nothing. */
  async compare(bundle: ConfigBundle): Promise<Changes | undefined> {
    return this.#parts.applier.compare(bundle);
  }

  /** The Ingresses that are ours by `formatRef`, oldest first. */
  ingresses({ ingresses }: Compiled): ReadonlyMap<string, ObjectRef> {
    const ours = new Set(ingresses.map(({ namespace, name }) => formatRef({ kind: 'Ingress', namespace, name })));
    const refs = new Map<string, ObjectRef>();
    for (const { metadata } of byAge(this.scene.snapshot.objects.Ingress.values())) {
      const object = { kind: 'Ingress', namespace: metadata.namespace, name: metadata.name };
      const key = formatRef(object);
      if (ours.has(key)) refs.set(key, object);
    }
    return refs;
  }

  #step(): void {
    this.#left -= 1;
    this.#parts.onStep();
  }
}

/** Without any other Ingress than these. */
export function onlyIngresses(
  wanted: ReadonlySet<string>,
  all: Iterable<string>,
  { objects, parts }: Exclusions,
): Exclusions {
  return { objects: new Set([...objects, ...[...all].filter((key) => !wanted.has(key))]), parts };
}
