import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Emergencies } from '../../src/proxies/nginx-emergencies.ts';

const TAKEN = 'bind() to 127.0.0.1:80 failed (98: Address already in use)';

describe('the emergencies of nginx', () => {
  let folder: string;
  let log: Emergencies;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-emergencies-'));
    log = new Emergencies(folder);
  });

  afterEach(() => rm(folder, { recursive: true }));

  const line = (text: string, pid = 7) => `2026/11/24 18:34:53 [emerg] ${pid}#${pid}: ${text}\n`;
  const say = (...lines: readonly string[]) => appendFile(join(folder, 'emergencies.log'), lines.join(''));

  it('are nothing without the file, as of an nginx that was started by an older release', async () => {
    await log.mark();
    assert.equal(await log.read(7), undefined);
  });

  it('are those since the last reload, each once, without time and directory', async () => {
    await say(line('of the reload before'));
    await log.mark();
    assert.equal(await log.read(7), undefined);
    await say(line('unknown directive "x" in /etc/sluice/current/hosts.conf:3'), line('y'), line('y'));
    const text = '[emerg] unknown directive "x" in hosts.conf:3; [emerg] y';
    assert.deepEqual(await log.read(7), { text, isFinal: true });
  });

  const finals = [
    { name: 'not final while a port that is taken is tried again', lines: [line(TAKEN), line(TAKEN)], isFinal: false },
    { name: 'final when that is given up', lines: [line(TAKEN), line('still could not bind()')], isFinal: true },
    {
      name: 'final at once when a port is not allowed',
      lines: [line('bind() to 0.0.0.0:80 failed (13: Permission denied)')],
      isFinal: true,
    },
    { name: 'not final when a worker says them', lines: [line('malloc(100) failed', 8)], isFinal: false },
  ];
  for (const { name, lines, isFinal } of finals) {
    it(`are ${name}`, async () => {
      await log.mark();
      await say(...lines);
      assert.equal((await log.read(7))?.isFinal, isFinal);
    });
  }

  it('say no keys, and nothing that moves a terminal', async () => {
    await log.mark();
    await say(line('bad \u001b[31mkey -----BEGIN PRIVATE KEY----- MIIB'));
    assert.equal((await log.read(7))?.text, '[emerg] bad key [redacted]');
  });

  it('are forgotten when they are many, without a mark that is beyond the end', async () => {
    await writeFile(join(folder, 'emergencies.log'), line('x').repeat(10_000));
    await log.mark();
    assert.equal((await stat(join(folder, 'emergencies.log'))).size, 0);
    await say(line('new'));
    assert.equal((await log.read(7))?.text, '[emerg] new');
  });

  const replaced: readonly (readonly [string, (path: string, other: string) => Promise<unknown>])[] = [
    ['a link', (path, other) => symlink(other, path)],
    ['a pipe, which would never open', (path) => execa('mkfifo', [path])],
  ];
  for (const [name, place] of replaced) {
    it(`are nothing, and nothing is emptied, when ${name} is in the place of the file`, async () => {
      const other = join(folder, 'other');
      await writeFile(other, line('x').repeat(10_000));
      const { size } = await stat(other);
      await place(join(folder, 'emergencies.log'), other);
      await log.mark();
      await appendFile(other, line('y'));
      assert.equal(await log.read(7), undefined);
      assert.equal((await stat(other)).size, size + line('y').length);
    });
  }
});
