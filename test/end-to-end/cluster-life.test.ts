import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { reach, untilReached } from '../support/reach.ts';
import type { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const BINARY = installedNginx()[0]?.binary ?? '';
const HOST = 'shop.example.com';
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const shop = (path: string): object =>
  ingress({ name: 'web', rules: [{ host: HOST, paths: [{ path, service: 'alpha' }] }] });

describe('the life of sluice in a cluster', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let cluster: RunningCluster;
  let sluice: RunningSluice;

  before(async () => {
    alpha = await startBackend('alpha');
  });

  after(() => alpha.close());

  const prepare = async (...flags: readonly string[]): Promise<void> => {
    const objects = [shop('/'), ...service('alpha', [alpha.port])];
    cluster = await RunningCluster.prepare({ objects, binary: BINARY, flags });
    ({ sluice } = cluster);
  };
  const at = (path: string) => ({ port: sluice.httpPort, host: HOST, path });
  /** Waits for an admin endpoint to answer so. */
  const probe = (path: string, status: number, says = /^/): Promise<string> => {
    let last: unknown;
    return waitFor(
      () => `${path} to answer ${status} ${says.source}; got ${JSON.stringify(last)}`,
      async () => {
        const answer = await sluice.admin(path).catch(() => undefined);
        last = answer;
        return answer?.status === status && says.test(answer.body) && answer.body;
      },
    );
  };

  describe('with an API server that is away', () => {
    afterEach(() => cluster.stop());

    it('begins when it is there, and says what it waits for until then', async () => {
      await prepare();
      cluster.api.pause();
      sluice.launch();
      const missing = await probe(
        '/readyz',
        503,
        /^waiting for: ingresses\.networking\.k8s\.io to be listed \(.*ECONNREFUSED/m,
      );
      assert.match(missing, /^not ready\ngeneration: none\nsynced: no\n/);
      assert.match((await sluice.admin('/startz')).body, /^no configuration is installed\nwaiting for: /);
      assert.equal((await sluice.admin('/startz')).status, 503);
      assert.equal((await sluice.admin('/healthz')).status, 200);
      assert.match((await sluice.admin('/metrics')).body, /^sluice_watch_synced\{kind="Ingress"\} 0$/m);
      cluster.api.resume();
      assert.match(await probe('/readyz', 200), /^ready\ngeneration: 1\nsynced: yes\n$/);
      assert.equal((await sluice.admin('/startz')).status, 200);
      assert.match((await sluice.admin('/metrics')).body, /^sluice_watch_synced\{kind="Ingress"\} 1$/m);
      assert.equal(await reach(at('/')), 'alpha');
    });

    it('ends when it is told to, whatever it waits for', async () => {
      await prepare();
      cluster.api.pause();
      sluice.launch();
      await probe('/readyz', 503, /ECONNREFUSED/);
      assert.equal(await sluice.kill('SIGTERM'), 0);
    });

    it('starts its proxy on what is installed', async () => {
      await prepare();
      await sluice.begin();
      assert.equal(await sluice.kill('SIGTERM'), 0);
      assert.equal(await reach(at('/')), undefined);
      cluster.api.pause();
      sluice.launch();
      await untilReached(at('/'), 'alpha');
      const waiting = await probe('/readyz', 503, /ECONNREFUSED/);
      assert.match(waiting, /^generation: 1\nsynced: no\nwaiting for: /m);
      assert.equal((await sluice.admin('/startz')).status, 200);
      cluster.api.put(shop('/new'));
      cluster.api.resume();
      await untilReached(at('/'), 404);
      assert.equal(await reach(at('/new')), 'alpha');
      await probe('/readyz', 200);
    });

    it('serves on, stays ready, and catches up', async () => {
      await prepare();
      await sluice.begin();
      cluster.api.pause();
      await probe('/readyz', 200, /^note: waiting for .*ECONNREFUSED/m);
      cluster.api.put(shop('/new'));
      assert.equal(await reach(at('/x')), 'alpha');
      cluster.api.resume();
      await untilReached(at('/x'), 404);
      assert.equal(await reach(at('/new')), 'alpha');
      await probe('/readyz', 200, /^ready\ngeneration: 2\nsynced: yes\n$/);
    });
  });

  describe('with something that it needs missing', () => {
    it('ends with 1 when its port is taken, and names the flags', async () => {
      await prepare('--admin-port', String(alpha.port));
      sluice.launch();
      const told = await sluice.logged('the port', ({ msg = '' }) => msg.startsWith('sluice: '));
      assert.equal(
        told.msg,
        `sluice: the admin server cannot listen on 127.0.0.1:${alpha.port}: the address is in use; see --admin-address and --admin-port`,
      );
      assert.equal(await sluice.kill('SIGCONT'), 1);
      await cluster.stop();
    });

    it('ends with 1 when there is no cluster to follow, and says what to do', async () => {
      const home = await mkdtemp(join(tmpdir(), 'sluice-home-'));
      const args = [MAIN, 'run', '--config-dir', home, '--proxy-binary', BINARY, '--admin-port', 'off'];
      const { code, stderr } = await run(args, { HOME: home, PATH: process.env['PATH'] });
      await rm(home, { recursive: true });
      assert.equal(code, 1);
      assert.match(
        stderr,
        /there is no cluster to follow: set --kubeconfig or KUBECONFIG, run in a pod, or name a directory/,
      );
    });
  });
});

/** Runs node to its end. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly code: unknown; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { env }, (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}
