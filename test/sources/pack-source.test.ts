import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackFiles } from '../../src/sources/packs/pack-files.ts';
import { followPack, type PackTexts } from '../../src/sources/packs/pack-source.ts';
import { waitFor } from '../support/wait.ts';

describe('the files of a pack', () => {
  let root: string;
  const put = (path: string, text: string) => writeFile(join(root, path), text);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-pack-files-'));
    await mkdir(join(root, 'partials'));
  });

  afterEach(() => rm(root, { recursive: true }));

  it('are pack.json and templates, with Unix lines; hidden ones are passed over', async () => {
    await Promise.all([
      put('pack.json', '{}'),
      put('a.hbs', 'a\r\nb'),
      put('partials/p.hbs', 'p'),
      put('README.md', 'r'),
    ]);
    await Promise.all([put('.hidden.hbs', 'h'), put('partials/pack.json', '{}'), put('partials/.p.hbs.swp', 's')]);
    const files = await readPackFiles(root);
    assert.deepEqual(
      [...files],
      [
        ['a.hbs', 'a\nb'],
        ['pack.json', '{}'],
        ['partials/p.hbs', 'p'],
      ],
    );
  });

  it('are found once in a volume of a ConfigMap', async () => {
    await mkdir(join(root, '..2026'));
    await put('..2026/404.hbs', 'x');
    await symlink('..2026', join(root, '..data'));
    await symlink('..data/404.hbs', join(root, '404.hbs'));
    assert.deepEqual([...(await readPackFiles(root))], [['404.hbs', 'x']]);
  });

  it('end although a link leads back', async () => {
    await symlink('..', join(root, 'partials', 'back'));
    await put('a.hbs', 'a');
    assert.equal((await readPackFiles(root)).get('a.hbs'), 'a');
  });

  it('cannot be read from a directory that is not there', async () => {
    await assert.rejects(
      readPackFiles(join(root, 'gone')),
      /cannot read templates from .*gone: no such file or directory/,
    );
  });

  describe('are followed', () => {
    let heard: (PackTexts | string)[];
    let stop: AbortController;
    let stopped: Promise<void>;
    const last = () => heard.at(-1);

    beforeEach(async () => {
      await put('a.hbs', 'one');
      [heard, stop] = [[], new AbortController()];
      const note = (what: PackTexts | string) => void heard.push(what);
      const options = { directory: root, known: await readPackFiles(root), rescanMs: 200 };
      stopped = followPack(options, { onFiles: note, onUnreadable: note, onUnwatched: note }, stop.signal);
    });

    afterEach(async () => {
      stop.abort();
      await stopped;
    });

    const hears = (text: string) => {
      const isHeard = () => {
        const files = last();
        return files instanceof Map && files.get('a.hbs') === text;
      };
      return waitFor(text, isHeard);
    };

    it('when one changes, once', async () => {
      await put('a.hbs', 'two');
      await hears('two');
      await put('README.md', 'nothing of it');
      await put('a.hbs', 'three');
      await hears('three');
      assert.equal(heard.length, 2);
    });

    it('when the directory goes away and comes back', async () => {
      await rename(root, `${root}-away`);
      await waitFor('the problem', () => typeof last() === 'string');
      await writeFile(join(`${root}-away`, 'a.hbs'), 'back');
      await rename(`${root}-away`, root);
      await hears('back');
    });
  });
});
