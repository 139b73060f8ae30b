import type { CanaryRule } from '../features/family.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import { annotationIgnored } from '../model/problems.ts';
import { pathKey, type Draft } from './drafts.ts';
import type { IngressRules } from './rules.ts';

interface CanaryIngress {
  readonly rules: IngressRules;
  readonly asked: CanaryRule;
}

/** A canary takes requests from a path that another Ingress serves: same host, path and pathType (ingress-nginx, 4.8). */
export function attachCanaries(
  canaries: readonly CanaryIngress[],
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: Diagnostic[],
): void {
  for (const { rules, asked } of canaries) {
    for (const rule of rules.paths) {
      const draft = drafts.get(rule.host)?.paths.get(pathKey(rule));
      if (draft !== undefined) draft.canaries.push({ rule, asked });
      else
        diagnostics.push(
          annotationIgnored(rule.source, 'no other Ingress serves this path: its canary gets no request'),
        );
    }
  }
}
