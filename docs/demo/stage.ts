import { spawn } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { send, type RequestOptions } from '../../test/support/client.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { DemoBackends } from './backends.ts';
import { backendOf } from './show.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export interface Demo {
  /** A copy of docs/demo/manifests that may be edited. */
  readonly manifests: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Replaces a manifest in one step; the text of a new one is empty. */
  readonly edit: (name: string, change: (text: string) => string) => Promise<void>;
  /** Asks until `backend` answers; milliseconds since the last edit. */
  readonly until: (request: RequestOptions, backend: string) => Promise<number>;
  /** What sluice says about a code, once it does. */
  readonly diagnostic: (code: string) => Promise<string>;
  readonly end: () => Promise<void>;
}

interface LogLine {
  readonly code?: string;
  readonly type?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Starts `sluice run --manage` on a copy of the manifests and waits until nginx runs the first generation. */
export async function startDemo(backends: DemoBackends): Promise<Demo> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  // Workers of nginx, which run as another user when this runs as root, pass through it.
  await chmod(root, 0o755);
  const manifests = join(root, 'manifests');
  await copyManifests(manifests, backends);
  const [httpPort, httpsPort] = [await freePort(8080), await freePort(8443)];
  const flags = ['--manage', '--bind-address', '127.0.0.1', '--config-dir', join(root, 'config')];
  const ports = ['--http-port', String(httpPort), '--https-port', String(httpsPort)];
  const log: LogLine[] = [];
  const args = [MAIN, 'run', '-f', manifests, ...flags, ...ports, '--access-log-path', join(root, 'access.log')];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, SLUICE_LOG_FORMAT: 'json' },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  createInterface({ input: child.stderr }).on('line', (line) => log.push(parseLine(line)));
  const end = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(root, { recursive: true, force: true });
  };
  try {
    await waitFor('nginx to run', () => log.some((line) => line.type === 'applied'));
  } catch (error) {
    await end();
    throw new Error(`sluice did not start nginx:\n${log.map((line) => JSON.stringify(line)).join('\n')}`, {
      cause: error,
    });
  }
  return { manifests, httpPort, httpsPort, ...actions(manifests, log), end };
}

function actions(manifests: string, log: readonly LogLine[]): Pick<Demo, 'edit' | 'until' | 'diagnostic'> {
  let edited = performance.now();
  return {
    async edit(name, change) {
      const path = join(manifests, name);
      const text = await readFile(path, 'utf8').catch(() => '');
      const hidden = join(manifests, `.${name}.new`);
      await writeFile(hidden, change(text));
      edited = performance.now();
      await rename(hidden, path);
    },
    async until(request, backend) {
      await waitFor(`an answer by ${backend}`, async () => backendOf(await send(request)) === backend);
      return Math.round(performance.now() - edited);
    },
    async diagnostic(code) {
      const line = await waitFor(code, () => log.find((item) => item.code === code));
      return `${code} ${String(line['object'])} ${String(line['field'])}: ${String(line['reason'])}`;
    },
  };
}

async function copyManifests(target: string, backends: DemoBackends): Promise<void> {
  await cp(join(import.meta.dirname, 'manifests'), target, { recursive: true });
  for (const name of await readdir(target)) {
    const port = backends.ports.get(name.replace('.yaml', ''));
    if (port === undefined) continue;
    const path = join(target, name);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/\b900[12]\b/g, String(port)));
  }
}

/** `wanted`, or any free port when somebody has that. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return freePort(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line };
  }
}
