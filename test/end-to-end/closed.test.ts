import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { send } from '../support/client.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

/** Templates that write nonsense for what the annotations of one Ingress ask for. */
const CARELESS = {
  nginx: {
    'partials/location.hbs': `{{#if features}}{{#if (eq (objectName source) "shop/admin")}}
        nonsense on;
{{/if}}{{/if}}
`,
  },
  haproxy: {
    'partials/frontend.hbs': `{{#each hosts}}{{#each routes}}{{#owner source}}
{{#if features}}{{#if (eq (objectName source) "shop/admin")}}
    nonsense on
{{/if}}{{/if}}
{{/owner}}{{/each}}{{/each}}
`,
  },
} as const;

describe('an Ingress that keeps requests out', function () {
  this.timeout(60_000);
  let alpha: Backend;
  let folder: string;
  let sluice: RunningSluice | undefined;

  before(async () => {
    alpha = await startBackend('alpha');
    folder = await mkdtemp(join(tmpdir(), 'sluice-closed-'));
    await chmod(folder, 0o755);
  });

  afterEach(async () => {
    await sluice?.stop();
    sluice = undefined;
  });

  after(async () => {
    await Promise.all([alpha.close(), rm(folder, { recursive: true })]);
  });

  async function templates(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), text);
    }
    return join(folder, name);
  }

  const at = (path: string) => [{ host: 'a.example.com', paths: [{ path, service: 'alpha' }] }];
  const admin = (path: string) =>
    ingress({
      name: 'admin',
      rules: at(path),
      annotations: { 'nginx.ingress.kubernetes.io/whitelist-source-range': '10.0.0.0/8' },
    });
  const main = ingress({ name: 'main', rules: at('/') });

  for (const { name: proxy, binary, version } of installedProxies()) {
    it(`answers 503 when ${proxy} ${version} refuses it, and no broader path of the host lets in whom it would not`, async () => {
      const flags = ['--templates', await templates(proxy, CARELESS[proxy])];
      const manifests = { 'all.yaml': yaml(...service('alpha', [alpha.port]), main) };
      const running = await RunningSluice.start({ manifests, proxy, binary, flags });
      sluice = running;
      const ask = async (path: string) => (await send({ port: running.httpPort, host: 'a.example.com', path })).status;
      assert.equal(await ask('/admin/users'), 200);
      await running.write('all.yaml', yaml(...service('alpha', [alpha.port]), main, admin('/admin')));
      const line = await running.logged('quarantine', (item) => item['code'] === 'Quarantined');
      assert.equal(line['object'], 'Ingress shop/admin');
      await waitFor('the path to be closed', async () => (await ask('/admin/users')) === 503);
      assert.equal(await ask('/'), 200);
    });
  }
});
