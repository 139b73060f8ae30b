import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface InstalledProxy {
  readonly binary: string;
  readonly version: string;
}

const UNPACKED = join(import.meta.dirname, '..', '..', '.proxies', 'bin');

/** Every nginx that tests can run: the system's own, and the newer one that the setup unpacks. At least one. */
export function installedNginx(): readonly InstalledProxy[] {
  const candidates = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx', join(UNPACKED, 'nginx')];
  const found = candidates
    .filter((binary) => existsSync(binary))
    .map((binary) => ({ binary, version: versionOf(binary) }));
  if (found.length === 0) throw new Error('no nginx is installed; run: npm run setup');
  return found;
}

function versionOf(binary: string): string {
  const { stderr } = spawnSync(binary, ['-v'], { encoding: 'utf8' });
  const version = /nginx\/([\d.]+)/.exec(stderr)?.[1];
  if (version === undefined) throw new Error(`${binary} -v says ${stderr}`);
  return version;
}
