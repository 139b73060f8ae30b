import { join } from 'node:path';
import { checkManifests, printReport } from './cli/check.ts';
import { parseFlags, RENDER_FLAGS } from './cli/flags.ts';
import type { RenderValues } from './cli/settings.ts';
import { compareSnapshots, readSnapshot, writeSnapshot } from './cli/snapshot-files.ts';
import { takeSnapshot } from './cli/snapshot.ts';

/*
 * `sluice/testing`: snapshot tests of what sluice renders for manifests of your own, for any test runner.
 */

export interface RenderOptions {
  /** Manifest files or directories. */
  readonly manifests: string | readonly string[];
  /** `nginx` when left out. */
  readonly proxy?: string;
  /** The newest that this sluice knows, when left out: it is the same on every machine. */
  readonly proxyVersion?: string;
  /** Directory of templates of your own. */
  readonly templates?: string;
  /** Any flag of `sluice render`, without its dashes: `{ 'http-port': '8080' }`. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface Rendering {
  readonly proxy: string;
  /** Texts by path, with a line in place of key material, and `diagnostics.txt`. */
  readonly files: ReadonlyMap<string, string>;
  /** One line each. */
  readonly diagnostics: readonly string[];
}

export interface MatchOptions {
  /** Write the snapshot instead of comparing; `UPDATE_SNAPSHOTS` in the environment does so, too. */
  readonly update?: boolean;
}

export interface Verdict {
  /** Whether the proxy takes the configuration. */
  readonly accepted: boolean;
  /** What `sluice check` prints. */
  readonly report: string;
}

/** What is rendered is not what was kept. The message is a unified diff. */
export class SnapshotMismatch extends Error {
  override readonly name = 'SnapshotMismatch';
}

/** Renders manifests, the same on every machine. @throws Error when they cannot be read, or the templates are wrong */
export async function render(options: RenderOptions): Promise<Rendering> {
  const values = valuesOf(options);
  const files = await takeSnapshot(filenamesOf(options), values);
  const diagnostics = (files.get('diagnostics.txt') ?? '').split('\n').filter((line) => line !== '');
  return { proxy: values.proxy, files, diagnostics };
}

/**
 * Compares with the snapshot in `directory`, which holds one directory for each proxy, as `sluice snapshot` keeps it.
 *
 * @throws SnapshotMismatch with a unified diff, or when there is no snapshot yet
 */
export async function matchSnapshot(
  rendering: Rendering,
  directory: string,
  options: MatchOptions = {},
): Promise<void> {
  const target = join(directory, rendering.proxy);
  if (options.update ?? process.env['UPDATE_SNAPSHOTS'] !== undefined) {
    await writeSnapshot(target, rendering.files);
    return;
  }
  const kept = await readSnapshot(target);
  if (kept === undefined) throw new SnapshotMismatch(`there is no snapshot in ${target}; UPDATE_SNAPSHOTS=1 makes it`);
  const differences = compareSnapshots(kept, rendering.files, target);
  if (differences.length > 0) throw new SnapshotMismatch(`${target} differs:\n${differences.join('')}`);
}

/** Has the installed proxy check the configuration. @throws Error when it cannot be run */
export async function check(options: RenderOptions): Promise<Verdict> {
  const request = { filenames: filenamesOf(options), values: valuesOf(options) };
  const report = await checkManifests(request, new AbortController().signal);
  return { accepted: report.accepted, report: printReport(report) };
}

function filenamesOf({ manifests }: RenderOptions): readonly string[] {
  return typeof manifests === 'string' ? [manifests] : manifests;
}

function valuesOf({ proxy, proxyVersion, templates, flags = {} }: RenderOptions): RenderValues {
  const given = { ...flags, proxy, 'proxy-version': proxyVersion, templates };
  const known = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const unknown = known.find(([name]) => !(name in RENDER_FLAGS));
  if (unknown !== undefined) throw new TypeError(`sluice render has no flag --${unknown[0]}`);
  const parsed = parseFlags(RENDER_FLAGS, Object.fromEntries(known));
  if (!parsed.ok) throw new TypeError(parsed.problems.join('\n'));
  return parsed.values;
}
