import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { movePointer } from '../../src/apply/install.ts';
import { layoutOf } from '../../src/apply/layout.ts';
import { applierFor, worldOf } from './support/crash-scenarios.ts';
import { tellStory, type Step } from './support/disk-story.ts';
import { quickDirectory, stateOf } from './support/disk-state.ts';
import { diskError, injectFaults } from './support/faults.ts';
import { recordingLogger } from './support/logger.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { asUnprivileged } from './support/unprivileged.ts';
import { forever } from './support/wait.ts';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'support', 'disk-child.ts');

/** How this machine lets us have mounts of our own: as root, or as root of a user namespace. */
const unshare = [['-m'], ['-rm']].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

/** What is tried, on a real disk where that can be, and with injected errors everywhere. */
const disks: readonly { readonly name: string; readonly story: (root: string) => Promise<readonly Step[]> }[] = [
  ...(unshare === undefined ? [] : [{ name: 'a small tmpfs', story: realStory(unshare) }]),
  {
    name: unshare === undefined ? 'injected errors only: this machine does not let us mount' : 'injected errors',
    story: injectedStory,
  },
];

function realStory(flags: readonly string[]): (root: string) => Promise<readonly Step[]> {
  return async (root) => {
    const { stdout } = await run('unshare', [...flags, process.execPath, CHILD, root]);
    return JSON.parse(stdout) as readonly Step[];
  };
}

async function injectedStory(root: string): Promise<readonly Step[]> {
  let code: string | undefined;
  const restore = await injectFaults(root, (call) => {
    const strikes = code === 'EROFS' ? call.isChange && call.name !== 'handle.sync' : call.name === 'handle.writeFile';
    // The kernel says that a directory is there before it says that the disk is read-only.
    if (code !== undefined && strikes && !(call.name === 'mkdir' && !call.path.includes('.staging-')))
      throw diskError(code, call);
  });
  const become = (next: string | undefined): Promise<void> => {
    code = next;
    return Promise.resolve();
  };
  try {
    return await tellStory(join(root, 'config'), {
      fill: () => become('ENOSPC'),
      makeRoom: () => become(undefined),
      setReadOnly: (readOnly) => become(readOnly ? 'EROFS' : undefined),
    });
  } finally {
    restore();
  }
}

describe('a disk that is full, read-only, or not ours', function () {
  this.timeout(120_000);
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-disk-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  for (const { name, story } of disks) {
    it(`keeps what is installed, and takes the next one when it is well again (${name})`, async () => {
      const steps = await story(root);
      assert.deepEqual(
        steps.map(({ step, type, running, state: { current, acknowledged } }) =>
          [step, type, running, current, acknowledged].join(' '),
        ),
        [
          'start none   ',
          'apply applied 1 1 1',
          'apply while full failed 1 1 1',
          'verify while full unchanged 1 1 1',
          'start while full unchanged 1 1 1',
          'apply with room applied 2 2 2',
          'apply while read-only failed 2 2 2',
          'verify while read-only unchanged 2 2 2',
          'start while read-only unchanged 2 2 2',
          'apply when writable applied 3 3 3',
        ],
      );
      const [full, readOnly] = steps.filter(({ type }) => type === 'failed').map(({ message }) => message ?? '');
      assert.match(full ?? '', /^cannot write generation 2: ENOSPC/);
      assert.match(readOnly ?? '', /^cannot write generation 3: EROFS/);
      assert.deepEqual(
        steps.flatMap((step) => step.leftovers),
        [],
      );
    });
  }

  it('starts on what is installed when that was never acknowledged, and the disk does not let it go back', async () => {
    const where = { configDir: join(root, 'config'), owner: undefined };
    await mkdir(where.configDir);
    const proxy = new SurvivingProxy(where.configDir);
    const applier = applierFor(where, proxy);
    await applier.start(forever);
    for (const text of ['1', '2']) await applier.apply(worldOf(text), forever);
    await movePointer(layoutOf(where.configDir), 'acknowledged', 1, undefined);
    proxy.up = false;
    const logger = recordingLogger();
    const restore = await injectFaults(root, (call) => {
      if (call.isChange && call.name !== 'mkdir') throw diskError('EROFS', call);
    });
    try {
      const result = await applierFor(where, proxy, logger).start(forever);
      assert.deepEqual(result, { type: 'unacknowledged', generation: 2, message: 'fake is not running' });
    } finally {
      restore();
    }
    assert.deepEqual(stateOf(where.configDir), { current: 2, acknowledged: 1 });
    assert.ok(logger.messages.includes('cannot go back from a generation that was never acknowledged'));
  });

  for (const [name, path] of [
    ['the directory of generations', 'generations'],
    ['the directory of the configuration', '.'],
  ] as const) {
    it(`says that it may not write into ${name}, and goes on when it may`, async () => {
      const configDir = await mkdtemp(join(quickDirectory(), 'sluice-permission-'));
      const proxy = new SurvivingProxy(configDir);
      const applier = applierFor({ configDir, owner: undefined }, proxy);
      try {
        await asUnprivileged(configDir, async () => {
          await applier.start(forever);
          await applier.apply(worldOf('1'), forever);
          await chmod(join(configDir, path), 0o500);
          const { result } = await applier.apply(worldOf('2'), forever);
          assert.ok(result.type === 'failed');
          assert.match(result.message, /^cannot (write|install) generation 2: EACCES/);
          assert.deepEqual([stateOf(configDir), proxy.running], [{ current: 1, acknowledged: 1 }, 1]);
          assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 1 });
          assert.deepEqual(await readdir(join(configDir, 'generations')), ['00000001']);
          await chmod(join(configDir, path), 0o755);
          assert.equal((await applier.apply(worldOf('2'), forever)).result.type, 'applied');
        });
      } finally {
        await rm(configDir, { recursive: true });
      }
    });
  }
});
