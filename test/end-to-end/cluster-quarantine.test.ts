import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { waitFor } from '../support/wait.ts';

/** Templates that write a path without any care, so that an Ingress can be bad. */
const CARELESS = {
  nginx: { 'location.hbs': '{{#if (startsWith path "/syntax")}}\n        {{word (slice path 1)}} on;\n{{/if}}\n' },
  haproxy: {
    'frontend.hbs':
      '{{#each hosts}}{{#each routes}}{{#owner source}}\n{{#if (startsWith path "/syntax")}}\n    {{word (slice path 1)}} on\n{{/if}}\n{{/owner}}{{/each}}{{/each}}\n',
  },
} as const;
const HOST = 'shop.example.com';

const one = (name: string, path: string): object =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path, service: 'alpha' }] }] });

for (const proxy of [...installedNginx().slice(-1), ...installedHaproxy().slice(-1)]) {
  describe(`an Ingress that ${proxy.name} ${proxy.version} refuses, in a cluster`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let folder: string;
    let cluster: RunningCluster;

    before(async () => {
      alpha = await startBackend('alpha');
      folder = await mkdtemp(join(tmpdir(), 'sluice-careless-'));
      await mkdir(join(folder, 'partials'));
      for (const [name, text] of Object.entries(CARELESS[proxy.name])) {
        await writeFile(join(folder, 'partials', name), text);
      }
      const objects = [one('shop', '/'), ...service('alpha', [alpha.port])];
      cluster = await RunningCluster.start({ ...proxy, proxy: proxy.name, objects, flags: ['--templates', folder] });
    });

    after(async () => {
      await cluster.stop();
      await alpha.close();
      await rm(folder, { recursive: true });
    });

    const ask = async (host: string, path: string) => send({ port: cluster.sluice.httpPort, host, path });
    const events = () => cluster.api.list('Event.events.k8s.io').map((event) => JSON.stringify(event));

    it('holds up no other, and has an Event with the words of the proxy', async () => {
      cluster.api.put(one('bad', '/syntax-9'));
      cluster.api.put(one('late', '/'));
      await waitFor('the other', async () => (await ask('late.example.com', '/')).status === 200);
      const event = await waitFor('the Event', () => events().find((text) => text.includes('"reason":"Quarantined"')));
      assert.match(event, /"kind":"Ingress"[^}]*"name":"bad"/);
      assert.match(event, /spec\.rules\[0\]\.http\.paths\[0\]: .*syntax-9/);
      assert.equal(echoOf(await ask(HOST, '/')).backend, 'alpha');
      assert.equal((await ask('bad.example.com', '/syntax-9')).status, 404);
    });

    it('is served as soon as it is corrected, and told so', async () => {
      cluster.api.put(one('bad', '/fine'));
      await waitFor('it', async () => (await ask('bad.example.com', '/fine')).status === 200);
      await waitFor('the Event', () =>
        events().some((text) => /"reason":"Synced"/.test(text) && /"name":"bad"/.test(text)),
      );
    });
  });
}
