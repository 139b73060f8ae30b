import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ProxyDriver } from '../../src/proxies/driver.ts';
import { countOldWorkers } from '../../src/proxies/haproxy-master.ts';
import { nginxArguments } from '../../src/proxies/nginx.ts';
import { killGroup } from '../../src/proxies/process-table.ts';
import { startChild } from '../../src/proxies/process.ts';
import { bundleOf } from '../apply/support/bundles.ts';
import { HaproxySandbox } from '../apply/support/haproxy.ts';
import { Sandbox } from '../apply/support/nginx.ts';
import { forever } from '../apply/support/wait.ts';
import { freePort } from '../support/ports.ts';
import { installedHaproxy, installedNginx, type InstalledProxy } from '../support/proxies.ts';
import { waitFor } from '../support/wait.ts';

type Cleanup = () => void | Promise<void>;

/** A backend that answers a request when it is told to. */
interface SlowBackend {
  readonly port: number;
  /** The next request that arrives. */
  readonly request: Promise<ServerResponse>;
}

async function startSlowBackend(cleanup: Cleanup[]): Promise<SlowBackend> {
  const { promise: request, resolve } = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => resolve(response));
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanup.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port, request };
}

/** These files without the limits of time that sandboxes have: how long a worker drains is up to the test. */
function patient(bundle: ConfigBundle): ConfigBundle {
  const texts = [...bundle.files.values()].map(({ path, text }) => [
    path,
    text
      .replace('worker_shutdown_timeout 1s;', '')
      .replace('hard-stop-after 1s', 'hard-stop-after 60s')
      .replaceAll(/ 5s$/gm, ' 60s'),
  ]);
  return { ...bundleOf(Object.fromEntries(texts) as Record<string, string>), stamp: bundle.stamp };
}

/** Starts a proxy that passes requests from `port` to `backend`, and returns its driver. */
type Start = (
  proxy: InstalledProxy,
  ports: { readonly port: number; readonly backend: number },
  cleanup: Cleanup[],
) => Promise<ProxyDriver>;

async function nginxSandbox(
  ports: { readonly port: number; readonly backend: number },
  cleanup: Cleanup[],
): Promise<Sandbox> {
  const sandbox = await Sandbox.create();
  cleanup.push(() => sandbox.close());
  const server = `server { listen 127.0.0.1:${ports.port}; location / { proxy_pass http://127.0.0.1:${ports.backend}; } }\n`;
  const bundle = patient(sandbox.bundle(server));
  const directory = join(sandbox.configDir, 'current');
  await mkdir(directory);
  for (const { path, text } of [...bundle.files.values(), ...bundle.stamp(7)])
    await writeFile(join(directory, path), text);
  return sandbox;
}

const besideNginx: Start = async ({ binary }, ports, cleanup) => {
  const sandbox = await nginxSandbox(ports, cleanup);
  const args = nginxArguments(sandbox.configDir, sandbox.runDirectory);
  const { pid, ended } = await startChild({ file: binary, args, output: 'ignore' });
  cleanup.push(async () => {
    killGroup(pid, 'SIGTERM');
    await ended;
    killGroup(pid, 'SIGKILL');
  });
  return sandbox.signalled({ binary });
};

const managedNginx: Start = async (_, ports, cleanup) => (await nginxSandbox(ports, cleanup)).managed().driver;

async function haproxySandbox(
  { binary }: InstalledProxy,
  ports: { readonly port: number; readonly backend: number },
  cleanup: Cleanup[],
): Promise<HaproxySandbox> {
  const sandbox = await HaproxySandbox.create(binary);
  cleanup.push(() => sandbox.close());
  const frontend = `frontend f\n  bind 127.0.0.1:${ports.port}\n  default_backend b\n`;
  const backend = `backend b\n  server s 127.0.0.1:${ports.backend}\n`;
  await sandbox.write(patient(sandbox.bundle(frontend + backend)), 'current');
  return sandbox;
}

const besideHaproxy: Start = async (proxy, ports, cleanup) => {
  const sandbox = await haproxySandbox(proxy, ports, cleanup);
  await sandbox.startHaproxy();
  return sandbox.driver();
};

const managedHaproxy: Start = async (proxy, ports, cleanup) =>
  (await haproxySandbox(proxy, ports, cleanup)).managed().driver;

const starts: readonly { readonly how: string; readonly proxies: readonly InstalledProxy[]; readonly start: Start }[] =
  [
    { how: 'beside sluice', proxies: installedNginx(), start: besideNginx },
    { how: 'beside sluice', proxies: installedHaproxy(), start: besideHaproxy },
    { how: 'managed by sluice', proxies: installedNginx().slice(0, 1), start: managedNginx },
    { how: 'managed by sluice', proxies: installedHaproxy(), start: managedHaproxy },
  ];

describe('draining workers', () => {
  const cleanup: Cleanup[] = [];
  afterEach(async () => {
    for (const clean of cleanup.splice(0).reverse()) await clean();
  });

  function whenDraining(driver: ProxyDriver, count: number): Promise<boolean> {
    const what = `${count} draining workers`;
    return waitFor(what, async () => (await driver.drainingWorkers?.(forever)) === count);
  }

  for (const { how, proxies, start } of starts) {
    for (const proxy of proxies) {
      it(`of ${proxy.name} ${proxy.version} ${how} are counted until their last request is answered`, async () => {
        const backend = await startSlowBackend(cleanup);
        const port = await freePort();
        const driver = await start(proxy, { port, backend: backend.port }, cleanup);
        await driver.ensureStarted?.(forever);
        await waitFor('the proxy', async () => (await driver.runningGeneration(forever)) === 7);
        await whenDraining(driver, 0);
        const answer = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
        const request = await backend.request;
        await driver.reload(forever);
        await whenDraining(driver, 1);
        request.end('late');
        assert.equal(await (await answer).text(), 'late');
        await whenDraining(driver, 0);
      });
    }
  }

  it('of nginx are not known when it does not run', async () => {
    const sandbox = await nginxSandbox({ port: 9, backend: 9 }, cleanup);
    assert.equal(await sandbox.signalled().drainingWorkers?.(forever), undefined);
    assert.equal(await sandbox.managed().driver.drainingWorkers?.(forever), undefined);
  });

  it('of nginx are not known when its pid is that of something else: it runs in another container', async () => {
    const sandbox = await nginxSandbox({ port: 9, backend: 9 }, cleanup);
    await writeFile(sandbox.pidFile, String(process.pid));
    assert.equal(await sandbox.signalled().drainingWorkers?.(forever), undefined);
    await writeFile(sandbox.pidFile, 'nonsense');
    assert.equal(await sandbox.signalled().drainingWorkers?.(forever), undefined);
  });

  it('of nginx are found by its pid file when a command reloads it', async () => {
    const backend = await startSlowBackend(cleanup);
    const sandbox = await nginxSandbox({ port: await freePort(), backend: backend.port }, cleanup);
    await sandbox.startNginx();
    const reload = { type: 'command', file: '/bin/true', args: [], timeoutMs: 30_000 } as const;
    assert.equal(await sandbox.driver(reload).drainingWorkers?.(forever), undefined);
    await whenDraining(sandbox.driver(reload, { pidFile: sandbox.pidFile }), 0);
  });

  it('of HAProxy are not known when its master does not answer', async () => {
    const sandbox = await HaproxySandbox.create('/usr/sbin/haproxy');
    cleanup.push(() => sandbox.close());
    assert.equal(await sandbox.driver().drainingWorkers?.(forever), undefined);
  });

  it('of HAProxy are never known without the socket of its master', async () => {
    const sandbox = await HaproxySandbox.create('/usr/sbin/haproxy');
    cleanup.push(() => sandbox.close());
    const driver = sandbox.driver({ type: 'command', file: '/bin/true', args: [], timeoutMs: 30_000 });
    assert.equal(driver.drainingWorkers, undefined);
  });
});

describe('old workers in what the master CLI of HAProxy answers', () => {
  const head =
    '#<PID>          <type>          <reloads>       <uptime>        <version>      \n1 master 2 [failed: 0] 0d00h00m04s 2.6.12\n';
  const current = '# workers\n271             worker          0               0d00h00m03s     2.6.12\n';
  const cases: readonly (readonly [name: string, answer: string, want: number])[] = [
    ['none', `${head}${current}# programs\n\n`, 0],
    ['an empty section', `${head}${current}# old workers\n# programs\n`, 0],
    [
      'two, and a program that is none',
      `${head}${current}# old workers\n233 worker 1 0d00h00m43s 2.6.12\n222 worker 2 0d00h01m43s 2.6.12\n# programs\n244 log 0 0d00h00m13s -\n# old programs\n255 worker 1 0d00h00m13s -\n`,
      2,
    ],
  ];
  for (const [name, answer, want] of cases)
    it(`are counted: ${name}`, () => assert.equal(countOldWorkers(answer), want));
});
