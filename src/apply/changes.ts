import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleFile, ConfigBundle } from '../model/bundle.ts';
import { formatRef } from '../model/refs.ts';
import { diffLines, type Hunk } from './line-diff.ts';
import type { Generation } from './manifest.ts';

/** How a configuration differs from one that is only known by its files; objects by `formatRef`. */
export interface Changes {
  /** Some of their lines are new, or were taken away. */
  readonly changed: ReadonlySet<string>;
  /** Most of their lines are as they were: they were part of that configuration. */
  readonly known: ReadonlySet<string>;
}

/** What a file was before: the same, of this text, or not there as far as one may look. */
export type FileBefore = 'same' | { readonly text: string } | undefined;

/** Compares with what is on disk. Secrets are not read: their hashes say enough. */
export async function changesSince(from: Generation, bundle: ConfigBundle): Promise<Changes> {
  const before = new Map<string, FileBefore>();
  for (const { path, sha256, secret } of bundle.files.values()) {
    const hash = from.manifest.files[path];
    if (hash === sha256) before.set(path, 'same');
    else if (hash !== undefined && !secret) {
      const text = await readFile(join(from.directory, path), 'utf8').catch(() => undefined);
      before.set(path, text === undefined ? undefined : { text });
    }
  }
  return changesOf(bundle, (path) => before.get(path));
}

/** Lines without an owner are nobody's. What was there before, and is gone with all its lines, has no owner any more either. */
export function changesOf(bundle: ConfigBundle, before: (path: string) => FileBefore): Changes {
  const tally: Tally = new Map();
  for (const file of bundle.files.values()) count(file, before(file.path), tally);
  const keys = (isWanted: (lines: Lines) => boolean) =>
    new Set([...tally].flatMap(([key, lines]) => (isWanted(lines) ? [key] : [])));
  return {
    changed: keys(({ changed }) => changed > 0),
    known: keys(({ same, changed }) => same > 0 && same >= changed),
  };
}

/** How many lines of an object are as they were, and how many are not. */
interface Lines {
  same: number;
  changed: number;
}

type Tally = Map<string, Lines>;
type Owners = readonly (string | undefined)[];

/** How far a block may be seen elsewhere. */
const MOST_SHIFTS = 1_000;

function count(file: BundleFile, before: FileBefore, tally: Tally): void {
  const add = (key: string, what: keyof Lines, lines = 1): void => {
    const known = tally.get(key) ?? { same: 0, changed: 0 };
    if (!tally.has(key)) tally.set(key, known);
    known[what] += lines;
  };
  if (before === 'same' || before === undefined) {
    const what = before === 'same' ? 'same' : 'changed';
    for (const { first, last, source } of file.owners)
      add(formatRef(source.object), what, Math.max(0, last - first + 1));
    return;
  }
  const [old, lines] = [before.text.split('\n'), file.text.split('\n')];
  const owners = ownersOf(file, lines.length);
  const isAdded = new Uint8Array(lines.length);
  for (const hunk of diffLines(old, lines)) {
    const { b0, b1 } = aligned(hunk, old, lines, owners);
    isAdded.fill(1, b0, b1);
    // A cut between two owners is most likely of a third one.
    if (b0 === b1 && owners[b0] !== undefined && owners[b0 - 1] === owners[b0]) add(owners[b0], 'changed');
  }
  owners.forEach((owner, index) => {
    if (owner !== undefined && lines[index]?.trim() !== '') add(owner, isAdded[index] === 1 ? 'changed' : 'same');
  });
}

/**
 * A block that came or went between others that begin or end like it can be seen in several places: `} server {` or
 * `server { }`. Of those, the one where the blocks of owners begin and end.
 */
function aligned(hunk: Hunk, before: readonly string[], after: readonly string[], owners: Owners): Hunk {
  const { a0, a1, b0, b1 } = hunk;
  if (a0 < a1 && b0 < b1) return hunk;
  const [lines, first, last] = a0 < a1 ? [before, a0, a1] : [after, b0, b1];
  const isEdge = (index: number) => owners[index - 1] !== owners[index];
  for (let up = 0; up <= MOST_SHIFTS; up += 1) {
    if (isEdge(b0 - up) && isEdge(b1 - up)) return { a0: a0 - up, a1: a1 - up, b0: b0 - up, b1: b1 - up };
    if (first - up <= 0 || b0 - up <= 0 || lines[first - up - 1] !== lines[last - up - 1]) return hunk;
  }
  return hunk;
}

/** Who wrote each line: the innermost range that holds it. */
function ownersOf({ owners }: BundleFile, count: number): Owners {
  const byLine = new Array<string | undefined>(count).fill(undefined);
  // Inner ranges come after those that hold them.
  for (const { first, last, source } of owners) byLine.fill(formatRef(source.object), first - 1, last);
  return byLine;
}
