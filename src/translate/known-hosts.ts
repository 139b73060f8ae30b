import type { IngressFeatures } from '../features/read-features.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import type { HostFeatures } from '../model/features.ts';
import type { Source } from '../model/refs.ts';
import type { Host, Target } from '../model/routing.ts';
import type { BackendResolver, KnownTarget } from './backends.ts';
import type { CanaryDraft } from './canaries.ts';
import type { Draft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';
import type { IngressRules } from './rules.ts';

/** Where requests go that match nothing. */
export interface Fallback {
  readonly target: Target;
  readonly source: Source | undefined;
  /** Of Ingresses that are canaries and have no rules. */
  readonly canaries?: readonly CanaryDraft[];
}

/** What all hosts follow from. */
interface Common {
  readonly fallback: Fallback;
  readonly redirectToHttps: boolean;
  readonly neverRedirected: readonly string[];
}

/** A host, before its routes are made. */
export interface Begun {
  readonly draft: Draft;
  readonly certificate: string | undefined;
  readonly features: HostFeatures | undefined;
}

/** A host, and all that it follows from besides the options. */
interface KnownHost {
  readonly host: Host;
  readonly conflicts: readonly Diagnostic[];
  readonly common: Common;
  readonly certificate: string | undefined;
  readonly features: HostFeatures | undefined;
  readonly ingresses: readonly IngressRules[];
  /** What each of them asks for. */
  readonly asked: readonly IngressFeatures[];
  readonly targets: readonly KnownTarget[];
}

/** Hosts of the last snapshot, by name; valid while the options stay the same. */
export interface HostMemory {
  common: Common | undefined;
  hosts: ReadonlyMap<string, KnownHost>;
}

export function newHostMemory(): HostMemory {
  return { common: undefined, hosts: new Map() };
}

interface Parts extends Common {
  readonly features: FeatureResolver;
  readonly resolver: BackendResolver;
}

/** Hands out hosts of the last snapshot as a whole, as long as all that they follow from is the same. */
export class KnownHosts {
  readonly #parts: Parts;
  readonly #memory: HostMemory;
  readonly #common: Common;
  readonly #next = new Map<string, KnownHost>();

  constructor(parts: Parts, memory: HostMemory) {
    const { fallback, redirectToHttps, neverRedirected } = parts;
    const common = { fallback, redirectToHttps, neverRedirected };
    this.#parts = parts;
    this.#memory = memory;
    this.#common = memory.common !== undefined && isEqual(memory.common, common) ? memory.common : common;
  }

  /** The host of the last snapshot, if the same would be made again. */
  again(begun: Begun): KnownHost | undefined {
    const known = this.#memory.hosts.get(begun.draft.name);
    if (known === undefined || !this.#isSame(known, begun)) return undefined;
    this.#next.set(begun.draft.name, known);
    return known;
  }

  /** @param targets what its routes lead to; `undefined` when that is to be found anew each time */
  keep({ draft, certificate, features }: Begun, host: Host, targets: readonly KnownTarget[] | undefined): void {
    if (targets === undefined || !isKept(draft, this.#common)) return;
    const { ingresses, conflicts } = draft;
    const asked = ingresses.map((rules) => this.#parts.features.of(rules));
    const from = { common: this.#common, certificate, features, ingresses, asked, targets };
    this.#next.set(draft.name, { host, conflicts, ...from });
  }

  /** Forgets the hosts that did not come again. */
  end(): void {
    this.#memory.common = this.#common;
    this.#memory.hosts = this.#next;
  }

  #isSame(known: KnownHost, { draft, certificate, features }: Begun): boolean {
    const { ingresses } = draft;
    return (
      known.common === this.#common &&
      known.certificate === certificate &&
      !draft.hasCanaries &&
      known.ingresses.length === ingresses.length &&
      known.ingresses.every((rules, index) => rules === ingresses[index]) &&
      known.asked.every((asked, index) => asked === this.#askedBy(ingresses[index])) &&
      isEqual(known.features, features) &&
      known.targets.every((target) => this.#parts.resolver.again(target) !== undefined)
    );
  }

  #askedBy(rules: IngressRules | undefined): IngressFeatures | undefined {
    return rules && this.#parts.features.of(rules);
  }
}

/** Canaries, and a default backend of its own, are resolved anew each time. */
function isKept(draft: Draft, { fallback }: Common): boolean {
  const hasOwnDefault = draft.ingresses.some(({ ingress }) => ingress.defaultBackend !== undefined);
  return !draft.hasCanaries && !hasOwnDefault && (fallback.canaries ?? []).length === 0;
}
