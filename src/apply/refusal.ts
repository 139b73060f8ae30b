import { ownerOf, type ConfigBundle } from '../model/bundle.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { ApplyResult } from '../model/outcome.ts';
import { proxyRefused } from '../model/problems.ts';
import { formatRef } from '../model/refs.ts';

/** Tells the objects whose lines the proxy names when it refuses a configuration; each of them once. */
export function blame(bundle: ConfigBundle, result: ApplyResult): readonly Diagnostic[] {
  if (result.type !== 'refused') return [];
  const found = new Map<string, Diagnostic>();
  for (const { path, line } of result.places) {
    const file = bundle.files.get(path);
    const source = file === undefined ? undefined : ownerOf(file, line);
    if (source !== undefined) found.set(formatRef(source.object), proxyRefused(source, result.message));
  }
  return [...found.values()];
}
