import type { Source } from './refs.ts';

/** Lines `first` to `last` (from 1, both included) of a file were written for `source`. */
export interface OwnedLines {
  readonly first: number;
  readonly last: number;
  readonly source: Source;
}

export interface BundleFile {
  /** Relative to the directory of the generation, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Holds key material: mode 0600, and never printed. */
  readonly secret: boolean;
  /** Of a secret: the group of the proxy's workers may read it, too. */
  readonly workers?: boolean;
  /** Changes of it may be given to a proxy that runs, without a reload. */
  readonly runtime?: boolean;
  /** SHA-256 of `text`, hexadecimal. */
  readonly sha256: string;
  /** Inner ranges come after the ranges that hold them. */
  readonly owners: readonly OwnedLines[];
}

/** All files of one rendered configuration. Two bundles with the same digest are the same configuration. */
export interface ConfigBundle {
  /** By path. */
  readonly files: ReadonlyMap<string, BundleFile>;
  /** SHA-256 over paths, kinds and contents, hexadecimal. */
  readonly digest: string;
  /** Files that differ in every generation: rendered when the number of the generation is known. */
  readonly stamp: (generation: number) => readonly GenerationFile[];
}

/** A file that carries the number of its generation, by which the running proxy acknowledges it. */
export interface GenerationFile {
  readonly path: string;
  readonly text: string;
}

/** Who wrote a line: the innermost range that holds it. */
export function ownerOf(file: BundleFile, line: number): Source | undefined {
  return file.owners.findLast((range) => range.first <= line && line <= range.last)?.source;
}

/** A line of a configuration, as a proxy names it in a message. `path` is relative to the directory of the generation. */
export interface ConfigPlace {
  readonly path: string;
  readonly line: number;
}
