import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killIfThere } from '../../src/proxies/process-table.ts';
import { startChild } from '../../src/proxies/process.ts';
import { reloadProxy } from '../../src/proxies/reload.ts';
import { forever, whenTrue } from '../apply/support/wait.ts';

describe('reloadProxy', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  function bySignal(program: string): Promise<void> {
    return reloadProxy({ type: 'signal', pidFile: join(directory, 'pid'), signal: 'SIGHUP', program }, forever);
  }

  const refused: readonly { name: string; pid: string | undefined; problem: RegExp }[] = [
    {
      name: 'has no pid file',
      pid: undefined,
      problem: /nginx is not running, or writes its pid elsewhere.*--pid-file/,
    },
    { name: 'has the empty pid file of a check', pid: '', problem: /nginx is not running/ },
    { name: 'has text for a pid', pid: 'one', problem: /holds no number of a process/ },
    {
      name: 'has the pid of init, as nginx in another container does',
      pid: '1',
      problem: /holds no number of a process/,
    },
    {
      name: 'has the pid of another program',
      pid: String(process.pid),
      problem: /is not nginx.*shareProcessNamespace/,
    },
    { name: 'has the pid of a process that is gone', pid: '4000000', problem: /is gone: nginx is not running/ },
  ];
  for (const { name, pid, problem } of refused) {
    it(`says what is wrong when it ${name}`, async () => {
      if (pid !== undefined) await writeFile(join(directory, 'pid'), pid);
      await assert.rejects(bySignal('nginx'), problem);
    });
  }

  it('signals the process that the pid file names', async () => {
    const [ready, done] = [join(directory, 'ready'), join(directory, 'done')];
    const script = `trap 'touch ${done}; exit 0' HUP; touch ${ready}; while :; do sleep 0.05; done`;
    const child = await startChild({ file: '/bin/sh', args: ['-c', script], output: 'ignore' });
    await whenTrue('the trap', () => existsSync(ready));
    await writeFile(join(directory, 'pid'), `${child.pid}\n`);
    await bySignal('/bin/sh');
    assert.equal(await child.ended, 'exit code 0');
    assert.ok(existsSync(done));
    assert.equal(killIfThere(child.pid, 0), false);
  });

  const commands: readonly { name: string; script: string; timeoutMs: number; problem: RegExp | undefined }[] = [
    { name: 'runs a command', script: 'exit 0', timeoutMs: 30_000, problem: undefined },
    {
      name: 'quotes a command that fails',
      script: 'echo no such unit; exit 5',
      timeoutMs: 30_000,
      problem: /failed \(exit code 5\): no such unit/,
    },
    {
      name: 'does not wait for a command for ever',
      script: 'sleep 60',
      timeoutMs: 300,
      problem: /did not end within 300 ms/,
    },
  ];
  for (const { name, script, timeoutMs, problem } of commands) {
    it(name, async () => {
      const method = { type: 'command', file: '/bin/sh', args: ['-c', script], timeoutMs } as const;
      if (problem === undefined) await reloadProxy(method, forever);
      else await assert.rejects(reloadProxy(method, forever), problem);
    });
  }
});
