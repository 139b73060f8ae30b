import assert from 'node:assert/strict';
import { withReachableAccessLog } from '../../src/cli/proxy/access-log.ts';
import { DiagnosticLog } from '../../src/cli/loop/diagnostic-log.ts';
import { hardOpenFileLimit, nameservers } from '../../src/cli/proxy/machine.ts';
import { retryDelayMs } from '../../src/cli/loop/reconcile.ts';
import type { Logger } from '../../src/model/logger.ts';
import { invalidHost } from '../../src/model/problems.ts';
import { SETTINGS } from '../support/objects.ts';

function recorder(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const note = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  return { logger: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }, lines };
}

describe('facts of the machine', () => {
  it('takes the name servers of resolv.conf, three at most', () => {
    const text =
      '# nameserver 9.9.9.9\nsearch a.b\nnameserver 10.0.0.10\n nameserver fd00::a\nnameserver x\nnameserver 1.1.1.1\nnameserver 1.0.0.1\n';
    assert.deepEqual(nameservers(text), ['10.0.0.10', '[fd00::a]', '1.1.1.1']);
  });

  it('takes the hard limit of open files', () => {
    assert.equal(
      hardOpenFileLimit(
        'Max processes  1 2 processes\nMax open files            1024                 20000                files\n',
      ),
      20_000,
    );
    assert.equal(hardOpenFileLimit(''), Number.MAX_SAFE_INTEGER);
  });
});

describe('the access log of a proxy that is our child', () => {
  const rows = [
    {
      name: 'stays when standard output can be opened',
      isChild: true,
      canOpenStdout: true,
      path: '/dev/stdout',
      want: 'json',
    },
    { name: 'stays when it goes to a file', isChild: true, canOpenStdout: false, path: '/var/log/a', want: 'json' },
    {
      name: 'stays when the proxy has another standard output',
      isChild: false,
      canOpenStdout: false,
      path: '/dev/stdout',
      want: 'json',
    },
    {
      name: 'is off when standard output cannot be opened',
      isChild: true,
      canOpenStdout: false,
      path: '/dev/stdout',
      want: 'off',
    },
  ];
  for (const { name, isChild, canOpenStdout, path, want } of rows) {
    it(name, () => {
      const { logger, lines } = recorder();
      const settings = withReachableAccessLog({ ...SETTINGS, accessLogPath: path }, { isChild, canOpenStdout }, logger);
      assert.equal(settings.accessLog, want);
      assert.equal(lines.length, want === 'off' ? 1 : 0);
    });
  }
});

describe('the log of diagnostics', () => {
  it('tells of each when it appears and when it is gone', () => {
    const { logger, lines } = recorder();
    const log = new DiagnosticLog(logger);
    const source = { object: { kind: 'Ingress', namespace: 'a', name: 'b' }, field: 'spec.rules[0].host' };
    const diagnostic = invalidHost(source, 'X', 'is bad');
    for (const all of [[diagnostic], [diagnostic], [], [diagnostic]]) log.update(all);
    assert.deepEqual(lines, ['error not served as written', 'info no longer wrong', 'error not served as written']);
  });
});

describe('the pause before another try', () => {
  it('doubles up to a minute', () => {
    assert.deepEqual([1, 2, 3, 7, 50].map(retryDelayMs), [1_000, 2_000, 4_000, 60_000, 60_000]);
  });
});
