import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';

/** Waits until `holds` is true; fails with `what` after 45 seconds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 45_000;
  while (!holds()) {
    if (performance.now() > deadline) assert.fail(`still waiting: ${what}`);
    await sleep(5);
  }
}

/** A new directory for each test, removed after it. */
export function temporaryDirectory(): () => string {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'sluice-sources-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return () => path;
}

export interface ManifestOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly host?: string;
  readonly path?: string;
}

/** A valid Ingress as a manifest would hold it. */
export function ingressManifest({
  name = 'web',
  namespace = 'shop',
  host = 'a.example',
  path = '/',
}: ManifestOptions = {}) {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace },
    spec: { rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  };
}

/** The same as JSON text, which is YAML. */
export function ingressText(options: ManifestOptions = {}): string {
  return `${JSON.stringify(ingressManifest(options), undefined, 2)}\n`;
}

/** Decodes what must be valid. */
export function decodeValid(value: unknown): KubernetesObject {
  const { object, diagnostics } = decodeObject(value, 'default');
  assert.deepEqual(diagnostics, []);
  assert.ok(object !== undefined);
  return object;
}

/** `code field` of each diagnostic. */
export function problemsOf(diagnostics: readonly { code: string; field: string }[]): string[] {
  return diagnostics.map(({ code, field }) => `${code} ${field}`);
}
