import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, createWriteStream, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectorySource } from '../../src/sources/manifests/directory.ts';
import { MAX_FILE_SIZE } from '../../src/sources/manifests/load-file.ts';
import { readManifests } from '../../src/sources/manifests/read-manifests.ts';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { readPackFiles } from '../../src/sources/packs/pack-files.ts';
import { readBounded } from '../../src/sources/read-bounded.ts';
import { formatDiagnostic } from '../../src/model/diagnostics.ts';
import { eventually, ingressText, temporaryDirectory } from './support.ts';

const CANARY = 'c4n4ry-of-a-file-that-is-not-ours';

function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

describe('readBounded', () => {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory(), name);

  it('reads a file up to its limit, and not a byte more', async () => {
    writeFileSync(at('file'), 'x'.repeat(200_000));
    assert.equal((await readBounded(at('file'), { limit: 200_000 }))?.length, 200_000);
    assert.equal(await readBounded(at('file'), { limit: 199_999 }), undefined);
    writeFileSync(at('empty'), '');
    assert.equal((await readBounded(at('empty'), { limit: 0 }))?.length, 0);
  });

  it('does not wait for a pipe, nor read a device', async () => {
    makePipe(at('pipe'));
    await assert.rejects(readBounded(at('pipe'), { limit: 10 }), /is neither a file nor a directory/);
    await assert.rejects(readBounded('/dev/zero', { limit: 10 }), /is neither a file nor a directory/);
  });

  it('reads a pipe that is meant, and gives a device up that has no end', async () => {
    makePipe(at('pipe'));
    createWriteStream(at('pipe')).end('text');
    assert.equal((await readBounded(at('pipe'), { limit: 10, anyKind: true }))?.toString(), 'text');
    assert.equal(await readBounded('/dev/zero', { limit: 1_000_000, anyKind: true }), undefined);
  });
});

describe('a directory of manifests that holds what is no manifest', () => {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory(), name);

  async function read(): Promise<{ readonly names: readonly string[]; readonly told: string }> {
    const store = new ObjectStore(() => undefined);
    await readManifests([directory()], store);
    const { objects, diagnostics } = store.snapshot();
    return { names: [...objects.Ingress.keys()], told: diagnostics.map(formatDiagnostic).join('\n') };
  }

  beforeEach(() => writeFileSync(at('web.yaml'), ingressText()));

  it('passes over pipes, devices and sockets, and links to them', async () => {
    makePipe(at('a.yaml'));
    symlinkSync('/dev/zero', at('b.yaml'));
    symlinkSync('a.yaml', at('c.yaml'));
    assert.deepEqual(await read(), { names: ['shop/web'], told: '' });
  });

  it('reads the rest when a file is too large', async () => {
    writeFileSync(at('huge.yaml'), '');
    truncateSync(at('huge.yaml'), MAX_FILE_SIZE + 1);
    const { names, told } = await read();
    assert.deepEqual(names, ['shop/web']);
    assert.match(told, /InvalidManifest \S+huge.yaml:1:1: larger than 16777216 bytes;/);
  });

  it('reads a tree however deep, and one that is its own branch', async () => {
    const deep = join(directory(), ...Array<string>(200).fill('d'));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'deep.yaml'), ingressText({ name: 'deep' }));
    for (const name of ['x', 'y', 'z']) symlinkSync(directory(), join(deep, name));
    assert.deepEqual([...(await read()).names].sort(), ['shop/deep', 'shop/web']);
  });

  const contents: readonly [name: string, text: string][] = [
    ['lines of a password file', `root:${CANARY}:20000:0:99999:7:::\nbin:*:20000:0:99999:7:::\n`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`],
    ['a kubeconfig', `apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: ${CANARY}\n`],
    ['settings', `password = ${CANARY}\n[section]\n`],
    ['a token', `${CANARY}: : ${CANARY}`],
    ['a mapping of what is no key', `? [${CANARY}]\n: {${CANARY}: *${CANARY}}\n&${CANARY} !<${CANARY}> [`],
    ['JSON that is cut off', `{"token": "${CANARY}`],
  ];
  for (const [name, text] of contents) {
    it(`says nothing of what is behind a link to ${name}`, async () => {
      mkdirSync(at('.elsewhere'));
      writeFileSync(at('.elsewhere/secret'), text);
      symlinkSync('.elsewhere/secret', at('link.yaml'));
      const { names, told } = await read();
      assert.deepEqual(names, ['shop/web']);
      assert.ok(!told.includes(CANARY), told);
    });
  }

  it('is not followed when it is a pipe itself', async () => {
    makePipe(at('pipe'));
    const store = new ObjectStore(() => undefined);
    const controller = new AbortController();
    const source = new DirectorySource(store, { path: at('pipe') }, controller.signal);
    await eventually('the diagnostic', () => store.diagnostics.length > 0);
    assert.match(store.diagnostics.map(formatDiagnostic).join(), /pipe: is neither a file nor a directory; waiting/);
    controller.abort();
    await source.stopped;
  });
});

describe('templates that are no files', () => {
  const directory = temporaryDirectory();

  it('are refused by name, without waiting', async () => {
    makePipe(join(directory(), 'a.hbs'));
    await assert.rejects(readPackFiles(directory()), /cannot read templates from \S+: a.hbs is neither a file nor/);
  });

  it('are refused when they are too large', async () => {
    const file = join(directory(), 'a.hbs');
    appendFileSync(file, '');
    truncateSync(file, 2 * 1024 * 1024);
    await assert.rejects(readPackFiles(directory()), /a.hbs is larger than 1048576 bytes/);
  });
});
