import { extendManifest, isOverlayManifest, templatesOf } from './extend-manifest.ts';
import { inspectPack, packLanguage } from './inspect.ts';
import { findUnused, overlay, type OverlaidPack } from './overlay.ts';
import { PackError, type PackFiles, type PackManifest, type PackProblem } from './pack.ts';
import { loadPack, type TemplatePack } from './render.ts';

/** What a user's directory holds, and where it is: problems name its files as the user knows them. */
export interface UserPack {
  readonly directory: string;
  readonly files: PackFiles;
}

/** The pack that comes with sluice for a proxy; without files for a proxy that only users have packs for. */
export interface ShippedPack {
  readonly proxy: string;
  readonly files: PackFiles;
}

/** Loads a shipped pack with what a user lays over it or puts in its place. @throws PackError with all that is wrong */
export function loadUserPack(shipped: ShippedPack, user: UserPack | undefined): TemplatePack {
  if (user === undefined) return loadPack(shipped.files);
  const { files, problems } = inspectUserPack(shipped, user);
  if (problems.length > 0) throw new PackError(problems);
  return loadPack(files);
}

/** What a user's pack comes to, and everything that is wrong with it. */
export function inspectUserPack(
  shipped: ShippedPack,
  user: UserPack,
): { readonly files: PackFiles; readonly problems: readonly PackProblem[] } {
  try {
    const { pack, base } = layer(shipped, user.files);
    const { manifest, problems, used } = inspectPack(pack.files, packLanguage(pack.files));
    const all = [...proxyProblems(manifest, shipped, base), ...problems.map((problem) => locate(problem, pack))];
    return { files: pack.files, problems: [...all, ...findUnused(pack, base, used)].map(within(user.directory)) };
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return { files: new Map(), problems: error.problems.map(within(user.directory)) };
  }
}

interface Layers {
  readonly pack: OverlaidPack;
  /** Files that it may replace without using them. */
  readonly base: PackFiles;
}

function layer(shipped: ShippedPack, own: PackFiles): Layers {
  const manifest = own.get('pack.json');
  if (manifest !== undefined && !isOverlayManifest(manifest)) {
    const origins = new Map([...own.keys()].map((path) => [path, path]));
    return { pack: { files: own, origins }, base: new Map() };
  }
  if (shipped.files.size === 0) {
    throw new PackError([
      { file: 'pack.json', line: 1, column: 1, message: `is missing: sluice comes with no pack for ${shipped.proxy}` },
    ]);
  }
  const pack = overlay(shipped.files, own, templatesOf(manifest));
  if (manifest === undefined) return { pack, base: shipped.files };
  const extended = extendManifest(shipped.files.get('pack.json') ?? '{}', manifest);
  return { pack: { ...pack, files: new Map([...pack.files, ['pack.json', extended]]) }, base: shipped.files };
}

function proxyProblems(manifest: PackManifest | undefined, { proxy }: ShippedPack, base: PackFiles): PackProblem[] {
  if (manifest === undefined || base.size > 0 || manifest.proxy === proxy) return [];
  const message = `is for ${JSON.stringify(manifest.proxy)}, but --proxy is ${proxy}`;
  return [{ file: 'pack.json', line: 1, column: 1, message }];
}

/** Problems of a file that lies elsewhere in the user's directory than in the pack. */
function locate(problem: PackProblem, { origins }: OverlaidPack): PackProblem {
  return { ...problem, file: origins.get(problem.file) ?? problem.file };
}

function within(directory: string): (problem: PackProblem) => PackProblem {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  return (problem) => ({ ...problem, file: prefix + problem.file });
}
