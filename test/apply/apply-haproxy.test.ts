import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Applier } from '../../src/apply/apply.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import { killIfThere, readPidFile } from '../../src/proxies/process-table.ts';
import { installedHaproxy } from '../support/proxies.ts';
import { answeringFrontend, HaproxySandbox } from './support/haproxy.ts';
import { ask, childrenOf } from './support/nginx.ts';
import { forever, whenTrue } from './support/wait.ts';
import { freePort } from '../support/ports.ts';

for (const { binary, version } of installedHaproxy()) {
  describe(`applier with HAProxy ${version}`, function () {
    this.timeout(120_000);
    let sandbox: HaproxySandbox;
    let port: number;
    let taken: Server | undefined;

    beforeEach(async () => {
      sandbox = await HaproxySandbox.create(binary);
      port = await freePort();
    });
    afterEach(async () => {
      taken?.close();
      taken = undefined;
      await sandbox.close();
    });

    const apply = async (applier: Applier, bundle: ConfigBundle): Promise<ApplyResult> =>
      (await applier.apply(bundle, forever)).result;
    const serving = (text: string, more = ''): ConfigBundle => sandbox.bundle(answeringFrontend(port, text) + more);
    const answers = (text: string): Promise<true> => whenTrue(text, async () => (await ask(port)) === text);
    const masterPid = async (): Promise<number> => {
      const pid = await readPidFile(sandbox.pidFile);
      assert.ok(pid);
      return pid;
    };

    /** A port that another program holds: the check does not find out. */
    async function takenPort(): Promise<number> {
      const other = await freePort();
      taken = createServer().listen(other, '127.0.0.1');
      await once(taken, 'listening');
      return other;
    }

    describe('that it supervises', () => {
      it('starts it, has it acknowledge every change, and leaves it alone when nothing changes', async () => {
        const applier = await sandbox.applier(sandbox.managed().driver);
        assert.equal((await apply(applier, serving('one'))).type, 'applied');
        await answers('one');
        const master = await masterPid();
        const second = serving('two');
        const changedFiles = ['backends.cfg'];
        assert.deepEqual(await apply(applier, second), { type: 'applied', by: 'reload', generation: 2, changedFiles });
        await answers('two');
        assert.equal(await masterPid(), master);
        await whenTrue('one worker', async () => (await childrenOf(master)).length === 1);
        const workers = await childrenOf(master);
        assert.deepEqual(await apply(applier, second), { type: 'unchanged', generation: 2 });
        assert.deepEqual(await childrenOf(master), workers);
      });

      it('keeps serving what is good when the next is refused, and names the line', async () => {
        const applier = await sandbox.applier(sandbox.managed().driver);
        await apply(applier, serving('good'));
        const result = await apply(applier, serving('bad', '  frobnicate on\n'));
        assert.ok(result.type === 'refused');
        assert.deepEqual(result.places, [{ path: 'backends.cfg', line: 4 }]);
        assert.equal(await ask(port), 'good');
      });

      it('rolls back when the check passes and the reload fails, twice, and takes the next', async () => {
        const other = await takenPort();
        const applier = await sandbox.applier(sandbox.managed().driver);
        await apply(applier, serving('good'));
        const master = await masterPid();
        for (const text of ['bad', 'worse']) {
          const result = await apply(applier, serving(text, answeringFrontend(other, 'x')));
          assert.ok(result.type === 'rolled-back', result.type);
          assert.match(result.message, /^HAProxy could not load the configuration and goes on with what it had/);
          assert.doesNotMatch(result.message, /and then/);
          assert.equal(await readlink(join(sandbox.configDir, 'current')), 'generations/00000001');
          assert.equal(await ask(port), 'good');
        }
        assert.equal((await apply(applier, serving('better'))).type, 'applied');
        await answers('better');
        assert.equal(await masterPid(), master);
      });

      it('serves again after kill -9 of the master, and verify then finds nothing to do', async () => {
        const { driver, supervisor } = sandbox.managed();
        const applier = await sandbox.applier(driver);
        await apply(applier, serving('one'));
        const master = await masterPid();
        const workers = await childrenOf(master);
        killIfThere(master, 'SIGKILL');
        await whenTrue('a new one', () => supervisor.pid !== undefined && supervisor.pid !== master);
        await whenTrue('its answer', async () => (await driver.runningGeneration(forever)) === 1);
        await answers('one');
        await whenTrue('the end of the old workers', () => !workers.some((worker) => killIfThere(worker, 0)));
        assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 1 });
      });

      it('serves again after kill -9 of master and worker', async () => {
        const { driver, supervisor } = sandbox.managed();
        const applier = await sandbox.applier(driver);
        await apply(applier, serving('one'));
        const master = await masterPid();
        for (const pid of [master, ...(await childrenOf(master))]) killIfThere(pid, 'SIGKILL');
        await whenTrue('a new one', () => supervisor.pid !== undefined && supervisor.pid !== master);
        await answers('one');
        assert.equal((await apply(applier, serving('two'))).type, 'applied');
      });

      it('is taken over by another sluice without a restart, also after reloads', async () => {
        const first = await sandbox.startHaproxyWith(serving('one'));
        const { driver, supervisor } = sandbox.managed();
        const applier = await sandbox.applier(driver);
        for (const text of ['two', 'three', 'four']) {
          assert.equal((await apply(applier, serving(text))).type, 'applied');
          await answers(text);
          assert.equal(supervisor.pid, first.pid);
        }
        killIfThere(first.pid, 'SIGKILL');
        await whenTrue('a new one', () => supervisor.pid !== undefined && supervisor.pid !== first.pid);
        await answers('four');
      });
    });

    describe('that somebody else starts', () => {
      it('installs before it is there, and has it acknowledged when it comes', async () => {
        const applier = await sandbox.applier(sandbox.driver());
        const waiting = await apply(applier, serving('one'));
        assert.ok(waiting.type === 'unacknowledged');
        assert.match(waiting.message, /HAProxy does not answer on .*: it is not running, or was started without -W -S/);
        await sandbox.startHaproxy();
        await answers('one');
        assert.equal((await apply(applier, serving('one'))).type, 'applied');
      });

      const kill = (): readonly string[] => ['-c', `kill -USR2 "$(cat ${sandbox.pidFile})"`];
      const methods = {
        'the socket of its master': () => sandbox.driver(),
        'a signal to its master': () =>
          sandbox.driver({ type: 'signal', pidFile: sandbox.pidFile, signal: 'SIGUSR2', program: 'haproxy' }),
        'a command': () => sandbox.driver({ type: 'command', file: '/bin/sh', args: kill(), timeoutMs: 30_000 }),
      };
      for (const [name, driverOf] of Object.entries(methods)) {
        it(`reloads by ${name}, rolls back what it cannot load, and goes on`, async () => {
          const driver = driverOf();
          // HAProxy tries for seconds to listen on a port that is taken, and must be through with it.
          const applier = await sandbox.applier(driver, 10_000);
          await apply(applier, serving('one'));
          await sandbox.startHaproxy();
          await whenTrue('an answer', async () => (await driver.runningGeneration(forever)) === 1);
          assert.equal((await apply(applier, serving('two'))).type, 'applied');
          await answers('two');
          const failing = serving('bad', answeringFrontend(await takenPort(), 'x'));
          assert.equal((await apply(applier, failing)).type, 'rolled-back');
          assert.equal(await ask(port), 'two');
          // While HAProxy starts again for the roll-back.
          const next = await apply(applier, serving('three'));
          assert.equal(next.type, 'applied', JSON.stringify(next));
          await answers('three');
        });
      }

      it('starts again over the sockets that it left when it was killed', async () => {
        const driver = sandbox.driver();
        const applier = await sandbox.applier(driver);
        await apply(applier, serving('one'));
        const first = await sandbox.startHaproxy();
        await whenTrue('an answer', async () => (await driver.runningGeneration(forever)) === 1);
        for (const pid of [first.pid, ...(await childrenOf(first.pid))]) killIfThere(pid, 'SIGKILL');
        await first.ended;
        await sandbox.startHaproxy();
        await whenTrue('an answer', async () => (await driver.runningGeneration(forever)) === 1);
        assert.equal((await apply(applier, serving('two'))).type, 'applied');
      });
    });
  });
}
