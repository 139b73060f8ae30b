import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './call.ts';

interface RecordFile {
  readonly sluice: string;
  readonly files: Record<string, { sha256: string; text: string }>;
}

describe('sluice pack', () => {
  let root: string;
  let mine: string;
  const at = (path: string) => join(mine, path);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-pack-'));
    mine = join(root, 'mine');
  });

  afterEach(() => rm(root, { recursive: true }));

  it('init starts templates that change nothing, and says which partials there are', async () => {
    const { code, stdout } = await call('pack', 'init', mine, '--proxy', 'nginx');
    assert.equal(code, 0);
    assert.match(stdout, /mine\/pack\.json\n--partial NAME copies one to be changed: .*404, .*server/);
    assert.deepEqual((await readdir(mine)).sort(), ['.sluice-pack.json', 'pack.json']);
    assert.equal((await call('pack', 'lint', mine)).stdout, `${mine}: 1 files, nothing wrong\n`);
    assert.deepEqual(await call('pack', 'diff', mine), { code: 0, stdout: '', stderr: '' });
  });

  it('init copies the partials that are named, and records what all of them were', async () => {
    await call('pack', 'init', mine, '--partial', '404', 'host.conf');
    assert.match(await readFile(at('partials/404.hbs'), 'utf8'), /return 404;/);
    assert.match(await readFile(at('host.conf.hbs'), 'utf8'), /server_name/);
    const { sluice, files } = JSON.parse(await readFile(at('.sluice-pack.json'), 'utf8')) as RecordFile;
    assert.match(sluice, /^\d+\.\d+\.\d+/);
    const { sha256, text } = files['partials/route.hbs'] ?? { sha256: '', text: '' };
    assert.equal(sha256, createHash('sha256').update(text).digest('hex'));
  });

  it('init leaves what is there as it is', async () => {
    await call('pack', 'init', mine, '--partial', '404');
    await writeFile(at('partials/404.hbs'), 'return 410;\n');
    await call('pack', 'init', mine, '--partial', '404', '503');
    assert.equal(await readFile(at('partials/404.hbs'), 'utf8'), 'return 410;\n');
    assert.match(await readFile(at('partials/503.hbs'), 'utf8'), /return 503/);
  });

  it('init says which partial was probably meant', async () => {
    const { code, stderr } = await call('pack', 'init', mine, '--partial', 'sevrer');
    assert.equal(code, 1);
    assert.match(stderr, /there is no partial "sevrer"; did you mean server\?/);
  });

  it('lint lists every problem with its place', async () => {
    await call('pack', 'init', mine, '--partial', '404', '503');
    await writeFile(at('partials/404.hbs'), 'x\n{{path}}\n');
    await writeFile(at('partials/503.hbs'), ' {{shell "rm"}}\n');
    await writeFile(at('partials/sever.hbs'), '');
    const { code, stdout } = await call('pack', 'lint', mine);
    assert.equal(code, 1);
    const places = stdout.split('\n').map((line) => line.split(': ')[0]);
    assert.deepEqual(places, [
      ...['404.hbs:2:1', '503.hbs:1:2', 'sever.hbs:1:1'].map((place) => at(`partials/${place}`)),
      '',
    ]);
  });

  it('lint finds what fails only when it renders', async () => {
    await call('pack', 'init', mine, '--partial', 'server');
    await writeFile(at('partials/server.hbs'), '\n  {{word host.nmae}}\n');
    const { code, stdout } = await call('pack', 'lint', mine);
    assert.equal(code, 1);
    assert.match(stdout, /server\.hbs:2:\d+: RangeError: undefined is not a plain word\n$/);
  });

  it('diff shows what is changed', async () => {
    await call('pack', 'init', mine, '--partial', '404');
    await writeFile(at('partials/404.hbs'), '        return 410;\n');
    const { code, stdout } = await call('pack', 'diff', mine);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /--- sluice\/partials\/404\.hbs.*\n\+\+\+ .*mine\/partials\/404\.hbs.*\n@@ .* @@\n- {8}return 404;\n\+ {8}return 410;\n/,
    );
  });

  it('diff shows how the shipped templates changed underneath, until init records the new ones', async () => {
    await call('pack', 'init', mine, '--partial', '404');
    const record = JSON.parse(await readFile(at('.sluice-pack.json'), 'utf8')) as RecordFile;
    const file = {
      text: '        return 418;\n',
      sha256: createHash('sha256').update('        return 418;\n').digest('hex'),
    };
    const older = {
      ...record,
      sluice: '0.0.9',
      files: { ...record.files, 'partials/404.hbs': file, 'partials/tls.hbs': file },
    };
    await writeFile(at('.sluice-pack.json'), JSON.stringify(older));
    const { code, stdout } = await call('pack', 'diff', mine);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^# Changed under these templates since sluice 0\.0\.9:\n--- sluice-0\.0\.9\/partials\/404\.hbs/,
    );
    assert.match(
      stdout,
      /- {8}return 418;\n\+ {8}return 404;\n# Also changed, but not replaced here: partials\/tls\.hbs\n/,
    );
    await call('pack', 'init', mine);
    assert.deepEqual(await call('pack', 'diff', mine), { code: 0, stdout: '', stderr: '' });
  });

  it('diff does not trust a record that was changed by hand', async () => {
    await call('pack', 'init', mine);
    const text = await readFile(at('.sluice-pack.json'), 'utf8');
    await writeFile(at('.sluice-pack.json'), text.replace('return 404', 'return 405'));
    const { code, stderr } = await call('pack', 'diff', mine);
    assert.equal(code, 1);
    assert.match(stderr, /"[\w./-]+\.hbs" is not what was recorded/);
  });

  it('diff says when it does not know what the templates were made for', async () => {
    await call('pack', 'init', mine, '--partial', '404');
    await rm(at('.sluice-pack.json'));
    assert.match((await call('pack', 'diff', mine)).stdout, /^# Not known which templates/);
  });
});
