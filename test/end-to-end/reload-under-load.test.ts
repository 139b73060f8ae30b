import assert from 'node:assert/strict';
import { startBackend, type Backend } from '../support/backend.ts';
import { startLoad } from '../support/load.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';

const RELOADS = 20;
const LEAST_REQUESTS = 10_000;
const CLIENTS = 8;
const HOST = 'load.example.com';

for (const { name: proxy, binary, version } of installedProxies()) {
  describe(`reloads under load, ${proxy} ${version}`, function () {
    this.timeout(120_000);
    let backend: Backend;
    let sluice: RunningSluice;

    before(async () => {
      backend = await startBackend('alpha');
      const served = ingress({ name: 'load', rules: [{ host: HOST, paths: [{ path: '/', service: 'alpha' }] }] });
      const manifests = { 'load.yaml': yaml(served, ...service('alpha', [backend.port])), 'other.yaml': other(0) };
      sluice = await RunningSluice.start({ manifests, proxy, binary, flags: ['--access-log', 'off'] });
    });

    after(async () => {
      await sluice.stop();
      await backend.close();
    });

    it(`loses none of ${LEAST_REQUESTS} requests during ${RELOADS} reloads`, async () => {
      const stop = new AbortController();
      const load = startLoad({ port: sluice.httpPort, host: HOST }, CLIENTS, stop.signal);
      let reloads = 0;
      // A slow machine sends fewer requests during a reload: it gets more reloads.
      while (reloads < RELOADS || load.requests() < LEAST_REQUESTS) {
        reloads += 1;
        await sluice.change(() => sluice.write('other.yaml', other(reloads)));
      }
      stop.abort();
      const report = await load.ended;
      console.log(
        `      ${proxy} ${version}: ${report.requests} requests, ${reloads} reloads, ${report.connections} connections, ` +
          `${report.sentAgain} sent again after an idle connection was closed, ${report.failures.size} failed`,
      );
      assert.deepEqual(report.failures, new Map());
      assert.ok(report.requests >= LEAST_REQUESTS);
    });
  });
}

function other(version: number): string {
  const path = `/version-${version}`;
  return yaml(ingress({ name: 'other', rules: [{ host: 'other.example.com', paths: [{ path, service: 'alpha' }] }] }));
}
