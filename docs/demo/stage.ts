import { X509Certificate } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { send, type RequestOptions } from '../../test/support/client.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { DemoBackends } from './backends.ts';
import { freePort } from './ports.ts';
import { backendOf } from './show.ts';
import { Sluice } from './sluice.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');

/** Everything of a demo that runs, in a temporary directory. */
export interface Stage {
  readonly sluice: Sluice;
  readonly root: string;
  /** A copy of docs/demo/manifests that may be edited. */
  readonly manifests: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Of the certificate in shop.yaml. */
  readonly fingerprint: string;
  readonly end: () => Promise<void>;
}

/** Starts `sluice run --manage` on a copy of the manifests and waits until nginx runs the first generation. */
export async function startStage(backends: DemoBackends): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  // Workers of nginx, which run as another user when this runs as root, pass through it.
  await chmod(root, 0o755);
  const manifests = join(root, 'manifests');
  await copyManifests(manifests, backends);
  const ports = { httpPort: await freePort(8080), httpsPort: await freePort(8443) };
  const sluice = new Sluice([
    ...['-f', manifests, '--manage', '--bind-address', '127.0.0.1', '--worker-processes', '2'],
    ...['--http-port', String(ports.httpPort), '--https-port', String(ports.httpsPort)],
    ...['--config-dir', join(root, 'config'), '--access-log-path', join(root, 'access.log')],
  ]);
  const end = async () => {
    await sluice.end();
    await rm(root, { recursive: true, force: true });
  };
  try {
    const fingerprint = await readFingerprint(manifests);
    await sluice.logged('nginx to run', (line) => line.type === 'applied');
    return { sluice, root, manifests, ...ports, fingerprint, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Replaces a manifest in one step; the text of a new one is empty. @returns when that was, for `firstAnswer` */
export async function edit({ manifests }: Stage, name: string, change: (text: string) => string): Promise<number> {
  const path = join(manifests, name);
  const text = await readFile(path, 'utf8').catch(() => '');
  const hidden = join(manifests, `.${name}.new`);
  await writeFile(hidden, change(text));
  const written = performance.now();
  await rename(hidden, path);
  return written;
}

/** Asks until `backend` answers. @returns milliseconds since `written` */
export async function firstAnswer(request: RequestOptions, backend: string, written: number): Promise<number> {
  await waitFor(`an answer by ${backend}`, async () => backendOf(await send(request)) === backend);
  return Math.round(performance.now() - written);
}

/** Waits until nginx has acknowledged what is installed: before, old workers may still answer a request. */
export async function settled({ root, sluice }: Stage): Promise<void> {
  const installed = Number(basename(await readlink(join(root, 'config', 'current'))));
  await sluice.logged(`generation ${installed}`, ({ type, generation = 0 }) => {
    return type === 'applied' && generation >= installed;
  });
}

async function copyManifests(target: string, { ports }: DemoBackends): Promise<void> {
  await cp(MANIFESTS, target, { recursive: true });
  for (const [service, port] of ports) {
    const path = join(target, `${service}.yaml`);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(/\b900[12]\b/g, String(port)));
  }
}

async function readFingerprint(manifests: string): Promise<string> {
  const text = await readFile(join(manifests, 'shop.yaml'), 'utf8');
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0] ?? '';
  return new X509Certificate(pem.replace(/^ +/gm, '')).fingerprint256;
}
