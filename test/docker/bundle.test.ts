import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../docker/bundle.ts';
import { waitFor } from '../support/wait.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Beside that of the tests of the image, which may run at the same time. */
const BUNDLE = join(ROOT, 'dist', 'tested-bundle');
const SOURCES = join(ROOT, 'src', 'cli', 'main.ts');
const MANIFESTS = join(ROOT, 'docs', 'demo', 'manifests');

async function outputOf(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  return stdout;
}

/** The files that are loaded before anything is asked for: `main.js` and what it imports statically. */
async function loadedAtStart(): Promise<readonly string[]> {
  const found = new Set(['main.js']);
  for (const name of found) {
    const text = await readFile(join(BUNDLE, name), 'utf8');
    for (const [, other] of text.matchAll(/\bimport\s*(?:[\w$*{}, ]+?from\s*)?"\.\/([^"]+)"/g)) found.add(other ?? '');
  }
  return [...found];
}

function contexts(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token: 'a-token' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

describe('the bundle', function () {
  this.timeout(120_000);
  let sizes: ReadonlyMap<string, number> = new Map();
  const main = join(BUNDLE, 'main.js');
  before(async () => {
    sizes = await bundle(BUNDLE);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    assert.equal(await outputOf(main, '--version'), `${version}\n`);
  });

  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['render', '-f', MANIFESTS],
    ['render', '-f', MANIFESTS, '--proxy', 'haproxy'],
  ]) {
    it(`prints the same as the sources: ${args.join(' ').replace(`${ROOT}/`, '')}`, async () => {
      const [bundled, expected] = await Promise.all([outputOf(main, ...args), outputOf(SOURCES, ...args)]);
      assert.equal(bundled, expected);
      assert.notEqual(bundled, '');
    });
  }

  it('loads the Kubernetes client and pretty logs only when they are needed', async () => {
    const early = await loadedAtStart();
    assert.ok(early.length > 1);
    for (const mark of ['loadFromDefault(', 'translateTime:']) {
      const holding: string[] = [];
      for (const name of sizes.keys()) {
        if (name.endsWith('.js') && (await readFile(join(BUNDLE, name), 'utf8')).includes(mark)) holding.push(name);
      }
      const where = holding.filter((name) => !early.includes(name));
      assert.ok(where.length > 0, `${mark} is in a file of its own, not only in ${holding.join(', ')}`);
    }
  });

  it('has the license of every package in it', async () => {
    const licenses = await readFile(join(BUNDLE, 'LICENSES.txt'), 'utf8');
    for (const name of ['@kubernetes/client-node', 'commander', 'handlebars', 'pino']) {
      assert.match(licenses, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
    }
  });

  it('reads a kubeconfig, and asks the API server as its user', async () => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const directory = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, contexts(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    const flags = ['--kubeconfig', kubeconfig, '--config-dir', join(directory, 'config')];
    const args = ['--max-semi-space-size=4', main, 'run', ...flags, '--proxy-version', '1.30.0', '--admin-port', 'off'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    try {
      const told = () => `requests for Ingresses; log: ${log}`;
      const request = await waitFor(told, () => requests.find(({ url }) => url?.includes('/ingresses') === true));
      assert.equal(request.headers.authorization, 'Bearer a-token');
      const status = await readFile(`/proc/${child.pid ?? ''}/status`, 'utf8');
      report(sizes, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null], log);
    } finally {
      child.kill('SIGKILL');
      await ended;
      server.close();
      server.closeAllConnections();
      await rm(directory, { recursive: true });
    }
  });
});

function report(sizes: ReadonlyMap<string, number>, residentKib: number): void {
  const total = [...sizes].reduce((sum, [name, size]) => sum + (name.endsWith('.js') ? size : 0), 0);
  process.stdout.write(
    `\n  bundle: ${Math.round(total / 1024)} KiB of JavaScript; ${Math.round(residentKib / 1024)} MiB resident when it asks the API server\n`,
  );
}
