import type { Ingress } from '../model/objects.ts';
import { selectAnnotations } from './reader.ts';

/** Whether the paths of an Ingress are regular expressions: it says `use-regex`, or `rewrite-target` implies it. */
export function usesRegex(ingress: Ingress, prefixes: readonly string[]): boolean {
  const given = selectAnnotations(ingress.metadata.annotations, prefixes);
  return given.get('use-regex')?.text === 'true' || (given.get('rewrite-target')?.text ?? '') !== '';
}
