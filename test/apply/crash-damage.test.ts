import assert from 'node:assert/strict';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { applierFor, worldOf, type Disturbed } from './support/crash-scenarios.ts';
import { assertComplete, generationsIn, leftovers, quickDirectory, stateOf } from './support/disk-state.ts';
import { recordingLogger } from './support/logger.ts';
import { SurvivingProxy } from './support/surviving-proxy.ts';
import { asUnprivileged } from './support/unprivileged.ts';
import { forever } from './support/wait.ts';

const DAMAGED = 'a generation on disk is damaged; it is not used';

/** Something else, of the same length and, as it seems, of the same time. */
async function alter(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(/^./, (first) => (first === 'X' ? 'Y' : 'X')),
  );
  await utimes(path, atime, mtime);
}

describe('a disk that was damaged while sluice was away', () => {
  let configDir: string;
  let proxy: SurvivingProxy;

  const here = (): Disturbed => ({ configDir, owner: undefined, keepGenerations: 3 });

  beforeEach(async () => {
    configDir = await mkdtemp(join(quickDirectory(), 'sluice-damage-'));
    proxy = new SurvivingProxy(configDir);
    const applier = applierFor(here(), proxy);
    await applier.start(forever);
    for (const text of ['1', '2', '3']) await applier.apply(worldOf(text), forever);
    proxy.reloads.length = 0;
  });
  afterEach(() => rm(configDir, { recursive: true }));

  const at = (generation: number, ...names: readonly string[]): string =>
    join(configDir, 'generations', `0000000${generation}`, ...names);
  const pointer = (name: string): string => join(configDir, name);
  const lead = (name: string, to: string): Promise<void> =>
    rm(pointer(name), { force: true }).then(() => symlink(to, pointer(name)));

  const cases: readonly {
    readonly name: string;
    readonly harm: () => Promise<unknown>;
    /** The generation that is installed after the start; `before`: that of which sluice keeps three was there. */
    readonly current: number;
    readonly reason?: RegExp;
  }[] = [
    {
      name: 'a file that was altered, keeping its length and time',
      harm: () => alter(at(3, 'main.conf')),
      current: 2,
      reason: /^main\.conf has another content than was installed$/,
    },
    {
      name: 'a file that is the same in all generations, changed in its place',
      harm: () => alter(at(3, 'same.conf')),
      current: 2,
      reason: /^same\.conf has another content/,
    },
    {
      name: 'a file that was cut off',
      harm: () => truncate(at(3, 'main.conf'), 3),
      current: 2,
      reason: /^main\.conf has another content/,
    },
    {
      name: 'a file that is empty after a loss of power',
      harm: () => truncate(at(3, 'certs/b.pem')),
      current: 2,
      reason: /^certs\/b\.pem has another content/,
    },
    {
      name: 'a file that is gone',
      harm: () => rm(at(3, 'certs/b.pem')),
      current: 2,
      reason: /^certs\/b\.pem cannot be read: ENOENT/,
    },
    {
      name: 'a directory in the place of a file',
      harm: () => rm(at(3, 'main.conf')).then(() => mkdir(at(3, 'main.conf'))),
      current: 2,
      reason: /^main\.conf is not a regular file$/,
    },
    {
      name: 'a file with the number of the generation that was altered',
      harm: () => alter(at(3, 'generation.conf')),
      current: 2,
      reason: /^generation\.conf has another content/,
    },
    {
      name: 'a manifest that is no JSON',
      harm: () => truncate(at(3, 'manifest.json'), 20),
      current: 2,
      reason: /JSON/,
    },
    {
      name: 'a manifest that is something else',
      harm: () => writeFile(at(3, 'manifest.json'), '{"format":9}'),
      current: 2,
      reason: /^manifest\.json is not a manifest of sluice$/,
    },
    {
      name: 'the manifest of another generation',
      harm: () => cp(at(2, 'manifest.json'), at(3, 'manifest.json')),
      current: 2,
      reason: /^manifest\.json is that of generation 2$/,
    },
    { name: 'a generation that is gone', harm: () => rm(at(3), { recursive: true }), current: 2, reason: /ENOENT/ },
    {
      name: 'two generations that are damaged',
      harm: () => alter(at(3, 'main.conf')).then(() => alter(at(2, 'main.conf'))),
      current: 1,
      reason: /^main\.conf has/,
    },
    { name: 'current that is gone', harm: () => rm(pointer('current')), current: 3 },
    { name: 'current that leads out', harm: () => lead('current', '/etc'), current: 3 },
    {
      name: 'current that leads to nothing',
      harm: () => lead('current', 'generations/00000009'),
      current: 3,
      reason: /ENOENT/,
    },
    {
      name: 'acknowledged that leads to nothing',
      harm: () => lead('acknowledged', 'generations/00000009'),
      current: 3,
      reason: /ENOENT/,
    },
    { name: 'acknowledged that leads out', harm: () => lead('acknowledged', '/nowhere'), current: 3 },
    {
      name: 'no link at all',
      harm: () => Promise.all([rm(pointer('current')), rm(pointer('acknowledged'))]),
      current: 3,
    },
    {
      name: 'a directory in the place of current, as a copy that follows links makes it',
      harm: async () => {
        await rm(pointer('current'));
        await cp(at(3), pointer('current'), { recursive: true });
      },
      current: 3,
    },
    {
      name: 'names that are not of generations beside them',
      harm: async () => {
        for (const name of ['99999999999999999999', '9007199254740993', '000000003', '00000000', 'notes', '-0000001'])
          await mkdir(join(configDir, 'generations', name));
      },
      current: 3,
    },
    { name: 'a newer one that nothing leads to', harm: () => cp(at(3), at(5), { recursive: true }), current: 3 },
  ];
  for (const { name, harm, current, reason } of cases) {
    for (const restarted of [false, true]) {
      const beside = restarted ? 'a proxy that starts after it' : 'a proxy that has it in memory';
      it(`is brought in order at the start, with ${beside}: ${name}`, async () => {
        await harm();
        if (restarted) proxy.running = undefined;
        const logger = recordingLogger();
        const reasons: unknown[] = [];
        const error = (fields: object): void => void reasons.push(Object.entries(fields).at(-1)?.[1]);
        const applier = applierFor(here(), proxy, { ...logger, error });
        assert.notEqual((await applier.start(forever))?.type, 'failed');
        assert.equal(stateOf(configDir).current, current);
        assertComplete(configDir, current);
        if (reason === undefined) assert.deepEqual(reasons, []);
        else assert.match(String(reasons[0]), reason);
        const { result } = await applier.apply(worldOf('3'), forever);
        assert.ok(result.type === 'applied' || result.type === 'unchanged', JSON.stringify(result));
        const { generation } = result;
        assert.equal(result.type === 'applied' && generation !== 3, current !== 3);
        assert.deepEqual(stateOf(configDir), { current: generation, acknowledged: generation });
        assertComplete(configDir, generation);
        assert.equal(proxy.running, generation);
        assert.deepEqual(leftovers(configDir), []);
      });
    }
  }

  it('does not take a step back from a proxy that has the newest in memory', async () => {
    await alter(at(3, 'main.conf'));
    const result = await applierFor(here(), proxy).start(forever);
    assert.deepEqual(result, {
      type: 'unacknowledged',
      generation: 2,
      message:
        'generation 3 is damaged on disk, and the proxy still has it in memory; for its next start generation 2 is installed',
    });
    assert.deepEqual(proxy.reloads, []);
    assert.deepEqual(stateOf(configDir), { current: 2, acknowledged: 2 });
  });

  it('starts a proxy that it supervises on the newest complete one', async () => {
    await alter(at(3, 'main.conf'));
    proxy.running = undefined;
    proxy.ensureStarted = () => proxy.startUp();
    assert.deepEqual(await applierFor(here(), proxy).start(forever), { type: 'unchanged', generation: 2 });
    assert.deepEqual(proxy.reloads, []);
  });

  it('keeps what has the name of a link and is none', async () => {
    await rm(pointer('current'));
    await mkdir(pointer('current'));
    await writeFile(join(pointer('current'), 'mine'), 'text');
    await mkdir(`${pointer('current')}.aside-1`);
    const logger = recordingLogger();
    await applierFor(here(), proxy, logger).start(forever);
    assert.equal(await readFile(`${pointer('current')}.aside-2/mine`, 'utf8'), 'text');
    assert.ok(logger.messages.includes('it is not a symbolic link: moved away'));
  });

  it('refuses to start in a directory where nothing but the name is its own', async () => {
    await rm(join(configDir, 'generations'), { recursive: true });
    await rm(pointer('current'));
    await mkdir(pointer('current'));
    const start = applierFor(here(), proxy).start(forever);
    await assert.rejects(start, /current is not a symbolic link: move it away/);
    assert.deepEqual(await readdir(pointer('current')), []);
  });

  it('writes all files anew when a certificate that all generations share is damaged', async () => {
    await alter(at(3, 'certs/a.pem'));
    const logger = recordingLogger();
    const applier = applierFor(here(), proxy, logger);
    assert.equal(await applier.start(forever), undefined);
    assert.deepEqual(stateOf(configDir), { current: 3, acknowledged: 3 });
    assert.ok(logger.messages.includes('no complete generation is left; the next pass writes one'));
    const { result } = await applier.apply(worldOf('3'), forever);
    assert.deepEqual([result.type, stateOf(configDir).current], ['applied', 4]);
    assertComplete(configDir, 4);
  });

  it('never goes back to a generation that the proxy did not take over', async () => {
    const applier = applierFor(here(), proxy);
    proxy.refuses.add(4);
    assert.equal((await applier.apply(worldOf('4'), forever)).result.type, 'rolled-back');
    assert.ok(generationsIn(configDir).includes(4));
    await alter(at(3, 'main.conf'));
    const later = applierFor(here(), proxy);
    await later.start(forever);
    assert.deepEqual(stateOf(configDir), { current: 2, acknowledged: 2 });
    assert.equal((await later.apply(worldOf('5'), forever)).result.type, 'applied');
    assert.deepEqual(generationsIn(configDir), [1, 2, 5]);
  });

  it('goes back when the files are those of another user', async () => {
    await asUnprivileged(configDir, async (lock) => {
      await lock(at(3));
      await applierFor(here(), proxy).start(forever);
      assert.deepEqual(stateOf(configDir), { current: 2, acknowledged: 2 });
    });
  });

  it('says which of the generations is damaged, and no more than once', async () => {
    await rename(at(3, 'main.conf'), at(3, 'other.conf'));
    const logger = recordingLogger();
    await applierFor(here(), proxy, logger).start(forever);
    assert.equal(logger.messages.filter((message) => message === DAMAGED).length, 1);
  });
});
