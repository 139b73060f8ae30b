import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigPlace } from '../../src/model/bundle.ts';
import { answeringFrontend, HaproxySandbox } from '../apply/support/haproxy.ts';
import { selfSigned } from '../apply/support/certificate.ts';
import { forever } from '../apply/support/wait.ts';
import { installedHaproxy } from '../support/proxies.ts';

interface Refused {
  readonly name: string;
  readonly sections: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly message: RegExp;
  readonly place: ConfigPlace;
}

const TLS = 'frontend tls\n  bind 127.0.0.1:9 ssl crt-list list.txt\n';
const REFUSED: readonly Refused[] = [
  {
    name: 'an unknown keyword',
    sections: 'frontend f\n  frobnicate on\n',
    message: /^\[ALERT\] config : parsing \[backends\.cfg:2\] ?: unknown keyword 'frobnicate'/,
    place: { path: 'backends.cfg', line: 2 },
  },
  {
    name: 'a server whose port is none',
    sections: 'backend b\n  server s1 127.0.0.1:99999\n',
    message: /^\[ALERT\] config : .*backends\.cfg:2/,
    place: { path: 'backends.cfg', line: 2 },
  },
  {
    name: 'a map that is not there',
    sections: 'frontend f\n  http-request set-var(txn.x) path,map_str(maps/none.map)\n',
    message: /none\.map/,
    place: { path: 'backends.cfg', line: 2 },
  },
  {
    name: 'a certificate that is none',
    sections: TLS,
    files: { 'list.txt': 'certs/a.pem a.example.com\n', 'certs/a.pem': 'nonsense' },
    message: /unable to load certificate from file 'certs\/a\.pem'/,
    place: { path: 'certs/a.pem', line: 1 },
  },
  {
    name: 'a name that is there twice',
    sections: 'backend b\n\nbackend b\n\n',
    message: /backend 'b' has the same name/,
    place: { path: 'backends.cfg', line: 3 },
  },
  {
    name: 'text of a user that looks like a place',
    sections: "frontend f\n  frobnicate '[/etc/passwd:3]' on\n",
    message: /backends\.cfg:2/,
    place: { path: 'backends.cfg', line: 2 },
  },
];

for (const { binary, version } of installedHaproxy()) {
  describe(`the driver of HAProxy ${version}`, () => {
    let sandbox: HaproxySandbox;

    beforeEach(async () => {
      sandbox = await HaproxySandbox.create(binary);
    });
    afterEach(() => sandbox.close());

    /** A checker that does what `script` says. */
    async function fakeChecker(script: string): Promise<string> {
      const path = join(sandbox.configDir, 'haproxy-fake');
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
      return path;
    }

    it('identifies the binary', async () => {
      const identity = await sandbox.driver().identify(forever);
      assert.equal(identity.name, 'haproxy');
      assert.equal(identity.version, version);
      assert.ok(identity.modules.includes('OPENSSL'));
    });

    it('says so when the binary is something else', async () => {
      const driver = sandbox.driver(undefined, '/bin/echo');
      await assert.rejects(driver.identify(forever), /did not answer as HAProxy does: -vv/);
    });

    it('accepts a configuration whose maps and certificates are relative to the checked directory', async () => {
      const sections = `${TLS}  http-request set-var(txn.x) path,map_str(maps/a.map)\n`;
      const files = { 'list.txt': 'certs/a.pem a\n', 'certs/a.pem': selfSigned('a'), 'maps/a.map': '/a b\n' };
      const directory = await sandbox.write(sandbox.bundle(sections, files), 'staged');
      assert.deepEqual(await sandbox.driver().check(directory, forever), { accepted: true, warnings: '' });
    });

    it('passes warnings on', async () => {
      const sections = 'frontend f\n  use_backend b\n  http-request deny\nbackend b\n';
      const result = await sandbox.driver().check(await sandbox.write(sandbox.bundle(sections), 'staged'), forever);
      assert.ok(result.accepted);
      assert.match(result.warnings, /^\[WARNING\] config : parsing \[backends\.cfg:3\] : a 'http-request' rule placed/);
    });

    for (const { name, sections, files, message, place } of REFUSED) {
      it(`refuses ${name} and says where`, async () => {
        const directory = await sandbox.write(sandbox.bundle(sections, files), 'staged');
        const result = await sandbox.driver().check(directory, forever);
        assert.ok(!result.accepted);
        assert.match(result.message, message);
        assert.ok(
          result.places.some(({ path, line }) => path === place.path && line === place.line),
          JSON.stringify(result.places),
        );
        assert.ok(result.places.every(({ path }) => !path.startsWith('/')));
      });
    }

    it('says the same of the same fault in another directory', async () => {
      const bundle = sandbox.bundle('frontend f\n  frobnicate on\n');
      const [one, two] = [await sandbox.write(bundle, 'one'), await sandbox.write(bundle, 'two')];
      const driver = sandbox.driver();
      assert.deepEqual(await driver.check(one, forever), await driver.check(two, forever));
    });

    it('throws when the checker fails on its own, because that is no verdict', async () => {
      const checker = await fakeChecker('echo no libpcre >&2; exit 127');
      await assert.rejects(sandbox.driver(undefined, checker).check(sandbox.configDir, forever), /127: no libpcre/);
      await assert.rejects(sandbox.driver().check(sandbox.configDir, forever), /Cannot open/);
    });

    it('refuses a configuration that crashes the checker', async () => {
      const driver = sandbox.driver(undefined, await fakeChecker('kill -SEGV $$'));
      const result = await driver.check(sandbox.configDir, forever);
      assert.ok(!result.accepted);
      assert.match(result.message, /crashed/);
    });

    it('says that nobody answers on the socket of the master', async () => {
      const reload = { type: 'master', socket: join(sandbox.runDirectory, 'none.sock') } as const;
      await assert.rejects(
        sandbox.driver(reload).reload(forever),
        /does not answer on .*none\.sock: it is not running/,
      );
    });

    it('says what the master could not load, and can be told again', async () => {
      await sandbox.write(sandbox.bundle(''), 'current');
      await sandbox.startHaproxy();
      const driver = sandbox.driver();
      await driver.reload(forever);
      await sandbox.write(sandbox.bundle('frontend f\n  frobnicate on\n'), 'current');
      await assert.rejects(driver.reload(forever), /could not load the configuration and goes on with what it had/);
      assert.equal(await driver.runningGeneration(forever), 7);
      await sandbox.write(sandbox.bundle(answeringFrontend(9, 'x').replace('bind 127.0.0.1:9', '')), 'current');
      await driver.reload(forever);
    });
  });
}

describe('sockets of HAProxy', () => {
  const wrong = [`/run/${'a'.repeat(80)}`, '/run/a b', '/run/a,mode,666', '/run/$HOME', "/run/it's"];
  for (const directory of wrong) {
    it(`cannot be in ${directory}`, async () => {
      const sandbox = await HaproxySandbox.create('/usr/sbin/haproxy');
      Object.assign(sandbox, { runDirectory: directory });
      assert.throws(() => sandbox.driver(), RangeError);
      Object.assign(sandbox, { runDirectory: join(sandbox.configDir, 'run') });
      await sandbox.close();
    });
  }
});
