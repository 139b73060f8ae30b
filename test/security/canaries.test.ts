import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from '../cli/call.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';

const HOST = 'secure.example.com';
const PAIR = makeCertificate({ names: [HOST] });
const OTHER = makeCertificate({ names: ['other.example.com'] });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PASSWORD = 'c4n4ry-of-another-key';
/** As a hash of a password, and as a password that stands where a hash should. */
const HASH = '$6$abcdefgh$eRCVTfM6DVKz9Bbuej9PpSMwyrZNRZ7fvE2MJbP.EfNqAQLeXh.dmdhCwDsteizQToJiFQ8BwdizmSCnsxS1u1';
const CLEAR = 'c4n4ry-in-clear';
const USERS = `foo:${HASH}\nann:{PLAIN}${CLEAR}\nbob:${CLEAR}\n${CLEAR}\n`;

/** What must not come out: lines of keys, as PEM and as the base64 of it; another key of a Secret. */
const CANARIES = [
  ...[PAIR, OTHER].flatMap(({ key }) => [...key.split('\n').slice(1, 3), base64(key).slice(48, 112)]),
  PASSWORD,
  base64(PASSWORD),
  HASH,
  HASH.slice(12, 60),
  CLEAR,
  base64(USERS).slice(0, 40),
];

const withTls = (name: string, secretName: string) =>
  ingress({
    name,
    tls: [{ hosts: [HOST], secretName }],
    rules: [{ host: HOST, paths: [{ path: `/${name}`, service: 'alpha' }] }],
  });

/** A Secret whose parts are wrong in some way. */
const broken = (name: string, certificate: string, key: string) => ({
  ...tlsSecret(name, { certificate, key }),
});

const secret = {
  ...tlsSecret('tls', PAIR),
  metadata: {
    name: 'tls',
    namespace: 'shop',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: PASSWORD, ...PAIR }) },
  },
  data: { 'tls.crt': base64(PAIR.certificate), 'tls.key': base64(PAIR.key), password: base64(PASSWORD) },
};

const guarded = ingress({
  name: 'guarded',
  annotations: { 'sluice.dev/auth-type': 'basic', 'sluice.dev/auth-secret': 'users' },
  rules: [{ host: 'users.example.com', paths: [{ path: '/', service: 'alpha' }] }],
});

const users = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'users', namespace: 'shop' },
  data: { auth: base64(USERS) },
};

const MANIFESTS = yaml(
  guarded,
  users,
  withTls('good', 'tls'),
  withTls('swapped', 'swapped'),
  withTls('foreign', 'foreign'),
  withTls('cut', 'cut'),
  withTls('text', 'text'),
  withTls('bytes', 'bytes'),
  ...service('alpha', [8080]),
  secret,
  broken('swapped', PAIR.key, PAIR.certificate),
  broken('foreign', OTHER.certificate, PAIR.key),
  broken('cut', PAIR.certificate, PAIR.key.slice(0, 120)),
  broken('text', PASSWORD, PASSWORD),
  { ...tlsSecret('bytes', PAIR), data: { 'tls.crt': `*${PASSWORD}*`, 'tls.key': [PASSWORD], number: 1 } },
);

function assertSilent(text: string): void {
  for (const canary of CANARIES) {
    const at = text.indexOf(canary);
    assert.equal(at, -1, at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 200));
  }
}

for (const { name: proxy, binary, version } of installedProxies()) {
  describe(`the content of Secrets, with ${proxy} ${version}`, () => {
    let folder = '';
    const chosen = ['--proxy', proxy, '--proxy-binary', binary];
    const manifests = () => join(folder, 'world.yaml');

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-canaries-'));
      await writeFile(manifests(), MANIFESTS);
    });
    after(() => rm(folder, { recursive: true }));

    async function silent(...argv: readonly string[]): Promise<string> {
      const { stdout, stderr } = await call(...argv);
      assertSilent(`${stdout}\n${stderr}`);
      return `${stdout}\n${stderr}`;
    }

    it('is not printed by render, and reaches files for the owner only', async () => {
      const printed = await silent('render', '-f', manifests(), ...chosen);
      assert.match(printed, /# secret: \d+ characters, sha256 /);
      assert.equal(printed.match(/InvalidCertificate/g)?.length, 5);
      const out = join(folder, 'out');
      await silent('render', '-f', manifests(), '--out', out, ...chosen);
      const { open, closed } = await filesOf(out);
      assertSilent(open);
      assert.ok(closed.includes(CANARIES[0] ?? ''), 'the key that is used is there');
      assert.ok(closed.includes(HASH) && closed.includes(CLEAR), 'the users are there');
      for (const other of [OTHER.key.split('\n')[1] ?? '', PASSWORD]) assert.ok(!closed.includes(other));
    });

    it('is not printed by check, whether the proxy accepts it or quotes it', async () => {
      assert.match(await silent('check', '-f', manifests(), ...chosen), /accepts the configuration/);
      await silent('check', '-f', manifests(), '--json', ...chosen);
      const quoting = join(folder, 'quoting');
      // Prints every file below the directory of the configuration that it is to check.
      const script = `#!/bin/sh\ncase "$*" in *"${tmpdir()}"*) ;; *) exec ${binary} "$@";; esac\n`;
      const all = `for word; do case "$word" in "${tmpdir()}"*) cat $(find "$(dirname "$word")" -type f);; esac; done >&2\n`;
      await writeFile(quoting, `${script}${all}exit 1\n`, { mode: 0o755 });
      const wrong = ['--proxy', proxy, '--proxy-binary', quoting, '--proxy-version', version];
      for (const format of [[], ['--json']]) {
        const printed = await silent('check', '-f', manifests(), ...format, ...wrong);
        assert.match(printed, /\[redacted\]/);
      }
    });

    it('is in no snapshot, nor in a difference between two', async () => {
      const kept = join(folder, 'kept');
      await silent('snapshot', '-f', manifests(), '--dir', kept, '--update', '--proxy', proxy);
      assertSilent((await filesOf(kept)).open);
      const renewed = makeCertificate({ names: [HOST, 'more.example.com'] });
      const next = join(folder, 'next.yaml');
      await writeFile(next, yaml(withTls('good', 'tls'), ...service('alpha', [8080]), tlsSecret('tls', renewed)));
      const { code, stdout, stderr } = await call('snapshot', '-f', next, '--dir', kept, '--proxy', proxy);
      assert.equal(code, 1, stderr);
      const difference = `${stdout}${stderr}`;
      assertSilent(difference);
      for (const line of renewed.key.split('\n').slice(1, 3)) assert.ok(!difference.includes(line));
    });
  });
}

/** Texts of all files below a directory, by whether others may read them. */
async function filesOf(directory: string): Promise<{ readonly open: string; readonly closed: string }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = { open: '', closed: '' };
  for (const entry of entries.filter((item) => item.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const isClosed = ((await stat(path)).mode & 0o077) === 0;
    texts[isClosed ? 'closed' : 'open'] += await readFile(path, 'utf8');
  }
  return texts;
}
