import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { untilReached } from '../support/reach.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'secure.example.com';
const PAIR = makeCertificate({ names: [HOST] });
/** Of test/support/cluster.ts. */
const TOKEN = 'sluice-token';
const PASSWORD = 'c4n4ry-of-another-key';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** In the environment of sluice, as in a pod, and what must not be in that of a proxy. */
const ENVIRONMENT = {
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  SLUICE_NOT_A_FLAG: 'c4n4ry-setting',
  AWS_SECRET_ACCESS_KEY: 'c4n4ry-of-the-cloud',
};

/** What must not come out anywhere but in files for the owner. */
const CANARIES = [
  ...PAIR.key.split('\n').slice(1, 3),
  base64(PAIR.key).slice(48, 112),
  PASSWORD,
  base64(PASSWORD),
  TOKEN,
  base64(TOKEN),
  ...Object.values(ENVIRONMENT).slice(1),
];

function assertSilent(text: string): void {
  for (const canary of CANARIES) {
    const at = text.indexOf(canary);
    assert.equal(at, -1, at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 300));
  }
}

const withTls = (name: string, secretName: string, host = HOST) =>
  ingress({
    name,
    tls: [{ hosts: [host], secretName }],
    rules: [{ host, paths: [{ path: '/', service: 'alpha' }] }],
  });

/** Keys of its own, and a type that cannot be used. */
const secretOf = (name: string, data: Readonly<Record<string, string>>) => ({ ...tlsSecret(name, PAIR), data });

for (const { name: proxy = '', binary = '', version = '' } of [installedNginx()[0], installedHaproxy()[0]].map(
  (found) => ({ ...found }),
)) {
  describe(`what others get to see of sluice and ${proxy} ${version}`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let cluster: RunningCluster;
    let folder = '';

    /** Runs the proxy; tells its environment, and prints all files instead of checking them when it is told to. */
    async function writeWrapper(): Promise<string> {
      const path = join(folder, 'proxy');
      const isCheck = 'case " $* " in *" -t "*|*" -c -f "*|*" -c "*".staging-"*) true;; *) false;; esac';
      const lines = [
        '#!/bin/sh',
        `env >> ${folder}/environment`,
        `echo >> ${folder}/environment`,
        `if [ -e ${folder}/refuse ] && ${isCheck}; then`,
        `  find $(cat ${folder}/refuse) -type f -exec cat {} + >&2`,
        '  exit 1',
        'fi',
        `exec ${binary} "$@"`,
      ];
      await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o755 });
      return path;
    }

    before(async () => {
      Object.assign(process.env, ENVIRONMENT);
      folder = await mkdtemp(join(tmpdir(), 'sluice-authority-'));
      alpha = await startBackend('alpha');
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ PASSWORD, PAIR }) };
      const tls = tlsSecret('tls', PAIR);
      const data = { 'tls.crt': base64(PAIR.certificate), 'tls.key': base64(PAIR.key), password: base64(PASSWORD) };
      cluster = await RunningCluster.start({
        objects: [
          withTls('secure', 'tls'),
          ...service('alpha', [alpha.port]),
          { ...tls, data, metadata: { name: 'tls', namespace: 'shop', annotations } },
        ],
        proxy,
        binary: await writeWrapper(),
        flags: ['--publish-address', '192.0.2.1', '--secrets', 'all', '--keep-generations', '2'],
      });
      await untilReached({ port: cluster.sluice.httpPort, host: HOST }, 308);
    });

    after(async () => {
      await cluster.stop();
      await alpha.close();
      await rm(folder, { recursive: true });
      for (const name of Object.keys(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
    });

    /** All that comes out of sluice, and all that it wrote to the API server. */
    async function told(): Promise<string> {
      const { api, sluice } = cluster;
      const probes = await Promise.all(
        ['/metrics', '/readyz', '/startz', '/healthz'].map((path) => sluice.admin(path)),
      );
      const written = [...api.list('Event.events.k8s.io'), ...api.list('Ingress'), ...api.list('Lease')];
      const sent = api.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
      return JSON.stringify([sluice.log, probes, written, sent]);
    }

    it('is not the environment of sluice: no token, no setting, nothing of the pod', async () => {
      const environment = await readFile(join(folder, 'environment'), 'utf8');
      const names = new Set([...environment.matchAll(/^(\w+)=/gm)].map(([, name]) => name));
      for (const name of ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']) names.delete(name);
      // Of the shell itself, and of HAProxy that starts again.
      for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_']) names.delete(name);
      assert.deepEqual(
        [...names].filter((name) => !/^HAPROXY_|^NOTIFY_SOCKET$/.test(name ?? '')),
        [],
      );
      assertSilent(environment);
    });

    it('is an admin port on loopback only', async () => {
      await assert.rejects(fetch(`http://127.0.0.2:${cluster.sluice.adminPort}/metrics`), /fetch failed/);
    });

    it('are keys in files for the owner only, and none that no host uses', async () => {
      const { open, closed, modes } = await filesOf(cluster.sluice.configDir);
      assertSilent(open);
      assert.ok(closed.includes(CANARIES[0] ?? ''));
      assert.ok(!closed.includes(PASSWORD));
      assert.deepEqual([...modes].sort(), [0o600, 0o644]);
    });

    it('is nothing of a Secret that cannot be used, nor of an API server that quotes the token', async () => {
      const { api, sluice } = cluster;
      const bad = {
        swapped: { 'tls.crt': base64(PAIR.key), 'tls.key': base64(PAIR.certificate) },
        text: { 'tls.crt': base64(PASSWORD), 'tls.key': base64(PASSWORD) },
        cut: { 'tls.crt': base64(PAIR.certificate), 'tls.key': base64(PAIR.key.slice(0, 150)) },
      };
      for (const [name, data] of Object.entries(bad)) {
        api.put(secretOf(name, data));
        api.put(withTls(name, name, `${name}.example.com`));
      }
      for (const name of Object.keys(bad)) {
        await sluice.logged(
          name,
          ({ code, object }) => code === 'InvalidCertificate' && object === `Ingress shop/${name}`,
        );
      }
      const message = `cannot authenticate: Authorization: Bearer ${TOKEN}`;
      api.faults.push({ match: { resource: 'services' }, times: 3, do: { type: 'status', status: 500, message } });
      api.dropConnections();
      const line = await sluice.logged('the failure', ({ code }) => code === 'ApiUnavailable');
      assert.match(JSON.stringify(line), /Bearer \[redacted\]/);
      await waitFor('Events', () => api.list('Event.events.k8s.io').length >= 3);
      assertSilent(await told());
    });

    it('is nothing of the files that a checker quotes', async () => {
      const { api, sluice } = cluster;
      await writeFile(join(folder, 'refuse'), join(sluice.configDir, 'generations'));
      const before = sluice.log.length;
      api.put(withTls('refused', 'tls', 'refused.example.com'));
      await waitFor('a refusal', () => JSON.stringify(sluice.log.slice(before)).includes('[redacted]'));
      await sluice.admin('/readyz');
      assertSilent(await told());
      await rm(join(folder, 'refuse'));
    });

    it('is no key of a certificate that is not used any more, once its generations are gone', async () => {
      const { api, sluice } = cluster;
      await untilReached({ port: sluice.httpPort, host: 'refused.example.com' }, 308);
      for (const name of ['secure', 'refused']) api.remove('Ingress', 'shop', name);
      const plain = (name: string) =>
        ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path: '/', service: 'alpha' }] }] });
      for (const name of ['one', 'two', 'three']) {
        api.put(plain(name));
        await untilReached({ port: sluice.httpPort, host: `${name}.example.com` }, 'alpha');
      }
      await waitFor('the key to be gone', async () => {
        const { closed } = await filesOf(sluice.configDir);
        return !closed.includes(CANARIES[0] ?? '');
      });
    });
  });
}

interface Found {
  /** Texts of files that others may read. */
  readonly open: string;
  readonly closed: string;
  readonly modes: ReadonlySet<number>;
}

/** Sockets and what vanishes meanwhile are left out. */
async function filesOf(directory: string): Promise<Found> {
  const entries = await readdir(join(directory, 'generations'), { recursive: true, withFileTypes: true });
  let [open, closed] = ['', ''];
  const modes = new Set<number>();
  for (const { parentPath, name } of entries.filter((item) => item.isFile())) {
    const path = join(parentPath, name);
    const mode = (await stat(path).catch(() => undefined))?.mode;
    if (mode === undefined) continue;
    modes.add(mode & 0o777);
    const text = await readFile(path, 'utf8').catch(() => '');
    if ((mode & 0o077) === 0) closed += text;
    else open += text;
  }
  return { open, closed, modes };
}
