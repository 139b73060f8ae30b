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

/** What all Ingresses together say about one host, while it is being gathered. */
export interface Draft {
  readonly name: string;
  readonly source: Source | undefined;
  /** By match and path; the first, that is the oldest, Ingress keeps it. */
  readonly paths: Map<string, PathDraft>;
  /** In order of age. */
  readonly ingresses: Set<IngressRules>;
}

/** Merges the rules of all Ingresses, oldest first, by host name. The default host, whose name is empty, is always there. */
export function gatherDrafts(
  ingresses: readonly IngressRules[],
  features: FeatureResolver,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>([['', newDraft('', undefined)]]);
  const canaries: CanaryIngress[] = [];
  for (const rules of ingresses) {
    const asked = features.of(rules);
    features.tell(asked);
    if (asked.canary === undefined) collect(rules, drafts, diagnostics);
    else canaries.push({ rules, asked: asked.canary, upstream: asked.upstream });
  }
  if (canaries.length > 0) attachCanaries(canaries, drafts, diagnostics);
  return drafts;
}

function newDraft(name: string, source: Source | undefined): Draft {
  return { name, source, paths: new Map(), ingresses: new Set() };
}

function collect(rules: IngressRules, drafts: Map<string, Draft>, diagnostics: Diagnostic[]): void {
  for (const [name, source] of rules.hosts) {
    const draft = drafts.get(name) ?? newDraft(name, source);
    drafts.set(name, draft);
    draft.ingresses.add(rules);
  }
  for (const rule of rules.paths) {
    const draft = drafts.get(rule.host);
    if (draft === undefined) continue;
    const winner = draft.paths.get(rule.key);
    if (winner === undefined) draft.paths.set(rule.key, { rule, rules, canaries: [] });
    else diagnostics.push(pathConflict(rule.source, `${rule.match} path ${rule.host}${rule.path}`, winner.rule.source));
  }
}
