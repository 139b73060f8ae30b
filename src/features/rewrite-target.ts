import { bad, inOneWord, pathWithGroups } from './grammar.ts';
import type { Grammar } from './annotation.ts';

/** A path with `$1` to `$9`; no other `$`, which nginx would take for a variable. */
export const rewriteTarget: Grammar<string> = inOneWord((text) => {
  const parsed = pathWithGroups(text);
  if (!parsed.ok) return parsed;
  return /\$(?![1-9])/.test(parsed.value) ? bad('holds a "$" that is not one of $1 to $9') : parsed;
});
