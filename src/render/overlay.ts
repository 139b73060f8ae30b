import { partialName } from './lint.ts';
import { nearestName } from '../model/nearest-name.ts';
import type { PackFiles, PackProblem } from './pack.ts';

/** A user's files over those of a shipped pack. */
export interface OverlaidPack {
  readonly files: PackFiles;
  /** Path in `files` → path in the user's directory, for each file that came from there. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Lays a user's files over those of a shipped pack. A ConfigMap has no folders, so `404.hbs` beside `pack.json` stands for
 * `partials/404.hbs`, unless it is the template of an output.
 *
 * @param templates paths of the files that outputs are rendered from
 */
export function overlay(shipped: PackFiles, own: PackFiles, templates: ReadonlySet<string>): OverlaidPack {
  const files = new Map(shipped);
  const origins = new Map<string, string>();
  for (const [path, text] of own) {
    const target = isPlaced(path, shipped, templates) ? path : `partials/${path}`;
    // A file in its folder goes before one beside it.
    if (target !== path && own.has(target)) continue;
    files.set(target, text);
    origins.set(target, path);
  }
  return { files, origins };
}

function isPlaced(path: string, shipped: PackFiles, templates: ReadonlySet<string>): boolean {
  return path === 'pack.json' || path.includes('/') || shipped.has(path) || templates.has(path);
}

/**
 * Files of an overlay that nothing uses: a misspelt name would otherwise be passed over in silence.
 *
 * @param used partials that a template names, and templates of outputs, by path
 */
export function findUnused(pack: OverlaidPack, shipped: PackFiles, used: ReadonlySet<string>): readonly PackProblem[] {
  const unused = [...pack.origins].filter(([path]) => path !== 'pack.json' && !shipped.has(path) && !used.has(path));
  return unused.map(([path, file]) => ({
    file,
    line: 1,
    column: 1,
    message: `${describe(path)}${hint(path, shipped)}`,
  }));
}

function describe(path: string): string {
  const name = partialName(path);
  if (name === undefined) return 'replaces no file of the shipped pack, and no output of pack.json names it';
  return `replaces no file of the shipped pack, and no template uses a partial "${name}"`;
}

function hint(path: string, shipped: PackFiles): string {
  const near = nearestName(
    path,
    [...shipped.keys()].filter((other) => other.endsWith('.hbs')),
  );
  return near === undefined ? '' : `; did you mean ${near}?`;
}
