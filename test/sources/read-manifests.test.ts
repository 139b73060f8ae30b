import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { readManifests } from '../../src/sources/manifests/read-manifests.ts';
import { ingressText, problemsOf, temporaryDirectory } from './support.ts';

describe('readManifests', () => {
  const directory = temporaryDirectory();

  async function read(...paths: string[]): Promise<ReturnType<ObjectStore['snapshot']>> {
    const store = new ObjectStore(() => undefined);
    await readManifests(
      paths.map((path) => join(directory(), path)),
      store,
    );
    return store.snapshot();
  }

  function write(path: string, text: string): void {
    mkdirSync(join(directory(), path, '..'), { recursive: true });
    writeFileSync(join(directory(), path), text);
  }

  it('reads files and directories with all below them', async () => {
    write('one.txt', ingressText({ name: 'one' }));
    write('many/a.yaml', ingressText({ name: 'a' }));
    write('many/deep/er/b.yml', ingressText({ name: 'b' }));
    write('many/deep/c.json', ingressText({ name: 'c' }));
    const { objects, diagnostics } = await read('one.txt', 'many');
    assert.deepEqual([...objects.Ingress.keys()].sort(), ['shop/a', 'shop/b', 'shop/c', 'shop/one']);
    assert.deepEqual(diagnostics, []);
  });

  it('passes over dotfiles, back-up files and what is no manifest', async () => {
    for (const name of ['.a.yaml', '..b/c.yaml', '.git/d.yaml', 'e.yaml~', 'f.yaml.swp', 'README.md', '#g.yaml#']) {
      write(`many/${name}`, '{ not: [valid');
    }
    mkdirSync(join(directory(), 'many/directory.yaml'));
    const { objects, diagnostics } = await read('many');
    assert.equal(objects.Ingress.size, 0);
    assert.deepEqual(diagnostics, []);
  });

  it('follows links, also those that lead in circles or nowhere', async () => {
    write('elsewhere/a.yaml', ingressText({ name: 'a' }));
    write('elsewhere/tree/b.yaml', ingressText({ name: 'b' }));
    mkdirSync(join(directory(), 'many'));
    const links = { '../elsewhere/a.yaml': 'a.yaml', '../elsewhere/tree': 'tree', '.': 'loop', nowhere: 'gone.yaml' };
    for (const [target, name] of Object.entries(links)) symlinkSync(target, join(directory(), 'many', name));
    const { objects, diagnostics } = await read('many');
    assert.deepEqual([...objects.Ingress.keys()].sort(), ['shop/a', 'shop/b']);
    assert.deepEqual(diagnostics, []);
  });

  it('reports a link to itself and reads the rest', async () => {
    write('many/a.yaml', ingressText());
    symlinkSync('b.yaml', join(directory(), 'many/b.yaml'));
    const { objects, diagnostics } = await read('many');
    assert.equal(objects.Ingress.size, 1);
    assert.deepEqual(problemsOf(diagnostics), ['UnreadablePath ']);
    assert.match(diagnostics[0]?.message ?? '', /b\.yaml: ELOOP: too many symbolic links encountered; it is left out$/);
  });

  it('tells file, line and column of a broken field', async () => {
    write('a.yaml', `# first\n---\n${ingressText().replace('80', '80000')}`);
    const { diagnostics } = await read('a.yaml');
    assert.deepEqual(problemsOf(diagnostics), ['InvalidField spec.rules[0].http.paths[0].backend.service.port.number']);
    assert.deepEqual(diagnostics[0]?.location, { file: join(directory(), 'a.yaml'), line: 23, column: 21 });
  });

  it('refuses a file that is too large, and one that is not UTF-8', async () => {
    write('big.yaml', '');
    truncateSync(join(directory(), 'big.yaml'), 16 * 1024 * 1024 + 1);
    writeFileSync(join(directory(), 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xfc]));
    const { diagnostics } = await read('big.yaml', 'latin.yaml');
    assert.deepEqual(problemsOf(diagnostics), ['InvalidManifest ', 'InvalidManifest ']);
    assert.match(diagnostics[0]?.message ?? '', /^larger than/);
    assert.match(diagnostics[1]?.message ?? '', /^not UTF-8/);
  });

  it('reads a file that is named twice once', async () => {
    write('many/a.yaml', ingressText());
    assert.deepEqual((await read('many/a.yaml', 'many')).diagnostics, []);
  });

  it('throws for a path that does not exist', async () => {
    await assert.rejects(read('none'), /cannot read manifests from .*none: no such file or directory/);
  });
});
