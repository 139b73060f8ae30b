import assert from 'node:assert/strict';
import { accessSync, constants, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseManifest } from '../../../src/apply/manifest.ts';
import type { Owner } from '../../../src/apply/layout.ts';
import { sha256 } from './bundles.ts';

export /** In memory where there is such a place: what survives SIGKILL is the same, and fsync is quick. */
function quickDirectory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

export interface DiskState {
  readonly current: number | undefined;
  readonly acknowledged: number | undefined;
}

export function stateOf(configDir: string): DiskState {
  return { current: pointed(configDir, 'current'), acknowledged: pointed(configDir, 'acknowledged') };
}

/** The number that a pointer names; `undefined` when there is none. */
export function pointed(configDir: string, pointer: 'current' | 'acknowledged'): number | undefined {
  const path = join(configDir, pointer);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return Number(basename(readlinkSync(path)));
}

export function generationsIn(configDir: string): readonly number[] {
  const path = join(configDir, 'generations');
  const names = existsSync(path) ? readdirSync(path) : [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Every file of a generation has the content that its manifest says. */
export function assertComplete(configDir: string, generation: number): void {
  const directory = join(configDir, 'generations', String(generation).padStart(8, '0'));
  const manifest = parseManifest(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  assert.equal(manifest?.generation, generation);
  const hashes = { ...manifest.files, ...manifest.stamped };
  assert.ok(Object.keys(hashes).length > 1);
  for (const [path, hash] of Object.entries(hashes)) {
    assert.equal(sha256(readFileSync(join(directory, path), 'utf8')), hash, `${generation}: ${path}`);
  }
}

/** Whatever holds key material, finished or not, is for its owner alone, and was so before the first byte. */
export function assertSecretsClosed(configDir: string, owner: Owner | undefined): void {
  const secrets = listFiles(configDir).filter((path) => path.includes('/certs/'));
  for (const path of secrets) {
    const { mode, size, uid, gid } = lstatSync(path);
    assert.equal(mode & 0o077, 0, `${path}: ${(mode & 0o777).toString(8)}`);
    if (owner !== undefined && size > 0) assert.deepEqual({ uid, gid }, owner, path);
  }
}

/** Names of what an apply works with and must not leave behind. */
export function leftovers(configDir: string): readonly string[] {
  const path = join(configDir, 'generations');
  const names = [...readdirSync(configDir), ...(existsSync(path) ? readdirSync(path) : [])];
  return names.filter((name) => name.startsWith('.'));
}

function listFiles(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
