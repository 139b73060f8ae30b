import assert from 'node:assert/strict';
import { startBackend, type Backend } from '../support/backend.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { ProxyBeside } from '../support/proxy-beside.ts';
import { reach, untilReached } from '../support/reach.ts';
import type { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const PROXIES = [...installedNginx().slice(0, 1), ...installedHaproxy().slice(-1)];
const HOST = 'shop.example.com';
/** Longer than these tests wait for anything. */
const LONG = ['--shutdown-delay', '10m'];

const shop = (path: string): object =>
  ingress({ name: 'web', rules: [{ host: HOST, paths: [{ path, service: 'alpha' }] }] });

for (const proxy of PROXIES) {
  describe(`sluice beside ${proxy.name} ${proxy.version}, in a cluster`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let cluster: RunningCluster;
    let sluice: RunningSluice;
    let beside: ProxyBeside;

    beforeEach(async () => {
      alpha = await startBackend('alpha');
    });

    afterEach(async () => {
      await beside.kill();
      await sluice.kill('SIGKILL');
      await cluster.stop();
      await alpha.close();
    });

    const start = async (...flags: readonly string[]): Promise<void> => {
      const objects = [shop('/'), ...service('alpha', [alpha.port])];
      cluster = await RunningCluster.prepare({
        objects,
        proxy: proxy.name,
        binary: proxy.binary,
        flags,
        unmanaged: true,
      });
      ({ sluice } = cluster);
      beside = new ProxyBeside(proxy, sluice);
      sluice.launch();
      await beside.start();
      await probe(200);
    };
    const at = (path: string) => ({ port: sluice.httpPort, host: HOST, path });
    /** Waits for /readyz to answer so. */
    const probe = (status: number, says = /^/): Promise<string> => {
      let last: unknown;
      return waitFor(
        () => `/readyz to answer ${status} ${says.source}; got ${JSON.stringify(last)}`,
        async () => {
          const answer = await sluice.admin('/readyz').catch(() => undefined);
          last = answer;
          return answer?.status === status && says.test(answer.body) && answer.body;
        },
      );
    };

    it('notices that the proxy was killed, and that it serves again', async () => {
      await start();
      await beside.kill();
      await probe(503, /^waiting for: the proxy /m);
      // Its socket is out of the way by now, without which it would not start.
      await beside.start();
      await probe(200);
      assert.equal(await reach(at('/')), 'alpha');
      cluster.api.put(shop('/new'));
      await untilReached(at('/x'), 404);
      assert.equal(await reach(at('/new')), 'alpha');
    });

    for (const signal of proxy.name === 'nginx' ? (['SIGTERM', 'SIGKILL'] as const) : (['SIGKILL'] as const)) {
      it(`does not reload the proxy when it starts anew after ${signal} and nothing has changed`, async () => {
        await start();
        const workers = await beside.workers();
        await sluice.kill(signal);
        const seen = sluice.log.length;
        sluice.launch();
        const line = await waitFor('a pass', () => sluice.log.slice(seen).find((item) => item['type'] !== undefined));
        assert.deepEqual([line['type'], line['generation']], ['unchanged', 1]);
        await probe(200, /^generation: 1$/m);
        assert.deepEqual(await beside.workers(), workers);
        assert.equal(await reach(at('/')), 'alpha');
      });
    }

    it('starts anew while the API server is away: the proxy serves on, and catches up later', async () => {
      await start();
      const workers = await beside.workers();
      cluster.api.pause();
      await sluice.kill('SIGTERM');
      sluice.launch();
      await probe(503, /^waiting for: ingresses\.networking\.k8s\.io to be listed \(.*ECONNREFUSED/m);
      assert.equal(await reach(at('/')), 'alpha');
      assert.deepEqual(await beside.workers(), workers);
      cluster.api.put(shop('/new'));
      cluster.api.resume();
      await untilReached(at('/x'), 404);
      assert.equal(await reach(at('/new')), 'alpha');
      await probe(200, /^generation: 2\nsynced: yes$/m);
    });

    if (proxy.name !== 'nginx') return;
    // What follows has nothing to do with the proxy.

    it('is not ready as soon as it is told to stop, and ends later, while the proxy serves on', async () => {
      await start('--shutdown-delay', '2s');
      const ended = sluice.kill('SIGTERM');
      await probe(503, /^shutting down$/m);
      assert.equal((await sluice.admin('/healthz')).status, 200);
      assert.equal(await reach(at('/')), 'alpha');
      assert.equal(await ended, 0);
      assert.equal(await reach(at('/')), 'alpha');
      assert.ok(beside.isRunning);
    });

    it('ends at once when it is told to stop again', async () => {
      await start(...LONG);
      const ended = sluice.kill('SIGTERM');
      await probe(503, /shutting down/);
      await sluice.kill('SIGTERM');
      await ended;
      assert.equal(await reach(at('/')), 'alpha');
    });

    it('brings a proxy that was started on an older configuration to the newest', async () => {
      await start();
      await beside.kill();
      await probe(503);
      cluster.api.put(shop('/new'));
      await sluice.logged(
        'the new one on disk',
        (line) => line['type'] === 'unacknowledged' && line['generation'] === 2,
      );
      await beside.start();
      await probe(200, /^generation: 2$/m);
      assert.equal(await reach(at('/x')), 404);
      assert.equal(await reach(at('/new')), 'alpha');
    });
  });
}
