import { join, relative } from 'node:path';
import { formatDiagnostic, type Diagnostic } from '../model/diagnostics.ts';
import { formatRef } from '../model/refs.ts';
import { checkManifests, printReport } from './check.ts';
import { compileOffline } from './offline.ts';
import type { SnapshotRequest, Surroundings } from './program.ts';
import { NO_MACHINE, toProxySettings, type RenderValues } from './settings.ts';
import { compareSnapshots, readSnapshot, writeSnapshot, type SnapshotTexts } from './snapshot-files.ts';
import { newestIdentity } from './proxy/target.ts';

/** Stands for key material. That it changed shows all the same: the name of a certificate is its hash. */
const SECRET = '# key material is not kept in snapshots\n';

/**
 * Renders manifests to what a snapshot keeps: every file, and the diagnostics. The same on every machine and at all times:
 * no proxy is asked for its version, and no certificate is too old.
 */
export async function takeSnapshot(filenames: readonly string[], values: RenderValues): Promise<SnapshotTexts> {
  const settings = toProxySettings(values, NO_MACHINE);
  const compiled = await compileOffline({ filenames, values, settings, identity: newestIdentity(values), now: 0 });
  const { bundle, diagnostics, ignored } = compiled;
  const files = [...bundle.files.values()].map(({ path, secret, text }) => [path, secret ? SECRET : text] as const);
  const stamped = bundle.stamp(0).map(({ path, text }) => [path, text] as const);
  const told = [
    ...diagnostics.map((diagnostic) => formatDiagnostic(withRelativePath(diagnostic))),
    ...ignored.map(({ object, reason }) => `ignored ${formatRef(object)}: ${reason}`),
  ];
  return new Map([...files, ...stamped, ['diagnostics.txt', told.map((line) => `${line}\n`).join('')]]);
}

function withRelativePath(diagnostic: Diagnostic): Diagnostic {
  const { location } = diagnostic;
  if (location === undefined) return diagnostic;
  return { ...diagnostic, location: { ...location, file: relative(process.cwd(), location.file) } };
}

/** `sluice snapshot`: 0 when what is rendered is what was kept, 1 when it differs. */
export async function snapshotCommand(request: SnapshotRequest, surroundings: Surroundings): Promise<number> {
  const { filenames, values, check } = request;
  const directory = join(request.directory, values.proxy);
  const rendered = await takeSnapshot(filenames, values);
  const isSame = request.update
    ? await update(directory, rendered, surroundings)
    : await compare(directory, rendered, surroundings);
  if (!check) return isSame ? 0 : 1;
  const report = await checkManifests({ filenames, values }, surroundings.signal);
  surroundings.stdout(printReport(report));
  return isSame && report.accepted ? 0 : 1;
}

async function update(directory: string, rendered: SnapshotTexts, { stdout }: Surroundings): Promise<boolean> {
  await writeSnapshot(directory, rendered);
  stdout(`${directory}: ${rendered.size} files\n`);
  return true;
}

async function compare(directory: string, rendered: SnapshotTexts, { stdout }: Surroundings): Promise<boolean> {
  const kept = await readSnapshot(directory);
  if (kept === undefined) {
    stdout(`there is no snapshot in ${directory} yet; sluice snapshot --update makes it\n`);
    return false;
  }
  const differences = compareSnapshots(kept, rendered, directory);
  const counted = differences.length === 1 ? '1 file differs;' : `${differences.length} files differ;`;
  if (differences.length === 0) stdout(`${directory}: ${rendered.size} files, as rendered\n`);
  else stdout(`${differences.join('')}${directory}: ${counted} --update accepts it\n`);
  return differences.length === 0;
}
