import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOpenToAll, problemOf, refuseUntrusted } from '../../src/apply/trusted-directory.ts';

describe('refuseUntrusted', () => {
  let root = '';
  const config = () => join(root, 'config');
  const check = () => refuseUntrusted(config(), undefined);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-trust-'));
    await mkdir(config());
  });
  afterEach(() => rm(root, { recursive: true }));

  it('accepts a directory that is not there, is empty, or is as sluice leaves it', async () => {
    await rm(config(), { recursive: true });
    await check();
    await mkdir(config());
    await check();
    for (const name of ['generations', 'run']) await mkdir(join(config(), name));
    for (const name of ['current', 'acknowledged']) await symlink('generations/00000001', join(config(), name));
    await check();
  });

  it('refuses one that every user can write to, and says what to do', async () => {
    await chmod(config(), 0o777);
    await assert.rejects(check(), /^Error: every user of this machine can write to \S+config, .*: chmod o-w it, or/);
  });

  it('accepts one in which others can create names but not replace ours', async () => {
    await chmod(config(), 0o1777);
    await check();
  });

  it('accepts a volume of its own that is open to all who mount it', () => {
    assert.equal(isOpenToAll({ mode: 0o40777, dev: 2 }, { dev: 1 }), false);
    assert.equal(isOpenToAll({ mode: 0o40777, dev: 1 }, { dev: 1 }), true);
  });

  for (const name of ['generations', 'run']) {
    it(`refuses a link in the place of ${name}`, async () => {
      await symlink(tmpdir(), join(config(), name));
      await assert.rejects(check(), new RegExp(`${name} is a symbolic link, which sluice does not make: remove it`));
    });
  }

  it('refuses what another user has put there', () => {
    const stats = { uid: 1001, isSymbolicLink: () => true };
    const told = 'belongs to another user (1001)';
    assert.equal(problemOf('current', stats, new Set([0, 1000])), told);
    assert.equal(problemOf('current', stats, new Set([0, 1001])), undefined);
  });
});
