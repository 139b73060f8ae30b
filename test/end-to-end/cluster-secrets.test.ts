import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { untilReached } from '../support/reach.ts';
import { waitFor } from '../support/wait.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const HOST = 'secure.example.com';
const PAIR = makeCertificate({ names: [HOST] });
/** Nothing refers to it. */
const CANARY = randomBytes(24).toString('hex');

/** Of the heap, with its strings whole. */
const SNAPSHOT = ['--heapsnapshot-signal=SIGUSR2', '--heap-snapshot-string-limit=10000000'];

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** As the API server sends it, too. */
const CANARY_FORMS = [CANARY, base64(CANARY)];
/** A line of the key, and one of its base64. */
const KEY_FORMS = [PAIR.key.split('\n')[1] ?? '', base64(PAIR.key).slice(48, 112)];

for (const secrets of ['referenced', 'namespace', 'all']) {
  describe(`the Secrets of a cluster with --secrets ${secrets}`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let cluster: RunningCluster;
    let diagnostics: string;

    const serve = async (name: string): Promise<void> => {
      const host = `${name}.example.com`;
      cluster.api.put(ingress({ name, rules: [{ host, paths: [{ path: '/', service: 'alpha' }] }] }));
      await untilReached({ port: cluster.sluice.httpPort, host }, 'alpha');
    };

    before(async () => {
      alpha = await startBackend('alpha');
      diagnostics = await mkdtemp(join(tmpdir(), 'sluice-heap-'));
      const program = [...SNAPSHOT, `--diagnostic-dir=${diagnostics}`, MAIN];
      const secret = (name: string, value: string, namespace = 'shop') => ({
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'Opaque',
        metadata: { name, namespace, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': value } },
        data: { password: base64(value) },
      });
      cluster = await RunningCluster.start({
        objects: [
          ingress({
            name: 'secure',
            tls: [{ hosts: [HOST], secretName: 'tls' }],
            rules: [{ host: HOST, paths: [{ path: '/', service: 'alpha' }] }],
          }),
          ...service('alpha', [alpha.port]),
          tlsSecret('tls', PAIR),
          secret('canary', CANARY),
          secret('canary', CANARY, 'other'),
        ],
        binary: installedNginx()[0]?.binary ?? '',
        flags: ['--secrets', secrets],
        program,
      });
      // The watch brings it as well as the list.
      cluster.api.put({
        ...secret('canary', CANARY),
        metadata: { name: 'canary', namespace: 'shop', labels: { a: 'b' } },
      });
      cluster.api.put(secret('late-canary', CANARY));
      await serve('first');
      // What came last on a watch stays in its buffers until something else comes.
      cluster.api.sendBookmarks();
      await serve('second');
    });

    after(async () => {
      await cluster.stop();
      await alpha.close();
      await rm(diagnostics, { recursive: true });
    });

    it('leave nothing on disk of one that nothing refers to', async () => {
      const files = await contentOf(cluster.sluice.configDir);
      assert.ok(files.includes(KEY_FORMS[0] ?? ''), 'the key of the one that is used');
      for (const form of CANARY_FORMS) assert.ok(!files.includes(form));
    });

    it('leave nothing in memory of one that nothing refers to', async () => {
      process.kill(cluster.sluice.pid ?? 0, 'SIGUSR2');
      // Its text is JSON, which is whole when it ends.
      const heap = await waitFor('a snapshot of the heap', async () => {
        const text = await contentOf(diagnostics);
        return text.trimEnd().endsWith('}') && text;
      });
      assert.ok(heap.includes(KEY_FORMS[0] ?? ''), 'the key of the one that is used');
      for (const form of CANARY_FORMS) assert.ok(!heap.includes(form), heapExcerpt(heap, form));
    });

    it('are not told by log and metrics, whether they are used or not', async () => {
      const { body } = await cluster.sluice.admin('/metrics');
      const told = `${JSON.stringify(cluster.sluice.log)}\n${body}`;
      assert.match(told, /sluice_certificate_not_after_timestamp_seconds\{secret="shop\/tls"\}/);
      for (const form of [...CANARY_FORMS, ...KEY_FORMS]) assert.ok(!told.includes(form));
    });
  });
}

function heapExcerpt(heap: string, form: string): string {
  const at = heap.indexOf(form);
  return heap.slice(Math.max(0, at - 200), at + 200);
}

async function contentOf(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}
