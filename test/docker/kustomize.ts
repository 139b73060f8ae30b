import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import type { KubeObject } from './objects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const KUBERNETES = join(ROOT, 'docker', 'kubernetes');
export const OVERLAYS = ['nginx-sidecar', 'haproxy-sidecar', 'namespaced', 'daemonset-hostnetwork'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** setup.sh unpacks one there when the machine has none. */
const UNPACKED = join(ROOT, '.proxies', 'bin', 'kubectl');
const KUBECTL = existsSync(UNPACKED) ? UNPACKED : 'kubectl';

export interface Built {
  readonly objects: readonly KubeObject[];
  /** What kustomize complains of. */
  readonly warnings: string;
}

export async function build(overlay: Overlay, directory = KUBERNETES): Promise<Built> {
  const { stdout, stderr } = await promisify(execFile)(KUBECTL, ['kustomize', join(directory, overlay)]);
  return { objects: loadAll(stdout) as readonly KubeObject[], warnings: stderr };
}

/** Builds an overlay after an edit of its kustomization.yaml, as a user would make it. */
export async function buildEdited(overlay: Overlay, edit: (text: string) => string): Promise<Built> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-kustomize-'));
  try {
    await cp(KUBERNETES, directory, { recursive: true });
    const file = join(directory, overlay, 'kustomization.yaml');
    await writeFile(file, edit(await readFile(file, 'utf8')));
    return await build(overlay, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
