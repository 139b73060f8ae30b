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

/** Whether the group of the proxy's workers is to read it. */
export function isForWorkers(file: Pick<StagedFile, 'secret'> & { readonly workers?: boolean }): boolean {
  return file.secret && file.workers === true;
}

export interface Access {
  readonly mode: number;
  /** It is given to the group of the workers. */
  readonly workers: boolean;
}

const OPEN: Access = { mode: 0o755, workers: false };

/**
 * Every directory from the outermost: one that holds a secret is closed to others, but for the group of the workers where all
 * of it is for them.
 */
export function directoriesOf(files: readonly StagedFile[], hasWorkers: boolean): ReadonlyMap<string, Access> {
  const access = new Map([['.', OPEN]]);
  for (const file of files.toSorted((left, right) => (left.path < right.path ? -1 : 1))) {
    const parts = dirname(file.path).split('/');
    parts.forEach((_, index) => {
      const directory = parts.slice(0, index + 1).join('/');
      if (directory === '.') return;
      const isHome = index === parts.length - 1;
      const known = access.get(directory) ?? OPEN;
      access.set(directory, file.secret && isHome ? closed(known, hasWorkers && isForWorkers(file)) : known);
    });
  }
  return access;
}

function closed(known: Access, forWorkers: boolean): Access {
  const workers = forWorkers && (known === OPEN || known.workers);
  return { mode: workers ? 0o750 : 0o700, workers };
}

export type Content = Pick<BundleFile, 'text' | 'secret' | 'workers'>;

export function accessOf(file: Content, hasWorkers: boolean): Access {
  const workers = hasWorkers && isForWorkers(file);
  return { mode: workers ? 0o640 : file.secret ? 0o600 : 0o644, workers };
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
