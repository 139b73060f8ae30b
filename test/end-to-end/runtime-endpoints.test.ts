import assert from 'node:assert/strict';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { startLoad } from '../support/load.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedHaproxy } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const CHANGES = 50;
const LEAST_REQUESTS = 10_000;
const CLIENTS = 8;
const HOST = 'web.example.com';
/** Which of three endpoints are there, one after another; never fewer than two. */
const WORLDS = ['ab', 'bc', 'abc', 'ac', 'abc', 'bc'] as const;

for (const { binary, version } of installedHaproxy()) {
  describe(`endpoints of HAProxy ${version} that change under load`, function () {
    this.timeout(120_000);
    let backends: readonly Backend[];
    let sluice: RunningSluice;

    before(async () => {
      backends = await Promise.all(['a', 'b', 'c'].map((name) => startBackend(name)));
      const manifests = { 'web.yaml': web(WORLDS[0]) };
      const flags = ['--access-log', 'off'];
      sluice = await RunningSluice.start({ manifests, proxy: 'haproxy', binary, flags });
    });

    after(async () => {
      await sluice.stop();
      await Promise.all(backends.map((backend) => backend.close()));
    });

    /** Each endpoint has a slice of its own, which stays: a slice that vanishes from a file counts for a moment still. */
    function web(names: string): string {
      const rules = [{ host: HOST, paths: [{ path: '/', service: 'web' }] }];
      const slices = backends.map(({ name, port }) => ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: `web-${name}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port, protocol: 'TCP' }],
        endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: names.includes(name) } }],
      }));
      return yaml(ingress({ name: 'web', rules }), ...service('web', []), ...slices);
    }

    const change = (names: string): Promise<void> => sluice.change(() => sluice.write('web.yaml', web(names)));
    const applied = (by: string): number =>
      sluice.log.filter((line) => line['type'] === 'applied' && line['by'] === by).length;

    async function answering(): Promise<string> {
      const seen = new Set<string>();
      for (let sent = 0; sent < 12; sent++) seen.add(echoOf(await send({ port: sluice.httpPort, host: HOST })).backend);
      return [...seen].sort().join('');
    }

    it(`loses none of ${LEAST_REQUESTS} requests during ${CHANGES} changes, and reloads for none of them`, async () => {
      const reloads = applied('reload');
      const stop = new AbortController();
      const load = startLoad({ port: sluice.httpPort, host: HOST }, CLIENTS, stop.signal);
      let changes = 0;
      let names: string = WORLDS[0];
      // A fast machine is through with its changes before it is through with its requests.
      while (changes < CHANGES || load.requests() < LEAST_REQUESTS) {
        changes += 1;
        names = WORLDS[changes % WORLDS.length] ?? names;
        await change(names);
      }
      stop.abort();
      const report = await load.ended;
      const { requests, connections, failures, sentAgain } = report;
      console.log(
        `      haproxy ${version}: ${requests} requests, ${changes} changes, ${connections} connections, ` +
          `${sentAgain} sent again after an idle connection was closed, ${failures.size} failed`,
      );
      assert.deepEqual(failures, new Map());
      assert.equal(connections, CLIENTS);
      assert.deepEqual([applied('runtime'), applied('reload')], [changes, reloads]);
      assert.equal(await answering(), names);
    });

    it('counts them, and not as reloads', async () => {
      const { body } = await sluice.admin('/metrics');
      const count = (kind: string): number =>
        Number(new RegExp(`^sluice_\\w+\\{kind="${kind}",result="applied"\\} (\\d+)$`, 'm').exec(body)?.[1]);
      assert.equal(count('runtime'), applied('runtime'));
      assert.equal(count('reload'), applied('reload'));
    });

    it('serves the last ones when sluice is killed, and goes on without a reload when it is back', async () => {
      await change('ab');
      await sluice.kill('SIGKILL');
      const meanwhile = await answering();
      await sluice.write('web.yaml', web('bc'));
      sluice.log.length = 0;
      sluice.launch();
      assert.equal(meanwhile, 'ab');
      await sluice.generation((generation) => generation > 0);
      await waitFor('the change that was made meanwhile', async () => (await answering()) === 'bc');
      assert.deepEqual([applied('runtime'), applied('reload')], [1, 0]);
    });
  });
}
