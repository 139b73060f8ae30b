import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pageWithViewModel } from '../docs/view-model.ts';
import { parseFlags, RENDER_FLAGS } from '../src/cli/flags.ts';
import { SAMPLE } from '../src/cli/packs/sample.ts';
import { NO_MACHINE, toProxySettings } from '../src/cli/settings.ts';
import { BLOCKS } from '../src/render/handlebars.ts';
import { OUTPUT_HELPERS, VALUE_HELPERS } from '../src/render/helpers.ts';
import { packOf, rendererOf } from './render/packs.ts';
import { startBackend, type Backend } from './support/backend.ts';
import { send } from './support/client.ts';
import { call } from './cli/call.ts';
import { filesOf, readPage } from './support/docs.ts';
import { ingress, service, yaml } from './support/manifests.ts';
import { shippedPack } from './support/pack.ts';
import { installedProxies } from './support/proxies.ts';
import { RunningSluice } from './support/sluice.ts';

const PAGE = await readPage('template-packs.md');

/** Rows "| `{{…}}` | `…` |". */
const EXAMPLES = [...PAGE.matchAll(/^\| `+(\{\{.*?\}\})`+ *\| *`(.*?)` *\|$/gm)].map(
  (row) => [row[1] ?? '', row[2] ?? ''] as const,
);

function render(template: string): string | undefined {
  const parsed = parseFlags(RENDER_FLAGS, {});
  assert.ok(parsed.ok);
  const settings = { ...toProxySettings(parsed.values, NO_MACHINE), nothing: undefined };
  return rendererOf(packOf(template))(SAMPLE, settings).bundle.files.get('out')?.text;
}

describe('docs/template-packs.md', () => {
  for (const [template, text] of EXAMPLES) {
    it(`tells what ${template} gives`, () => assert.equal(render(template), text));
  }

  it('has an example of every helper', () => {
    const shown = PAGE.slice(0, PAGE.indexOf('<!-- view model'));
    const missing = Object.keys({ ...OUTPUT_HELPERS, ...VALUE_HELPERS }).filter(
      (name) => !new RegExp(`^\\| \`.*[({]${name} `, 'm').test(shown),
    );
    assert.deepEqual(missing, []);
    for (const block of BLOCKS) assert.match(shown, new RegExp(`\`${block}\`|#${block} `));
    assert.ok(EXAMPLES.length > 50);
  });

  for (const proxy of ['nginx', 'haproxy']) {
    it(`names every hook of the pack for ${proxy}`, async () => {
      const empty = [...(await shippedPack(proxy))].filter(
        ([path, text]) => path.startsWith('partials/') && text === '',
      );
      const hooks = empty.map(([path]) => path.slice('partials/'.length, -'.hbs'.length));
      const rows = [...PAGE.matchAll(/^\| `(\w+)` +\|/gm)].map((row) => row[1] ?? '');
      assert.ok(hooks.length > 3);
      assert.deepEqual(
        hooks.filter((hook) => !rows.includes(hook)),
        [],
      );
    });
  }

  it('has the view model as the types have it; npm run docs writes it', async () => {
    assert.equal(await pageWithViewModel(), PAGE);
  });
});

const RECIPES = { nginx: 'my-templates', haproxy: 'my-haproxy-templates' } as const;

describe('the recipe of docs/template-packs.md', function () {
  this.timeout(120_000);
  let root: string;
  let web: Backend;
  const recipe = (folder: string) => [...filesOf(PAGE)].filter(([path]) => path.startsWith(`${folder}/`));

  before(async () => {
    [root, web] = [await mkdtemp(join(tmpdir(), 'sluice-recipe-')), await startBackend('web')];
    for (const [path, text] of filesOf(PAGE)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  });

  after(() => Promise.all([rm(root, { recursive: true }), web.close()]));

  for (const [proxy, folder] of Object.entries(RECIPES)) {
    it(`is two small files for ${proxy}`, () => {
      assert.equal(recipe(folder).length, 2);
      assert.ok(recipe(folder).every(([, text]) => text.split('\n').length <= 4));
    });

    it(`has no mistake for ${proxy} that lint finds`, async () => {
      const { code, stdout } = await call('pack', 'lint', join(root, folder), '--proxy', proxy);
      assert.equal(code, 0, stdout);
    });
  }

  for (const { name, binary, version } of installedProxies()) {
    it(`changes the 404 page of ${name} ${version}, and adds a header`, async () => {
      const rules = [{ host: 'shop.example.com', paths: [{ path: '/shop', service: 'web' }] }];
      const manifests = { 'web.yaml': yaml(ingress({ name: 'web', rules }), ...service('web', [web.port])) };
      const flags = ['--templates', join(root, RECIPES[name])];
      const sluice = await RunningSluice.start({ manifests, proxy: name, binary, flags });
      try {
        const missing = await send({ port: sluice.httpPort, host: 'nobody.example.com', path: '/' });
        assert.equal(missing.status, 404);
        assert.match(missing.body, /<h1>Nothing here<\/h1>/);
        assert.equal(missing.headers['content-type'], 'text/html');
        assert.equal(missing.headers['x-served-by'], 'sluice');
        const found = await send({ port: sluice.httpPort, host: 'shop.example.com', path: '/shop' });
        assert.deepEqual([found.status, found.headers['x-served-by']], [200, 'sluice']);
      } finally {
        await sluice.stop();
      }
    });
  }
});
