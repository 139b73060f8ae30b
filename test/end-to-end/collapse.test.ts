import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { send } from '../support/client.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { untilReached } from '../support/reach.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const BINARY = installedNginx()[0]?.binary ?? '';
const HOSTS = Array.from({ length: 12 }, (_, index) => `host-${index}`);

const ingressOf = (name: string) =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path: '/', service: 'alpha' }] }] });

describe('a source that loses everything at once', function () {
  this.timeout(120_000);
  let alpha: Backend;

  before(async () => {
    alpha = await startBackend('alpha');
  });
  after(() => alpha.close());

  const statusOf = async (port: number, name: string): Promise<number> =>
    (await send({ port, host: `${name}.example.com` })).status;

  describe('as a directory', () => {
    let sluice: RunningSluice;

    before(async () => {
      const manifests = {
        'web.yaml': yaml(ingressOf('host-0')),
        'services.yaml': yaml(...service('alpha', [alpha.port])),
      };
      sluice = await RunningSluice.start({ manifests, binary: BINARY, flags: ['--collapse-hold', '3s'] });
      await untilReached({ port: sluice.httpPort, host: 'host-0.example.com' }, 'alpha');
    });
    after(() => sluice.stop());

    it('keeps what it had, says so, and lets go in the end', async () => {
      const { httpPort, root } = sluice;
      const manifests = join(root, 'manifests');
      await Promise.all(['web.yaml', 'services.yaml'].map((name) => rm(join(manifests, name))));
      const told = await sluice.logged('the hold', (line) => line['code'] === 'CollapseHeld');
      assert.match(String(told['reason']), /2 of 2 are gone at once; they stay in force until 20/);
      assert.equal(await statusOf(httpPort, 'host-0'), 200);
      await waitFor('the host to go', async () => (await statusOf(httpPort, 'host-0')) === 404);
      await sluice.logged('its end', ({ code, msg }) => code === 'CollapseHeld' && msg === 'no longer wrong');
    });
  });

  describe('as a list of a cluster', () => {
    let cluster: RunningCluster;

    before(async () => {
      const objects = [...HOSTS.map(ingressOf), ...service('alpha', [alpha.port])];
      const flags = ['--update-status=false', '--events=false'];
      cluster = await RunningCluster.start({ objects, binary: BINARY, flags });
      await untilReached({ port: cluster.sluice.httpPort, host: 'host-11.example.com' }, 'alpha');
    });
    after(() => cluster.stop());

    it('keeps what the list lacks, tells probe and metrics, and takes what events say', async () => {
      const { api, sluice } = cluster;
      const { httpPort } = sluice;
      // While nobody watches, all but one go, and with them the memory of their going.
      api.pause();
      for (const name of HOSTS.slice(1)) api.remove('Ingress', 'shop', name);
      api.compact();
      api.resume();
      const told = await sluice.logged('the hold', (line) => line['code'] === 'CollapseHeld');
      assert.match(String(told['reason']), /^ingresses.networking.k8s.io: 11 of 12 are gone at once;/);
      for (const name of HOSTS) assert.equal(await statusOf(httpPort, name), 200, name);
      const ready = await waitFor('a note', async () => {
        const probe = await sluice.admin('/readyz');
        return probe.body.includes('note: ingresses.networking.k8s.io: 11 of 12') && probe;
      });
      assert.equal(ready.status, 200);
      assert.match((await sluice.admin('/metrics')).body, /sluice_diagnostics\{.*"CollapseHeld".*\} 1/);
      api.put(ingressOf('host-5'));
      api.remove('Ingress', 'shop', 'host-5');
      await waitFor('the host that is known to be gone', async () => (await statusOf(httpPort, 'host-5')) === 404);
      assert.equal(await statusOf(httpPort, 'host-6'), 200);
      for (const name of HOSTS) api.put(ingressOf(name));
      await untilReached({ port: httpPort, host: 'host-5.example.com' }, 'alpha');
      await sluice.logged('the end', ({ code, msg }) => code === 'CollapseHeld' && msg === 'no longer wrong');
    });

    it('believes what is deleted one by one', async () => {
      const { api, sluice } = cluster;
      for (const name of HOSTS) api.remove('Ingress', 'shop', name);
      for (const name of HOSTS) {
        await waitFor(name, async () => (await statusOf(sluice.httpPort, name)) === 404);
      }
    });
  });
});
