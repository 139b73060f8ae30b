import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyName } from '../../src/cli/proxy/proxy-kinds.ts';

export interface InstalledProxy {
  readonly name: ProxyName;
  readonly binary: string;
  readonly version: string;
}

const UNPACKED = join(import.meta.dirname, '..', '..', '.proxies', 'bin');
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', UNPACKED];
const VERSION: Readonly<Record<ProxyName, RegExp>> = {
  nginx: /nginx\/([\d.]+)/,
  haproxy: /HAProxy version (\d+\.\d+\.\d+)/,
};

/** Every nginx that tests can run: the system's own, and the newer one that the setup unpacks. At least one. */
export function installedNginx(): readonly InstalledProxy[] {
  return installed('nginx');
}

/** The same for HAProxy. */
export function installedHaproxy(): readonly InstalledProxy[] {
  return installed('haproxy');
}

export function installedProxies(): readonly InstalledProxy[] {
  return [...installedNginx(), ...installedHaproxy()];
}

function installed(name: ProxyName): readonly InstalledProxy[] {
  const found = FOLDERS.map((folder) => join(folder, name)).filter((binary) => existsSync(binary));
  if (found.length === 0) throw new Error(`no ${name} is installed; run: npm run setup`);
  return found.map((binary) => ({ name, binary, version: versionOf(name, binary) }));
}

function versionOf(name: ProxyName, binary: string): string {
  const { stdout, stderr } = spawnSync(binary, ['-v'], { encoding: 'utf8' });
  const version = VERSION[name].exec(`${stdout}${stderr}`)?.[1];
  if (version === undefined) throw new Error(`${binary} -v says ${stdout}${stderr}`);
  return version;
}
