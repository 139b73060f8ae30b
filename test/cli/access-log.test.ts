import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../src/model/logger.ts';
import { fitAccessLog } from '../../src/cli/proxy/access-log.ts';
import { SETTINGS } from '../support/objects.ts';

describe('the access log of a ConfigMap', () => {
  let root: string;
  let told: string[];
  const write = (_facts: object, message: string): number => told.push(message);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };

  beforeEach(async () => {
    [root, told] = [await mkdtemp(join(tmpdir(), 'sluice-log-')), []];
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gets a directory that is not there', () => {
    const settings = { ...SETTINGS, accessLogPath: join(root, 'nginx', 'access.log') };
    assert.equal(fitAccessLog('nginx', SETTINGS, logger)(settings), settings);
    assert.ok(existsSync(settings.accessLogPath));
    assert.deepEqual(told, []);
  });

  it('goes where the flags say when it cannot be opened, which would keep the proxy from starting', () => {
    const settings = { ...SETTINGS, accessLogPath: join(root, 'x'.repeat(300), 'access.log') };
    assert.equal(fitAccessLog('nginx', SETTINGS, logger)(settings).accessLogPath, SETTINGS.accessLogPath);
    assert.equal(told.length, 1);
  });

  it('is of no interest where nobody opens it', () => {
    const path = join(root, 'x'.repeat(300), 'access.log');
    for (const settings of [
      { ...SETTINGS, accessLogPath: path, accessLog: 'off' as const },
      { ...SETTINGS, accessLogPath: path, syslog: '127.0.0.1:514' },
      { ...SETTINGS, accessLogPath: '/dev/stderr' },
    ]) {
      assert.equal(fitAccessLog('nginx', SETTINGS, logger)(settings), settings);
    }
    const haproxy = { ...SETTINGS, accessLogPath: path };
    assert.equal(fitAccessLog('haproxy', SETTINGS, logger)(haproxy), haproxy);
    assert.deepEqual(told, []);
  });
});
