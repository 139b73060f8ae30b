import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplier } from '../../src/apply/apply.ts';
import type { PackCommands, Placeholder } from '../../src/model/pack-commands.ts';
import { createCommandDriver, fillCommand, installedDirectory } from '../../src/proxies/command.ts';
import type { ProxyDriver } from '../../src/proxies/driver.ts';
import type { ReloadMethod } from '../../src/proxies/reload.ts';
import { Supervisor } from '../../src/proxies/supervisor.ts';
import { bundleOf } from '../apply/support/bundles.ts';
import { recordingLogger } from '../apply/support/logger.ts';
import { forever, whenTrue } from '../apply/support/wait.ts';

interface DriverOptions {
  readonly reload?: ReloadMethod;
  readonly acknowledgePort?: string;
  readonly checkTimeoutMs?: number;
}

describe('a driver made of commands', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-'));
    await install(1);
  });
  afterEach(() => rm(root, { recursive: true }));

  async function install(generation: number): Promise<void> {
    const name = String(generation).padStart(8, '0');
    await mkdir(join(root, 'generations', name), { recursive: true });
    await unlink(installedDirectory(root)).catch(() => undefined);
    await symlink(`generations/${name}`, installedDirectory(root));
  }

  function words(more: Partial<Record<Placeholder, string>> = {}): Readonly<Record<Placeholder, string>> {
    return {
      binary: '/bin/sh',
      directory: installedDirectory(root),
      runDirectory: root,
      pidFile: join(root, 'pid'),
      acknowledgeSocket: join(root, 'ack.sock'),
      acknowledgePort: '1',
      ...more,
    };
  }

  const sh = (script: string) => ['{binary}', '-c', script] as const;

  function driverOf(
    commands: Partial<PackCommands>,
    { reload = byCommand('exit 0'), checkTimeoutMs = 30_000, ...more }: DriverOptions = {},
  ): ProxyDriver {
    const all: PackCommands = {
      version: sh('echo proxy/1.2.3'),
      versionPattern: 'proxy/([0-9.]+)',
      check: sh('exit 0'),
      places: undefined,
      quiet: '^all is well$',
      start: sh('exit 0'),
      reload: { command: sh('exit 0') },
      quitSignal: 'SIGTERM',
      acknowledge: undefined,
      reloadOverlapMs: 0,
      ...commands,
    };
    return createCommandDriver({ name: 'proxy', commands: all, words: words(more), reload, checkTimeoutMs });
  }

  function byCommand(script: string): ReloadMethod {
    return { type: 'command', file: '/bin/sh', args: ['-c', script], timeoutMs: 30_000 };
  }

  it('replaces every placeholder of a word, and nothing in what it puts there', () => {
    const command = fillCommand(['{binary}', '-f{directory}/x', '{binary}{pidFile}'], words({ binary: '{pidFile}' }));
    assert.deepEqual(command, ['{pidFile}', `-f${root}/current/x`, `{pidFile}${root}/pid`]);
  });

  it('finds the version', async () => {
    assert.deepEqual(await driverOf({}).identify(forever), { name: 'proxy', version: '1.2.3', modules: [] });
  });

  it('says what the program said when that is no version', async () => {
    await assert.rejects(driverOf({ version: sh('echo nonsense') }).identify(forever), /proxy did not say.*nonsense/);
  });

  it('accepts what the check accepts, with its warnings', async () => {
    const check = sh('echo "careful: $0"; echo all is well');
    assert.deepEqual(await driverOf({ check: [...check, '{directory}/x'] }).check('/staged', forever), {
      accepted: true,
      warnings: 'careful: x',
    });
  });

  it('refuses what the check refuses, and finds the places in it', async () => {
    const check = sh('echo "bad line 7 of $0/a.conf: x; bad line 8 of /etc/passwd: y"; exit 1');
    const places = 'line (?<line>\\d+) of (?<file>[^:]+):';
    assert.deepEqual(await driverOf({ check: [...check, '{directory}'], places }).check('/staged', forever), {
      accepted: false,
      message: 'bad line 7 of a.conf: x; bad line 8 of /etc/passwd: y',
      places: [{ path: 'a.conf', line: 7 }],
    });
  });

  it('says that a check does not end', async () => {
    const commands = { check: sh('sleep 60') };
    await assert.rejects(
      driverOf(commands, { checkTimeoutMs: 500 }).check('/staged', forever),
      /did not end within 500 ms/,
    );
  });

  it('says that the program is not there', async () => {
    await assert.rejects(driverOf({ check: ['/no/such'] }).check('/staged', forever), /there is no such program/);
  });

  describe('that acknowledges by a command', () => {
    for (const { name, command, want } of [
      { name: 'prints a number', command: sh('echo 42'), want: 42 },
      { name: 'prints something else', command: sh('echo 42 or so'), want: undefined },
      { name: 'prints nothing', command: sh('exit 0'), want: undefined },
      { name: 'fails', command: sh('echo 42; exit 1'), want: undefined },
      { name: 'is not there', command: ['/no/such'] as const, want: undefined },
    ]) {
      it(`takes ${want ?? 'no answer'} from one that ${name}`, async () => {
        assert.equal(await driverOf({ acknowledge: { command } }).runningGeneration(forever), want);
      });
    }
  });

  describe('that acknowledges by HTTP', () => {
    let server: Server;
    let status: number;

    beforeEach(async () => {
      status = 200;
      server = createServer(({ url }, response) => response.writeHead(status).end(url === '/generation' ? '7\n' : 'x'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => server.close());

    const acknowledge = { url: 'http://127.0.0.1:{acknowledgePort}/generation' };
    const port = () => String((server.address() as AddressInfo).port);

    it('takes the number that is answered', async () => {
      assert.equal(await driverOf({ acknowledge }, { acknowledgePort: port() }).runningGeneration(forever), 7);
    });

    it('takes it from an error page, too: some proxies have no other text of their own', async () => {
      status = 404;
      assert.equal(await driverOf({ acknowledge }, { acknowledgePort: port() }).runningGeneration(forever), 7);
    });

    it('takes no number from another page', async () => {
      const other = { url: 'http://127.0.0.1:{acknowledgePort}/x' };
      assert.equal(
        await driverOf({ acknowledge: other }, { acknowledgePort: port() }).runningGeneration(forever),
        undefined,
      );
    });

    it('takes a refused connection for no answer', async () => {
      assert.equal(await driverOf({ acknowledge }).runningGeneration(forever), undefined);
    });
  });

  describe('that cannot acknowledge', () => {
    it('believes nothing before the first reload', async () => {
      assert.equal(await driverOf({}).runningGeneration(forever), undefined);
    });

    it('believes what was installed when a reload did not fail', async () => {
      const driver = driverOf({});
      await driver.reload(forever);
      assert.equal(await driver.runningGeneration(forever), 1);
      await install(2);
      assert.equal(await driver.runningGeneration(forever), 1);
      await driver.reload(forever);
      assert.equal(await driver.runningGeneration(forever), 2);
    });

    it('goes on believing the old one when a reload fails', async () => {
      const driver = driverOf({}, { reload: byCommand(`test ! -e ${root}/broken`) });
      await driver.reload(forever);
      await install(2);
      await writeFile(join(root, 'broken'), '');
      await assert.rejects(driver.reload(forever), /the reload command \/bin\/sh failed/);
      assert.equal(await driver.runningGeneration(forever), 1);
    });

    it('has a reload that fails rolled back, and reloads once after a start', async () => {
      const script = `test ! -e ${root}/broken && echo >>${root}/reloads`;
      const start = () =>
        createApplier({
          driver: driverOf({}, { reload: byCommand(script) }),
          configDir: root,
          runDirectory: join(root, 'run'),
          owner: undefined,
          keepGenerations: 2,
          acknowledgeTimeoutMs: 100,
          logger: recordingLogger(),
        });
      const applier = start();
      const apply = async (text: string) => (await applier.apply(bundleOf({ 'proxy.conf': text }), forever)).result;
      const first = await apply('first');
      assert.equal(first.type, 'applied');
      await writeFile(join(root, 'broken'), '');
      assert.equal((await apply('second')).type, 'rolled-back');
      assert.equal(await readFile(join(root, 'current', 'proxy.conf'), 'utf8'), 'first');
      await rm(join(root, 'broken'));
      assert.equal((await apply('second')).type, 'applied');
      const before = (await readFile(join(root, 'reloads'), 'utf8')).length;
      const again = start();
      assert.equal((await again.start(forever))?.type, 'applied');
      assert.equal((await again.verify(forever))?.type, 'unchanged');
      assert.equal((await readFile(join(root, 'reloads'), 'utf8')).length, before + 1);
    });

    it('believes a child once that has written its pid, and not when it is gone', async () => {
      const supervisor = new Supervisor({
        file: '/bin/sh',
        args: ['-c', `test -e ${root}/ready && echo $$ >${root}/pid; while :; do sleep 0.05; done # ${root}/current/x`],
        identifiedBy: `${root}/current/`,
        workerTitle: undefined,
        pidFile: join(root, 'pid'),
        acknowledgeSocket: join(root, 'ack.sock'),
        reloadSignal: 'SIGCONT',
        quitSignal: 'SIGKILL',
        quitTimeoutMs: 2_000,
        output: 'ignore',
        logger: recordingLogger(),
      });
      const driver = driverOf({}, { reload: { type: 'manage', supervisor } });
      try {
        await driver.reload(forever);
        await whenTrue('a child', () => supervisor.pid !== undefined);
        assert.equal(await driver.runningGeneration(forever), undefined);
        await writeFile(join(root, 'ready'), '');
        process.kill(supervisor.pid ?? 0, 'SIGKILL');
        await whenTrue('the pid', async () => (await driver.runningGeneration(forever)) === 1);
        assert.equal(String(supervisor.pid), (await readFile(join(root, 'pid'), 'utf8')).trim());
      } finally {
        await supervisor.stop();
      }
      assert.equal(await driver.runningGeneration(forever), undefined);
    });
  });
});
