import { createHash } from 'node:crypto';
import type { BundleFile, ConfigBundle } from '../../../src/model/bundle.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A bundle of these files; those under `certs/` and `users/` are secret, the latter for workers; those under `runtime/` can be changed while a proxy runs. */
export function bundleOf(files: Readonly<Record<string, string>>): ConfigBundle {
  const all = Object.entries(files).map(([path, text]): BundleFile => {
    const workers = path.startsWith('users/');
    const flags = { secret: workers || path.startsWith('certs/'), workers, runtime: path.startsWith('runtime/') };
    return { path, text, ...flags, sha256: sha256(text), owners: [] };
  });
  return {
    files: new Map(all.map((file) => [file.path, file])),
    digest: sha256(JSON.stringify(files)),
    stamp: (generation) => [{ path: 'generation.conf', text: generationConf(generation) }],
  };
}

function generationConf(generation: number): string {
  return `location = /generation { return 200 "${generation}\\n"; }\n`;
}
