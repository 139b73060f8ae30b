import type { ConfigBundle } from '../model/bundle.ts';
import type { Manifest } from './manifest.ts';

export type Plan =
  | { readonly type: 'nothing' }
  /** The reason for the reload: what was added, changed or removed, by path. */
  | { readonly type: 'reload'; readonly changedFiles: readonly string[] };

/** What it takes to come from the generation that the proxy acknowledged to `next`. */
export function plan(acknowledged: Manifest | undefined, next: ConfigBundle): Plan {
  if (acknowledged?.digest === next.digest) return { type: 'nothing' };
  const files = Object.fromEntries([...next.files].map(([path, { sha256 }]) => [path, sha256]));
  return { type: 'reload', changedFiles: changedPaths(acknowledged?.files ?? {}, files) };
}

type Hashes = Readonly<Record<string, string>>;

export function changedPaths(before: Hashes, after: Hashes): readonly string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]).sort();
}
