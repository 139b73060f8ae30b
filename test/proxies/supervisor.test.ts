import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askGeneration } from '../../src/proxies/unix-socket.ts';
import { killIfThere } from '../../src/proxies/process-table.ts';
import { restartDelayMs, Supervisor } from '../../src/proxies/supervisor.ts';
import { answering, ask, childrenOf, Sandbox } from '../apply/support/nginx.ts';
import { forever, until, whenTrue } from '../apply/support/wait.ts';
import { freePort } from '../support/ports.ts';

describe('restartDelayMs', () => {
  const cases: readonly { deaths: number; want: number }[] = [
    { deaths: 1, want: 200 },
    { deaths: 2, want: 400 },
    { deaths: 6, want: 6_400 },
    { deaths: 7, want: 10_000 },
    { deaths: 5_000, want: 10_000 },
  ];
  for (const { deaths, want } of cases) {
    it(`is ${want} ms after ${deaths} deaths in a row`, () => assert.equal(restartDelayMs(deaths), want));
  }
});

describe('Supervisor', () => {
  let sandbox: Sandbox;
  let port: number;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
    port = await freePort();
    await write('first', 1);
  });
  afterEach(() => sandbox.close());

  async function write(text: string, generation: number): Promise<void> {
    const directory = join(sandbox.configDir, 'current');
    await mkdir(directory, { recursive: true });
    const bundle = sandbox.bundle(answering(port, text));
    for (const file of [...bundle.files.values(), ...bundle.stamp(generation)]) {
      await writeFile(join(directory, file.path), file.text);
    }
  }

  function serves(generation: number): Promise<true> {
    const { socket } = sandbox;
    return whenTrue(`generation ${generation}`, async () => (await askGeneration(socket, forever)) === generation);
  }

  async function newPid(supervisor: Supervisor, before: number): Promise<number> {
    return until('a new process', () => (supervisor.pid === before ? undefined : supervisor.pid));
  }

  async function started(): Promise<{ supervisor: Supervisor; pid: number }> {
    const supervisor = sandbox.supervisor();
    await supervisor.start();
    const pid = await until('the process', () => supervisor.pid);
    await serves(1);
    return { supervisor, pid };
  }

  it('starts nginx and reloads it in place', async () => {
    const { supervisor, pid } = await started();
    assert.equal(await ask(port), 'first');
    await write('second', 2);
    await supervisor.reload(forever);
    await serves(2);
    assert.equal(supervisor.pid, pid);
    await whenTrue('the new workers', async () => (await ask(port)) === 'second');
  });

  it('starts nginx on the first reload, once', async () => {
    const supervisor = sandbox.supervisor();
    await Promise.all([supervisor.reload(forever), supervisor.reload(forever), supervisor.start()]);
    await serves(1);
    assert.equal(sandbox.logger.messages.filter((message) => message === 'proxy started').length, 1);
  });

  it('serves again after kill -9 of the master, although its workers hold port and socket', async () => {
    const { supervisor, pid } = await started();
    const workers = await childrenOf(pid);
    killIfThere(pid, 'SIGKILL');
    await newPid(supervisor, pid);
    await serves(1);
    assert.equal(await ask(port), 'first');
    await whenTrue('the end of the old workers', () => !workers.some((worker) => killIfThere(worker, 0)));
  });

  it('serves again when all of nginx was killed and left its socket', async () => {
    const { supervisor, pid } = await started();
    for (const process of [pid, ...(await childrenOf(pid))]) killIfThere(process, 'SIGKILL');
    await newPid(supervisor, pid);
    await serves(1);
    assert.ok(sandbox.logger.messages.includes('removed a stale socket'));
  });

  it('takes over an nginx that an earlier sluice started, without a restart', async () => {
    const first = await sandbox.startNginx();
    await serves(1);
    const supervisor = sandbox.supervisor();
    await supervisor.start();
    assert.equal(supervisor.pid, first.pid);
    await write('second', 2);
    await supervisor.reload(forever);
    await serves(2);
    killIfThere(first.pid, 'SIGKILL');
    await newPid(supervisor, first.pid);
    await serves(2);
  });

  it('ends the workers that an earlier sluice and its nginx left', async () => {
    const first = await sandbox.startNginx();
    await serves(1);
    killIfThere(first.pid, 'SIGKILL');
    await first.ended;
    await write('second', 2);
    await sandbox.supervisor().start();
    await serves(2);
    await whenTrue('the port', async () => (await ask(port)) === 'second');
  });

  it('does not take over what only has the pid', async () => {
    await writeFile(sandbox.pidFile, String(process.pid));
    const { pid } = await started();
    assert.notEqual(pid, process.pid);
  });

  it('goes on trying when nginx cannot start, and at once on reload', async () => {
    await writeFile(join(sandbox.configDir, 'current', 'hosts.conf'), 'nonsense;');
    const supervisor = sandbox.supervisor();
    await supervisor.start();
    const deaths = (): number => sandbox.logger.messages.filter((text) => text.includes('starting it again')).length;
    await whenTrue('three deaths', () => deaths() >= 3);
    await write('second', 2);
    await supervisor.reload(forever);
    await serves(2);
  });

  it('ends nginx and its workers on stop', async () => {
    const { supervisor, pid } = await started();
    const all = [pid, ...(await childrenOf(pid))];
    await supervisor.stop();
    assert.deepEqual(
      all.filter((process) => killIfThere(process, 0)),
      [],
    );
    assert.equal(await askGeneration(sandbox.socket, forever), undefined);
  });

  it('can be stopped while it starts, and before', async () => {
    await sandbox.supervisor().stop();
    const supervisor = sandbox.supervisor();
    const start = supervisor.start();
    await Promise.all([start, supervisor.stop()]);
    assert.equal(supervisor.pid, undefined);
  });

  it('survives a program that is not there', async () => {
    const options = { file: '/nowhere/nginx', args: [], identifiedBy: sandbox.configDir, workerTitle: 'nginx: worker' };
    const files = { pidFile: sandbox.pidFile, acknowledgeSocket: sandbox.socket };
    const signals = { reloadSignal: 'SIGHUP', quitSignal: 'SIGQUIT', quitTimeoutMs: 100 } as const;
    const { logger } = sandbox;
    const supervisor = new Supervisor({ ...options, ...files, ...signals, output: 'ignore', logger });
    await supervisor.start();
    await whenTrue('the complaint', () => logger.messages.some((text) => text.includes('starting it again')));
    await supervisor.stop();
  });
});
