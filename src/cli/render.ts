import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleFile, ConfigBundle } from '../model/bundle.ts';
import { formatDiagnostic } from '../model/diagnostics.ts';
import { compileOffline } from './offline.ts';
import type { RenderRequest, Surroundings } from './program.ts';
import { NO_MACHINE, toProxySettings } from './settings.ts';
import { loadChosenPack } from './packs/packs.ts';
import { createDriver, identifyOrNewest, kindOf } from './proxy/target.ts';

/** `sluice render`: the same text on every machine for the same manifests, flags and proxy version. */
export async function renderCommand(request: RenderRequest, surroundings: Surroundings): Promise<number> {
  const { filenames, values, out } = request;
  const settings = toProxySettings(values, NO_MACHINE);
  const identity = await identifyOrNewest(
    values,
    createDriver(values, settings, kindOf(values, await loadChosenPack(values))),
    surroundings.signal,
  );
  const { bundle, diagnostics } = await compileOffline({ filenames, values, settings, identity });
  for (const diagnostic of diagnostics) surroundings.stderr(`${formatDiagnostic(diagnostic)}\n`);
  if (out === undefined) surroundings.stdout(printBundle(bundle));
  else await writeBundle(bundle, out);
  return 0;
}

/** All files behind one another, each under a line with its path. Key material is named, not shown. */
export function printBundle(bundle: ConfigBundle): string {
  return [...bundle.files.values()].map(printFile).join('\n');
}

function printFile({ path, text, secret, sha256 }: BundleFile): string {
  const body = secret ? `# secret: ${text.length} characters, sha256 ${sha256}\n` : text;
  return `# ===== ${path} =====\n${body}`;
}

/** Writes a bundle as generation 0; secrets are for the owner only. */
export async function writeBundle(bundle: ConfigBundle, directory: string): Promise<void> {
  const plain = bundle.stamp(0).map((file) => ({ ...file, secret: false }));
  for (const { path, text, secret } of [...bundle.files.values(), ...plain]) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: secret ? 0o700 : 0o755 });
    // Anew: one that is there keeps its mode, and a link would be followed.
    await rm(target, { force: true });
    await writeFile(target, text, { mode: secret ? 0o600 : 0o644, flag: 'wx' });
  }
}
