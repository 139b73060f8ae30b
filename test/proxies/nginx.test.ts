import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { ConfigBundle, ConfigPlace } from '../../src/model/bundle.ts';
import { killIfThere, readPidFile } from '../../src/proxies/process-table.ts';
import { selfSigned } from '../apply/support/certificate.ts';
import { answering, Sandbox } from '../apply/support/nginx.ts';
import { forever, until, whenTrue } from '../apply/support/wait.ts';
import { freePort } from '../support/ports.ts';

describe('nginx driver', () => {
  let sandbox: Sandbox;
  let port: number;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
    port = await freePort();
  });
  afterEach(() => sandbox.close());

  /** Writes a bundle as a generation would be; returns the directory. */
  async function write(bundle: ConfigBundle, name = 'staged'): Promise<string> {
    const directory = join(sandbox.configDir, name);
    for (const { path, text } of [...bundle.files.values(), ...bundle.stamp(7)]) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return directory;
  }

  /** A checker that does what `script` says. */
  async function fakeChecker(script: string): Promise<string> {
    const path = join(sandbox.configDir, 'nginx-fake');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('identifies the binary', async () => {
    const { name, version, modules } = await sandbox.signalled().identify(forever);
    assert.equal(name, 'nginx');
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.ok(modules.includes('--with-http_ssl_module'));
  });

  it('says so when the binary is something else', async () => {
    await assert.rejects(
      sandbox.signalled({ binary: '/bin/echo' }).identify(forever),
      /did not answer as nginx does: -V/,
    );
  });

  it('accepts a configuration whose includes and certificates are relative to the checked directory', async () => {
    const hosts = `server { listen 127.0.0.1:${port} ssl; ssl_certificate certs/a.pem; ssl_certificate_key certs/a.pem; }`;
    const directory = await write(sandbox.bundle(hosts, { 'certs/a.pem': selfSigned('a') }));
    assert.deepEqual(await sandbox.signalled().check(directory, forever), { accepted: true, warnings: '' });
  });

  it('passes warnings on', async () => {
    const directory = await write(sandbox.bundle(answering(port, 'a') + answering(port, 'b')));
    const result = await sandbox.signalled().check(directory, forever);
    assert.deepEqual(result, {
      accepted: true,
      warnings: `[warn] conflicting server name "" on 127.0.0.1:${port}, ignored`,
    });
  });

  const ssl = 'server { listen 127.0.0.1:9 ssl; ssl_certificate certs/a.pem; ssl_certificate_key certs/a.pem; }\n';
  const refused: readonly {
    name: string;
    hosts: string;
    pem?: string;
    message: RegExp;
    places: readonly ConfigPlace[];
  }[] = [
    {
      name: 'an unknown directive',
      hosts: 'server {\n  frobnicate on;\n}\n',
      message: /^\[emerg\] unknown directive "frobnicate" in hosts\.conf:2$/,
      places: [{ path: 'hosts.conf', line: 2 }],
    },
    {
      name: 'a certificate that is none',
      hosts: ssl,
      pem: 'nonsense',
      message: /^\[emerg\] cannot load certificate "certs\/a\.pem"/,
      places: [{ path: 'certs/a.pem', line: 1 }],
    },
    {
      name: 'a certificate that is not there',
      hosts: ssl,
      message: /^\[emerg\] cannot load certificate "certs\/a\.pem".*No such file/,
      places: [{ path: 'certs/a.pem', line: 1 }],
    },
    {
      name: 'a file that is not included from the directory',
      hosts: 'include /nowhere/x.conf;\n',
      message: /No such file or directory\) in hosts\.conf:1$/,
      places: [{ path: 'hosts.conf', line: 1 }],
    },
  ];
  for (const { name, hosts, pem, message, places } of refused) {
    it(`refuses ${name} and says where`, async () => {
      const directory = await write(sandbox.bundle(hosts, pem === undefined ? {} : { 'certs/a.pem': pem }));
      const result = await sandbox.signalled().check(directory, forever);
      assert.ok(!result.accepted);
      assert.match(result.message, message);
      assert.deepEqual(result.places, places);
    });
  }

  it('says the same of the same fault in another directory', async () => {
    const bundle = sandbox.bundle('frobnicate on;\n');
    const [one, two] = [await write(bundle, 'one'), await write(bundle, 'two')];
    assert.deepEqual(await sandbox.signalled().check(one, forever), await sandbox.signalled().check(two, forever));
  });

  const checkers: readonly { name: string; script: string; checkTimeoutMs: number; problem: RegExp }[] = [
    { name: 'hangs', script: 'sleep 60', checkTimeoutMs: 200, problem: /-t did not end within 200 ms/ },
    {
      name: 'fails on its own',
      script: 'echo no libpcre >&2; exit 127',
      checkTimeoutMs: 30_000,
      problem: /failed with exit code 127: no libpcre/,
    },
    {
      name: 'fails in silence',
      script: 'exit 1',
      checkTimeoutMs: 30_000,
      problem: /failed with exit code 1: it said nothing/,
    },
  ];
  for (const { name, script, checkTimeoutMs, problem } of checkers) {
    it(`throws when the checker ${name}, because that is no verdict`, async () => {
      const driver = sandbox.signalled({ binary: await fakeChecker(script), checkTimeoutMs });
      await assert.rejects(driver.check(sandbox.configDir, forever), problem);
    });
  }

  it('refuses a configuration that crashes the checker', async () => {
    const driver = sandbox.signalled({ binary: await fakeChecker('kill -SEGV $$') });
    const result = await driver.check(sandbox.configDir, forever);
    assert.ok(!result.accepted);
    assert.match(result.message, /crashed/);
  });

  it('does not harm the socket and the pid file of the running nginx by a check', async () => {
    const directory = await write(sandbox.bundle(''), 'current');
    const { pid } = await sandbox.startNginx();
    const driver = sandbox.signalled();
    await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 7);
    const before = await stat(sandbox.socket);
    for (let round = 0; round < 3; round++) {
      assert.ok((await driver.check(directory, forever)).accepted);
      assert.equal(await driver.runningGeneration(forever), 7);
    }
    assert.equal((await stat(sandbox.socket)).ino, before.ino);
    assert.equal(await readPidFile(sandbox.pidFile), pid);
  });

  it('leaves no socket behind after a check without a running nginx, and an empty pid file does not pass for a proxy', async () => {
    const driver = sandbox.signalled();
    assert.ok((await driver.check(await write(sandbox.bundle('')), forever)).accepted);
    assert.equal(existsSync(sandbox.socket), false);
    await assert.rejects(driver.reload(forever), /nginx is not running/);
  });

  it('removes on reload the socket of an nginx that was killed, so that it can start again', async () => {
    const listener = createServer().listen(sandbox.socket);
    await once(listener, 'listening');
    await rename(sandbox.socket, `${sandbox.socket}.kept`);
    listener.close();
    await rename(`${sandbox.socket}.kept`, sandbox.socket);
    await assert.rejects(sandbox.signalled().reload(forever), /nginx is not running/);
    assert.equal(existsSync(sandbox.socket), false);
  });

  it('refuses a socket path that no socket can have', () => {
    const acknowledgeSocket = join(sandbox.runDirectory, 'a'.repeat(120));
    assert.throws(() => sandbox.signalled({ acknowledgeSocket }), /107 at most/);
  });

  it('reloads the running nginx by its pid file', async () => {
    await write(sandbox.bundle(''), 'current');
    const { pid } = await sandbox.startNginx();
    const driver = sandbox.signalled();
    await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 7);
    await writeFile(
      join(sandbox.configDir, 'current', 'generation.conf'),
      'location = /generation { return 200 "8\\n"; }',
    );
    await driver.reload(forever);
    await until('the new generation', async () => ((await driver.runningGeneration(forever)) === 8 ? true : undefined));
    assert.ok(killIfThere(pid, 0));
  });

  it('quotes an nginx that somebody else started, when it cannot load a configuration', async () => {
    await write(sandbox.bundle(''), 'current');
    await sandbox.startNginx();
    const driver = sandbox.signalled();
    await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 7);
    assert.equal(await driver.complaint?.(), undefined);
    await writeFile(join(sandbox.configDir, 'current', 'hosts.conf'), 'no_such_directive;');
    await driver.reload(forever);
    const complaint = await until('its words', async () => driver.complaint?.());
    assert.match(complaint.text, /^\[emerg\] unknown directive "no_such_directive" in hosts\.conf:1$/);
    assert.ok(complaint.isFinal);
  });
});
