import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../support/client.ts';
import { installedNginx } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const [NGINX] = installedNginx();

function page(text: string): string {
  return `        return 404 "${text}\\n";\n`;
}

describe('templates of a user while sluice runs', function () {
  this.timeout(120_000);
  let root: string;
  let sluice: RunningSluice;
  const ask = async () => (await send({ port: sluice.httpPort, host: 'any.example.com', path: '/' })).body;
  const serves = (body: string) => waitFor(`the answer ${body}`, async () => (await ask()) === body);
  /** Mounts what is good and waits for its generation: until then old workers may answer as well. */
  const use = async (date: string, text: string) => {
    await sluice.change(() => mount(date, { '404.hbs': page(text) }));
    await serves(`${text}\n`);
  };

  /** Puts the files into a volume of a ConfigMap as kubelet does: a dated directory, and a link that is swapped. */
  async function mount(date: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(root, date));
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(root, date, name), text);
      await symlink(join('..data', name), join(root, name)).catch(() => undefined);
    }
    await symlink(date, join(root, '..data_tmp'));
    await rename(join(root, '..data_tmp'), join(root, '..data'));
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-templates-'));
    await mount('..1', { '404.hbs': page('one') });
    const flags = ['--templates', root];
    sluice = await RunningSluice.start({ manifests: {}, binary: NGINX?.binary ?? 'nginx', flags });
  });

  after(async () => {
    await sluice.stop();
    await rm(root, { recursive: true });
  });

  /** Waits for a diagnostic of the templates that was not there before `lines` lines of log. */
  const told = (lines: number) =>
    waitFor('InvalidPack', () =>
      sluice.log.slice(lines).find((line) => line['code'] === 'InvalidPack' && line['where']),
    );

  it('are used from the start', () => serves('one\n'));

  it('are used when a ConfigMap changes, without a restart', async () => {
    const { pid } = sluice;
    await use('..2', 'two');
    assert.equal(sluice.pid, pid);
  });

  const bad = [
    {
      name: 'with an interpolation that no helper quotes',
      text: 'x\n  {{path}}\n',
      where: /404\.hbs:2:3$/,
      reason: /quot/,
    },
    {
      name: 'that fails when it renders',
      text: '{{word nothing}}\n',
      where: /404\.hbs:1:\d+$/,
      reason: /undefined is not a plain word/,
    },
    { name: 'that nginx refuses', text: 'retrun 404;\n', where: /:1:1$/, reason: /unknown directive "retrun"/ },
  ];
  for (const [index, { name, text, where, reason }] of bad.entries()) {
    it(`are refused, with their place, ${name}; the last good ones stay`, async () => {
      const lines = sluice.log.length;
      await mount(`..bad-${index}`, { '404.hbs': text });
      const line = await told(lines);
      assert.match(String(line['where']), where);
      assert.match(String(line['reason']), reason);
      assert.equal(await ask(), 'two\n');
      const gone = () => sluice.log.slice(lines).some((item) => item.msg === 'no longer wrong');
      await use(`..good-${index}`, `good ${index}`);
      await waitFor('the end of it', gone);
      await use(`..back-${index}`, 'two');
    });
  }

  it('end it at the start when they are bad, with every problem', async () => {
    const folder = join(root, '.bad');
    await mkdir(folder);
    await writeFile(join(folder, '404.hbs'), '{{path}}');
    await writeFile(join(folder, 'sever.hbs'), '');
    const flags = ['--proxy-binary', NGINX?.binary ?? 'nginx', '--config-dir', join(root, '.config')];
    const argv = [MAIN, 'run', '-f', folder, '--admin-port', 'off', '--templates', folder, ...flags];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 1);
    assert.match(stderr, /404\.hbs:1:1: \{\{path\}\} would be written without quoting/);
    assert.match(stderr, /sever\.hbs:1:1: .*did you mean partials\/server\.hbs\?/);
  });

  it('keep a change of manifests from nothing', async () => {
    const lines = sluice.log.length;
    await mount('..worse', { '404.hbs': 'retrun 404;\n' });
    await told(lines);
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'late', namespace: 'shop' },
    };
    const backend = { service: { name: 'none', port: { number: 80 } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    const spec = { ingressClassName: 'sluice', rules: [{ host: 'any.example.com', http: { paths } }] };
    await sluice.change(() => sluice.write('late.yaml', JSON.stringify({ ...ingress, spec })));
    assert.equal((await send({ port: sluice.httpPort, host: 'any.example.com' })).status, 503);
  });
});
