import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { BundleFile, ConfigBundle, GenerationFile } from '../model/bundle.ts';
import { MANIFEST, type Manifest } from './manifest.ts';

export type StagedFile = BundleFile | (GenerationFile & { readonly secret: false; readonly sha256: undefined });

/** What a generation consists of, without the manifest. @throws Error for a path that cannot be used */
export function filesOf(bundle: ConfigBundle, generation: number): readonly StagedFile[] {
  const stamped = bundle.stamp(generation).map((file) => ({ ...file, secret: false, sha256: undefined }) as const);
  const files: readonly StagedFile[] = [...bundle.files.values(), ...stamped];
  const seen = new Set([MANIFEST]);
  for (const { path } of files) {
    if (!isSafePath(path)) throw new Error(`${JSON.stringify(path)} is not a path inside of the directory`);
    if (seen.has(path)) throw new Error(`${path} is there twice`);
    seen.add(path);
  }
  return files;
}

/** Relative, and every part of it is a plain name; nothing can lead out of the directory, which is new and holds no links. */
export function isSafePath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !UNPRINTABLE.test(part));
}

const UNPRINTABLE = /\p{Cc}/u;

/** Every directory from the outermost, with its mode: one that holds a secret is closed to others. */
export function directoriesOf(files: readonly StagedFile[]): ReadonlyMap<string, number> {
  const modes = new Map([['.', 0o755]]);
  for (const { path, secret } of files.toSorted((left, right) => (left.path < right.path ? -1 : 1))) {
    const parts = dirname(path).split('/');
    parts.forEach((_, index) => {
      const directory = parts.slice(0, index + 1).join('/');
      if (directory === '.') return;
      const closed = secret && index === parts.length - 1;
      modes.set(directory, closed ? 0o700 : (modes.get(directory) ?? 0o755));
    });
  }
  return modes;
}

export type Content = Pick<BundleFile, 'text' | 'secret'>;

export function modeOf({ secret }: Content): number {
  return secret ? 0o600 : 0o644;
}

/** When each file was modified last, by path; milliseconds since 1970. */
type Modified = ReadonlyMap<string, number>;

export interface Written {
  readonly bundle: ConfigBundle;
  readonly generation: number;
  readonly modified: Modified;
}

export function manifestOf(staged: readonly StagedFile[], { bundle, generation, modified }: Written): Manifest {
  const files = Object.fromEntries([...bundle.files].map(([path, { sha256 }]) => [path, sha256]));
  const stamps = staged.filter(({ sha256 }) => sha256 === undefined);
  const stamped = Object.fromEntries(stamps.map(({ path, text }) => [path, hashOf(text)]));
  const times = staged.map(({ path }): [string, number] => [path, modified.get(path) ?? 0]);
  return { format: 1, generation, digest: bundle.digest, files, stamped, modified: Object.fromEntries(times) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
