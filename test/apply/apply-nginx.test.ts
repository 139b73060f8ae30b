import assert from 'node:assert/strict';
import { readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createApplier, type Applier } from '../../src/apply/apply.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import type { ProxyDriver } from '../../src/proxies/driver.ts';
import { killIfThere, readPidFile } from '../../src/proxies/process-table.ts';
import { selfSigned } from './support/certificate.ts';
import { answering, ask, childrenOf, NGINX, Sandbox } from './support/nginx.ts';
import { forever, whenTrue } from './support/wait.ts';
import { freePort } from '../support/ports.ts';

describe('applier with nginx', () => {
  let sandbox: Sandbox;
  let port: number;
  let taken: Server | undefined;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
    port = await freePort();
  });
  afterEach(async () => {
    taken?.close();
    taken = undefined;
    await sandbox.close();
  });

  async function started(driver: ProxyDriver, acknowledgeTimeoutMs = 5_000): Promise<Applier> {
    const { configDir, runDirectory, logger } = sandbox;
    const settings = { owner: undefined, keepGenerations: 3, acknowledgeTimeoutMs, logger };
    const applier = createApplier({ driver, configDir, runDirectory, ...settings });
    await applier.start(forever);
    return applier;
  }

  async function apply(applier: Applier, bundle: ConfigBundle): Promise<ApplyResult> {
    return (await applier.apply(bundle, forever)).result;
  }

  function current(): Promise<string> {
    return readlink(join(sandbox.configDir, 'current'));
  }

  function answers(text: string): Promise<true> {
    return whenTrue(`"${text}"`, async () => (await ask(port)) === text);
  }

  async function masterPid(): Promise<number> {
    const pid = await readPidFile(sandbox.pidFile);
    assert.ok(pid);
    return pid;
  }

  describe('that it supervises', () => {
    it('starts nginx, has it acknowledge every change, and leaves it alone when nothing changes', async () => {
      const applier = await started(sandbox.managed().driver);
      assert.equal((await apply(applier, sandbox.bundle(answering(port, 'one')))).type, 'applied');
      await answers('one');
      const master = await masterPid();
      const second = sandbox.bundle(answering(port, 'two'));
      assert.deepEqual(await apply(applier, second), {
        type: 'applied',
        by: 'reload',
        generation: 2,
        changedFiles: ['hosts.conf'],
      });
      await answers('two');
      assert.equal(await masterPid(), master);
      const workers = await whenTrue('one worker', async () => (await childrenOf(master)).length === 1).then(() =>
        childrenOf(master),
      );
      assert.deepEqual(await apply(applier, second), { type: 'unchanged', generation: 2 });
      assert.deepEqual(await childrenOf(master), workers);
    });

    it('keeps serving what is good when the next is refused, and names the line', async () => {
      const applier = await started(sandbox.managed().driver);
      await apply(applier, sandbox.bundle(answering(port, 'good')));
      const result = await apply(applier, sandbox.bundle(`${answering(port, 'bad')}frobnicate;\n`));
      const message = '[emerg] unknown directive "frobnicate" in hosts.conf:2';
      assert.deepEqual(result, { type: 'refused', message, places: [{ path: 'hosts.conf', line: 2 }] });
      assert.equal(await ask(port), 'good');
      assert.equal(await current(), 'generations/00000001');
    });

    it('rolls back when the check passes and the reload fails: the key of a zone changed', async () => {
      const zone = (key: string): string => `limit_req_zone ${key} zone=same:1m rate=1r/s;\n`;
      // It is not waited for: nginx says at once that it gives up.
      const applier = await started(sandbox.managed().driver, 3_600_000);
      await apply(applier, sandbox.bundle(zone('$uri') + answering(port, 'good')));
      const result = await apply(applier, sandbox.bundle(zone('$host') + answering(port, 'bad')));
      assert.ok(result.type === 'rolled-back');
      assert.match(
        result.message,
        /runs generation 1; it says: \[emerg\] limit_req "same" uses the "\$host" key while/,
      );
      assert.equal(await current(), 'generations/00000001');
      assert.equal(await ask(port), 'good');
      const log = await readFile(join(sandbox.runDirectory, 'error.log'), 'utf8');
      assert.match(log, /uses the "\$host" key while previously it used the "\$uri" key/);
      const next = await apply(applier, sandbox.bundle(zone('$uri') + answering(port, 'better')));
      assert.deepEqual(next, { type: 'applied', by: 'reload', generation: 3, changedFiles: ['hosts.conf'] });
    });

    it('rolls back when the check passes and the reload fails: a port is taken', async () => {
      const other = await freePort();
      taken = createServer().listen(other, '127.0.0.1');
      await once(taken, 'listening');
      const applier = await started(sandbox.managed().driver, 3_600_000);
      await apply(applier, sandbox.bundle(answering(port, 'good')));
      const result = await apply(applier, sandbox.bundle(answering(port, 'bad') + answering(other, 'x')));
      assert.ok(result.type === 'rolled-back');
      assert.match(result.message, new RegExp(`127\\.0\\.0\\.1:${other} failed .*; \\[emerg\\] still could not bind`));
      assert.equal(await ask(port), 'good');
      assert.equal((await apply(applier, sandbox.bundle(answering(port, 'better')))).type, 'applied');
    }).timeout(120_000);

    it('serves again after kill -9, and verify then finds nothing to do', async () => {
      const { driver, supervisor } = sandbox.managed();
      const applier = await started(driver);
      await apply(applier, sandbox.bundle(answering(port, 'one')));
      const master = await masterPid();
      killIfThere(master, 'SIGKILL');
      await whenTrue('a new nginx', () => supervisor.pid !== undefined && supervisor.pid !== master);
      await whenTrue('its answer', async () => (await driver.runningGeneration(forever)) === 1);
      await answers('one');
      assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 1 });
    });

    it('serves the installed generation from the start', async () => {
      const first = sandbox.managed();
      await apply(await started(first.driver), sandbox.bundle(answering(port, 'one')));
      await first.supervisor.stop();
      assert.equal(await ask(port), undefined);
      await started(sandbox.managed().driver);
      assert.equal(await ask(port), 'one');
    });

    it('leaves inode and time of an unchanged certificate, and serves the changed one', async () => {
      const hosts = ['a', 'b'].map(
        (name) =>
          `server { listen 127.0.0.1:${port} ssl; server_name ${name}; ssl_certificate certs/${name}.pem; ssl_certificate_key certs/${name}.pem; }\n`,
      );
      const [a, b, b2] = [selfSigned('a'), selfSigned('b'), selfSigned('b2')];
      const applier = await started(sandbox.managed().driver);
      const first = sandbox.bundle(hosts.join(''), { 'certs/a.pem': a, 'certs/b.pem': b });
      assert.equal((await apply(applier, first)).type, 'applied');
      const before = await stat(join(sandbox.configDir, 'current/certs/a.pem'));
      assert.equal(before.mode & 0o777, 0o600);
      const second = sandbox.bundle(hosts.join(''), { 'certs/a.pem': a, 'certs/b.pem': b2 });
      assert.deepEqual(await apply(applier, second), {
        type: 'applied',
        by: 'reload',
        generation: 2,
        changedFiles: ['certs/b.pem'],
      });
      const after = await stat(join(sandbox.configDir, 'current/certs/a.pem'));
      assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
      await whenTrue('the new certificate', async () => (await certificateOf(port, 'b')) === 'b2');
      assert.equal(await certificateOf(port, 'a'), 'a');
    });
  });

  describe('that somebody else starts', () => {
    it('installs before nginx is there, and has it acknowledged when it comes', async () => {
      const applier = await started(sandbox.signalled());
      const bundle = sandbox.bundle(answering(port, 'one'));
      const waiting = await apply(applier, bundle);
      assert.ok(waiting.type === 'unacknowledged');
      assert.match(waiting.message, /nginx is not running, or writes its pid elsewhere/);
      await sandbox.startNginx();
      await answers('one');
      const result = await apply(applier, bundle);
      assert.equal(result.type, 'applied');
      assert.equal(await readlink(join(sandbox.configDir, 'acknowledged')), 'generations/00000001');
    });

    it('reloads by the pid file', async () => {
      const driver = sandbox.signalled();
      const applier = await started(driver);
      await apply(applier, sandbox.bundle(answering(port, 'one')));
      await sandbox.startNginx();
      await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 1);
      assert.equal((await apply(applier, sandbox.bundle(answering(port, 'two')))).type, 'applied');
      await answers('two');
    });

    it('reloads by a command', async () => {
      const { configDir, runDirectory } = sandbox;
      const args = ['-s', 'reload', '-c', join(configDir, 'current/nginx.conf'), '-p', runDirectory, '-e', 'stderr'];
      const driver = sandbox.driver({ type: 'command', file: NGINX, args, timeoutMs: 30_000 });
      const applier = await started(driver);
      const waiting = await apply(applier, sandbox.bundle(answering(port, 'one')));
      assert.ok(waiting.type === 'unacknowledged');
      assert.match(waiting.message, /the reload command \S+nginx failed \(exit code 1\)/);
      await sandbox.startNginx();
      await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 1);
      assert.equal((await apply(applier, sandbox.bundle(answering(port, 'two')))).type, 'applied');
      await answers('two');
    });

    it('lets an nginx start again that was killed and left its socket', async () => {
      const driver = sandbox.signalled();
      const applier = await started(driver);
      await apply(applier, sandbox.bundle(answering(port, 'one')));
      const first = await sandbox.startNginx();
      await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 1);
      for (const pid of [first.pid, ...(await childrenOf(first.pid))]) killIfThere(pid, 'SIGKILL');
      await first.ended;
      assert.equal((await applier.verify(forever))?.type, 'unacknowledged');
      await sandbox.startNginx();
      await whenTrue('nginx', async () => (await driver.runningGeneration(forever)) === 1);
      assert.equal((await applier.verify(forever))?.type, 'applied');
    });
  });
});

/** The common name of the certificate that is presented for `servername`. */
async function certificateOf(port: number, servername: string): Promise<string> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}
