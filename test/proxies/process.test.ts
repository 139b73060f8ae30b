import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CannotRunError,
  childEnvironment,
  runCommand,
  startChild,
  type CommandResult,
} from '../../src/proxies/process.ts';
import { killIfThere } from '../../src/proxies/process-table.ts';
import { forever, whenTrue } from '../apply/support/wait.ts';

function sh(script: string, timeoutMs = 60_000): Promise<CommandResult> {
  return runCommand({ file: '/bin/sh', args: ['-c', script], timeoutMs, maxOutput: 100, signal: forever });
}

describe('runCommand', () => {
  const cases: readonly { name: string; script: string; exitCode: number | undefined; output: string }[] = [
    {
      name: 'joins both outputs',
      script: 'echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c',
      exitCode: 0,
      output: 'a\nb\nc',
    },
    { name: 'returns the exit code of a failure', script: 'exit 3', exitCode: 3, output: '' },
    { name: 'has no exit code when a signal ended it', script: 'kill -KILL $$', exitCode: undefined, output: '' },
    {
      name: 'removes colours and control characters, and keeps newlines',
      script: String.raw`printf 'a\033[31mred\033[0m\007b\r\nc'`,
      exitCode: 0,
      output: 'ared b \nc',
    },
    {
      name: 'keeps the end of a long output',
      script: 'i=0; while [ $i -lt 500 ]; do echo line; i=$((i+1)); done; printf "the reason"; exit 1',
      exitCode: 1,
      output: '…\n' + 'line\n'.repeat(18) + 'the reason',
    },
  ];
  for (const { name, script, exitCode, output } of cases) {
    it(name, async () => {
      assert.deepEqual(await sh(script), { exitCode, output, timedOut: false });
    });
  }

  it('takes megabytes of output without ending the command', async () => {
    const { exitCode, output } = await sh('head -c 8000000 /dev/zero | tr "\\0" x; echo; echo end');
    assert.equal(exitCode, 0);
    assert.match(output, /x\nend$/);
    assert.ok(output.length <= 102);
  });

  it('kills a command that takes too long, and what it started', async () => {
    const startedAt = performance.now();
    const { timedOut, output } = await sh('sleep 60 & echo $!; sleep 60', 200);
    assert.equal(timedOut, true);
    assert.ok(performance.now() - startedAt < 50_000);
    await whenTrue('the end of the grandchild', () => !killIfThere(Number(output), 0));
  });

  it('does not wait for a daemon that keeps the output open', async () => {
    const startedAt = performance.now();
    const { exitCode, output } = await sh('setsid sleep 60 & echo started');
    assert.deepEqual({ exitCode, output }, { exitCode: 0, output: 'started' });
    assert.ok(performance.now() - startedAt < 50_000);
  });

  it('rejects with the reason of an abort', async () => {
    const abort = new AbortController();
    const args = ['-c', 'sleep 60'];
    const run = runCommand({ file: '/bin/sh', args, timeoutMs: 9_000, maxOutput: 10, signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(run, /enough/);
  });

  it('says what to do when there is no such program', async () => {
    const run = runCommand({ file: '/nowhere/nginx', args: [], timeoutMs: 30_000, maxOutput: 10, signal: forever });
    await assert.rejects(
      run,
      (error) => error instanceof CannotRunError && /no such program; install it/.test(error.message),
    );
  });

  it('tells a program that may not be run from one that is not there', async () => {
    const run = runCommand({ file: '/etc/passwd', args: [], timeoutMs: 30_000, maxOutput: 10, signal: forever });
    await assert.rejects(run, /EACCES; is it a program/);
  });

  it('does not hand its environment to the command', async () => {
    process.env['KUBERNETES_SERVICE_HOST'] = '10.0.0.1';
    process.env['SLUICE_TEST_TOKEN'] = 'secret';
    try {
      const { file, args } = { file: '/usr/bin/env', args: [] };
      const env = { GIVEN: 'yes' };
      const { output } = await runCommand({ file, args, env, timeoutMs: 30_000, maxOutput: 4_000, signal: forever });
      assert.match(output, /^PATH=/m);
      assert.match(output, /^GIVEN=yes$/m);
      assert.doesNotMatch(output, /KUBERNETES|secret/);
    } finally {
      delete process.env['KUBERNETES_SERVICE_HOST'];
      delete process.env['SLUICE_TEST_TOKEN'];
    }
  });
});

describe('the open files of sluice', () => {
  it('are not inherited, neither its own nor those that it was started with', () => {
    const process_ = join(import.meta.dirname, '..', '..', 'src', 'proxies', 'process.ts');
    const script = `
      import { openSync, readdirSync } from 'node:fs';
      import { createServer } from 'node:net';
      import { runCommand, startChild } from ${JSON.stringify(process_)};
      openSync(process.execPath);
      const server = createServer().listen(0, '127.0.0.1');
      const signal = new AbortController().signal;
      const command = { file: '/bin/sh', timeoutMs: 30_000, maxOutput: 4000, signal };
      const list = 's=; for n in $(seq 0 30); do [ -e /proc/$$/fd/$n ] && s="$s $n"; done; echo $s';
      console.log(readdirSync('/proc/self/fd').includes('7'));
      console.log((await runCommand({ ...command, args: ['-c', list] })).output);
      await (await startChild({ file: '/bin/sh', args: ['-c', list], output: 'inherit' })).ended;
      server.close();
    `;
    const given = openSync(process.execPath, 'r');
    const stdio = ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', 'ignore', 'ignore', given] as const;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: [...stdio],
      encoding: 'utf8',
    });
    closeSync(given);
    // What is left are the three standard ones.
    assert.equal(stdout, 'true\n0 1 2\n0 1 2\n');
  });
});

describe('startChild', () => {
  it('tells how the child ended', async () => {
    const failing = await startChild({ file: '/bin/false', args: [], output: 'ignore' });
    assert.equal(await failing.ended, 'exit code 1');
    const killed = await startChild({ file: '/bin/sleep', args: ['60'], output: 'ignore' });
    killIfThere(killed.pid, 'SIGKILL');
    assert.equal(await killed.ended, 'signal SIGKILL');
  });

  it('says what to do when there is no such program', async () => {
    await assert.rejects(
      startChild({ file: '/nowhere/nginx', args: [], output: 'ignore' }),
      /no such program; install it/,
    );
  });

  it('gives the child the same small environment', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-'));
    const script = join(directory, 'script');
    await writeFile(script, '#!/bin/sh\n[ -z "$SLUICE_TEST_TOKEN" ]\n');
    await chmod(script, 0o755);
    process.env['SLUICE_TEST_TOKEN'] = 'secret';
    const child = await startChild({ file: script, args: [], output: 'ignore' });
    delete process.env['SLUICE_TEST_TOKEN'];
    assert.equal(await child.ended, 'exit code 0');
    await rm(directory, { recursive: true });
  });
});

describe('childEnvironment', () => {
  it('lets through a list of names, not all but a list', () => {
    const all = { PATH: '/bin', TZ: 'UTC', NGINX: '6;', AWS_SECRET_ACCESS_KEY: 'x', HOME: undefined };
    assert.deepEqual(childEnvironment(all), { PATH: '/bin:/usr/local/sbin:/usr/sbin:/sbin', TZ: 'UTC' });
  });
});
