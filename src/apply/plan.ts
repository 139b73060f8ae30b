import type { ConfigBundle } from '../model/bundle.ts';
import type { Manifest } from './manifest.ts';

export type Plan =
  | { readonly type: 'nothing' }
  /** Only files changed whose changes a proxy may take while it runs. */
  | { readonly type: 'runtime'; readonly changedFiles: readonly string[] }
  /** The reason for the reload: what was added, changed or removed, by path. */
  | { readonly type: 'reload'; readonly changedFiles: readonly string[] };

/** What it takes to come from the generation that the proxy acknowledged to `next`. */
export function plan(acknowledged: Manifest | undefined, next: ConfigBundle): Plan {
  if (acknowledged?.digest === next.digest) return { type: 'nothing' };
  const files = Object.fromEntries([...next.files].map(([path, { sha256 }]) => [path, sha256]));
  const known = acknowledged?.files ?? {};
  const changedFiles = changedPaths(known, files);
  const isRuntime = (path: string): boolean => known[path] !== undefined && next.files.get(path)?.runtime === true;
  return { type: changedFiles.length > 0 && changedFiles.every(isRuntime) ? 'runtime' : 'reload', changedFiles };
}

type Hashes = Readonly<Record<string, string>>;

export function changedPaths(before: Hashes, after: Hashes): readonly string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]).sort();
}
