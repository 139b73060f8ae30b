import type { Diagnostic } from '../model/diagnostics.ts';
import { pathConflict } from '../model/problems.ts';
import type { Source } from '../model/refs.ts';
import { attachCanaries, type CanaryDraft, type CanaryIngress } from './canaries.ts';
import type { FeatureResolver } from './features.ts';
import type { IngressRules, PathRule } from './rules.ts';

/** One path of one host, while it is being gathered. */
export interface PathDraft {
  readonly rule: PathRule;
  readonly rules: IngressRules;
  /** In order of age. */
  readonly canaries: CanaryDraft[];
}

/** Paths of one Ingress by host. */
type PathsOf = (rules: IngressRules) => ReadonlyMap<string, readonly PathRule[]>;

interface Merged {
  /** By match and path; the first, that is the oldest, Ingress keeps it. */
  readonly paths: ReadonlyMap<string, PathDraft>;
  /** Of those that lost. */
  readonly conflicts: readonly Diagnostic[];
}

interface DraftParts {
  readonly ingresses: IngressRules[];
  /** The first rule that names the host. */
  readonly source: Source | undefined;
  readonly pathsOf: PathsOf;
}

/**
 * What all Ingresses together say about one host, while it is being gathered. Their paths are merged when they are asked
 * for: most hosts are those of the last snapshot.
 */
export class Draft {
  readonly name: string;
  readonly source: Source | undefined;
  /** In order of age. */
  readonly ingresses: IngressRules[];
  readonly #pathsOf: PathsOf;
  #merged: Merged | undefined;
  #hasCanaries = false;

  constructor(name: string, { ingresses, source, pathsOf }: DraftParts) {
    this.name = name;
    this.source = source;
    this.ingresses = ingresses;
    this.#pathsOf = pathsOf;
  }

  get paths(): ReadonlyMap<string, PathDraft> {
    return this.#merge().paths;
  }

  get conflicts(): readonly Diagnostic[] {
    return this.#merge().conflicts;
  }

  get hasCanaries(): boolean {
    return this.#hasCanaries;
  }

  /** @returns whether there is such a path */
  addCanary(key: string, canary: CanaryDraft): boolean {
    const path = this.paths.get(key);
    if (path === undefined) return false;
    path.canaries.push(canary);
    this.#hasCanaries = true;
    return true;
  }

  #merge(): Merged {
    this.#merged ??= mergePaths(this, this.#pathsOf);
    return this.#merged;
  }
}

function mergePaths({ name, ingresses }: Draft, pathsOf: PathsOf): Merged {
  const paths = new Map<string, PathDraft>();
  const conflicts: Diagnostic[] = [];
  for (const rules of ingresses) {
    for (const rule of pathsOf(rules).get(name) ?? []) {
      const winner = paths.get(rule.key);
      if (winner === undefined) paths.set(rule.key, { rule, rules, canaries: [] });
      else conflicts.push(pathConflict(rule.source, `${rule.match} path ${rule.host}${rule.path}`, winner.rule.source));
    }
  }
  return { paths, conflicts };
}

/** Merges the rules of all Ingresses, oldest first, by host name. The default host, whose name is empty, is always there. */
export function gatherDrafts(
  ingresses: readonly IngressRules[],
  features: FeatureResolver,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Draft> {
  const pathsOf = createPathsOf();
  const drafts = new Map<string, Draft>([['', new Draft('', { ingresses: [], source: undefined, pathsOf })]]);
  const canaries: CanaryIngress[] = [];
  for (const rules of ingresses) {
    const asked = features.of(rules);
    features.tell(asked);
    if (asked.canary !== undefined) {
      canaries.push({ rules, asked: asked.canary, upstream: asked.upstream });
      continue;
    }
    for (const [name, source] of rules.hosts) {
      const draft = drafts.get(name);
      if (draft === undefined) drafts.set(name, new Draft(name, { ingresses: [rules], source, pathsOf }));
      else draft.ingresses.push(rules);
    }
  }
  if (canaries.length > 0) attachCanaries(canaries, drafts, diagnostics);
  return drafts;
}

/** An Ingress may have hundreds of hosts: its paths are gone through once, not for each of them. */
function createPathsOf(): PathsOf {
  const known = new Map<IngressRules, ReadonlyMap<string, readonly PathRule[]>>();
  return (rules) => {
    const found = known.get(rules) ?? Map.groupBy(rules.paths, ({ host }) => host);
    known.set(rules, found);
    return found;
  };
}
