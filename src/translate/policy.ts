import { quoteText, type Diagnostic } from '../model/diagnostics.ts';
import { ingressRefused, invalidPath } from '../model/problems.ts';
import type { Globals, Risk } from '../features/globals.ts';
import { selectAnnotations } from '../features/reader.ts';
import { ANNOTATION_OF_KEY } from '../features/registry.ts';
import type { IngressRules, PathRule } from './rules.ts';

/*
 * What the global settings do not let in: annotations that are too risky, words that no value may hold, paths that are more
 * than a path. ingress-nginx refuses such an Ingress at admission, or skips it.
 */

export interface Policed {
  readonly served: readonly IngressRules[];
  readonly diagnostics: readonly Diagnostic[];
}

/** By Ingress: the rules that are left of it. A new value each time would have everything about it made anew. */
export type PolicyMemory = WeakMap<IngressRules, IngressRules>;

export function applyPolicy(
  ingresses: readonly IngressRules[],
  { globals, prefixes }: { readonly globals: Globals; readonly prefixes: readonly string[] },
  memory: PolicyMemory,
): Policed {
  const isLax = globals.annotationsRiskLevel === 'Critical' && globals.annotationValueBlocklist.length === 0;
  if (isLax && !globals.strictPathTypes) return { served: ingresses, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const served = ingresses.flatMap((rules) => {
    const refusal = refuse(rules, globals, prefixes);
    if (refusal !== undefined) diagnostics.push(refusal);
    if (refusal !== undefined) return [];
    return globals.strictPathTypes ? withStrictPaths(rules, memory, diagnostics) : rules;
  });
  return { served, diagnostics };
}

const RISKS: readonly Risk[] = ['Low', 'Medium', 'High', 'Critical'];

function refuse(
  { ingress, object }: IngressRules,
  globals: Globals,
  prefixes: readonly string[],
): Diagnostic | undefined {
  const most = RISKS.indexOf(globals.annotationsRiskLevel);
  for (const [key, { name, text }] of selectAnnotations(ingress.metadata.annotations, prefixes)) {
    const source = { object, field: `metadata.annotations[${name}]` };
    const risk = ANNOTATION_OF_KEY.get(key)?.risk ?? (key.endsWith('-snippet') ? 'Critical' : undefined);
    if (risk !== undefined && RISKS.indexOf(risk) > most) {
      const level = `annotations-risk-level of the ConfigMap allows ${globals.annotationsRiskLevel} at most`;
      return ingressRefused(source, `the risk of this annotation is ${risk}, and ${level}`);
    }
    const word = globals.annotationValueBlocklist.find((item) => text.includes(item));
    if (word !== undefined) {
      return ingressRefused(
        source,
        `its value holds ${quoteText(word)}, which annotation-value-word-blocklist forbids`,
      );
    }
  }
  return undefined;
}

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#strict-validate-path-type */
const STRICT = /^\/[A-Za-z0-9._\-/]*$/;

function withStrictPaths(rules: IngressRules, memory: PolicyMemory, diagnostics: Diagnostic[]): IngressRules {
  const wrong = rules.paths.filter((path) => !STRICT.test(path.text) && isTyped(path, rules));
  for (const { source, text } of wrong) {
    const problem = 'holds more than letters, digits and "-_./", which strict-validate-path-type forbids';
    diagnostics.push(invalidPath({ object: source.object, field: `${source.field}.path` }, text, problem));
  }
  if (wrong.length === 0) return rules;
  const known = memory.get(rules) ?? { ...rules, paths: rules.paths.filter((path) => !wrong.includes(path)) };
  memory.set(rules, known);
  return known;
}

/** What is left to the implementation may be anything. */
function isTyped({ source }: PathRule, { ingress }: IngressRules): boolean {
  const [, rule, path] = /^spec\.rules\[(\d+)\]\.http\.paths\[(\d+)\]$/.exec(source.field) ?? [];
  const pathType = ingress.rules[Number(rule)]?.paths[Number(path)]?.pathType;
  return pathType === 'Exact' || pathType === 'Prefix';
}
