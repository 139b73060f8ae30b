import type { Ingress } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { bool } from './grammar.ts';
import { selectAnnotations, type GivenAnnotations } from './reader.ts';
import { rewriteTarget } from './rewrite-target.ts';

/** What the paths of an Ingress may be: `either` where a regular expression is one only when it cannot be a plain path. */
export type PathSyntax = 'plain' | 'regex' | 'either';

/**
 * The paths of an Ingress are regular expressions when it says `use-regex`, or when `rewrite-target` implies it. A canary has
 * the paths of another Ingress, which may have those annotations.
 */
export function pathSyntax(
  ingress: Ingress,
  { annotationPrefixes, target }: Pick<TranslateOptions, 'annotationPrefixes' | 'target'>,
): PathSyntax {
  const given = selectAnnotations(ingress.metadata.annotations, annotationPrefixes);
  if (given.size === 0) return 'plain';
  if (!target.families.includes('*') && !target.families.includes('rewrite')) return 'plain';
  if (usesRegex(ingress, given)) return 'regex';
  return isTrue(given, 'canary') ? 'either' : 'plain';
}

function usesRegex(ingress: Ingress, given: GivenAnnotations): boolean {
  if (isTrue(given, 'use-regex')) return true;
  const target = rewriteTarget(given.get('rewrite-target')?.text ?? '');
  return target.ok && changesPaths(ingress, target.value);
}

/** A path that is rewritten to itself is not rewritten (ingress-nginx, needsRewrite). */
export function changesPaths(ingress: Ingress, target: string): boolean {
  if (target === '') return false;
  return ingress.rules.some((rule) => rule?.paths.some((path) => path !== undefined && (path.path || '/') !== target));
}

function isTrue(given: GivenAnnotations, key: string): boolean {
  const parsed = bool(given.get(key)?.text ?? '');
  return parsed.ok && parsed.value;
}
