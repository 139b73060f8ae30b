import assert from 'node:assert/strict';
import { parseCheckOutput, parseNginxVersion, type CheckReport } from '../../src/proxies/nginx-output.ts';

describe('parseNginxVersion', () => {
  const cases: readonly { name: string; output: string; want: unknown }[] = [
    {
      name: 'reads the version and the switches, sorted, without what was given to the compiler',
      output: [
        'nginx version: nginx/1.22.1',
        'built with OpenSSL 3.0.22',
        "configure arguments: --with-cc-opt='-g --with-fake' --prefix=/usr --with-stream=dynamic --add-module=/m --with-compat",
      ].join('\n'),
      want: {
        name: 'nginx',
        version: '1.22.1',
        modules: ['--add-module=/m', '--with-compat', '--with-stream=dynamic'],
      },
    },
    {
      name: 'takes a fork',
      output: 'nginx version: openresty/1.27.1.2\n',
      want: { name: 'nginx', version: '1.27.1.2', modules: [] },
    },
    { name: 'refuses another program', output: 'HAProxy version 2.6.12', want: undefined },
  ];
  for (const { name, output, want } of cases) {
    it(name, () => assert.deepEqual(parseNginxVersion(output), want));
  }
});

describe('parseCheckOutput', () => {
  const failed = 'nginx: configuration file /g/7/nginx.conf test failed';
  const cases: readonly { name: string; output: readonly string[]; want: CheckReport }[] = [
    {
      name: 'finds the place at the end of the message',
      output: ['2026/11/24 08:28:24 [emerg] 4043#4043: unknown directive "foo" in /g/7/hosts.conf:2', failed],
      want: {
        message: '[emerg] unknown directive "foo" in hosts.conf:2',
        places: [{ path: 'hosts.conf', line: 2 }],
        verdict: true,
      },
    },
    {
      name: 'understands the form that nginx uses before it has a log',
      output: ['nginx: [emerg] unexpected "}" in /g/7/nginx.conf:12', failed],
      want: {
        message: '[emerg] unexpected "}" in nginx.conf:12',
        places: [{ path: 'nginx.conf', line: 12 }],
        verdict: true,
      },
    },
    {
      name: 'is not misled by a place that a user wrote into a value',
      output: ['nginx: [emerg] invalid value "x in /g/7/hosts.conf:1" in /g/7/hosts.conf:9', failed],
      want: {
        message: '[emerg] invalid value "x in hosts.conf:1" in hosts.conf:9',
        places: [{ path: 'hosts.conf', line: 9 }],
        verdict: true,
      },
    },
    {
      name: 'names the certificate file that cannot be loaded',
      output: [
        'nginx: [emerg] cannot load certificate "/g/7/certs/a.pem": PEM_read_bio_X509_AUX() failed (SSL: x)',
        failed,
      ],
      want: {
        message: '[emerg] cannot load certificate "certs/a.pem": PEM_read_bio_X509_AUX() failed (SSL: x)',
        places: [{ path: 'certs/a.pem', line: 1 }],
        verdict: true,
      },
    },
    {
      name: 'names the key that does not fit',
      output: ['nginx: [emerg] SSL_CTX_use_PrivateKey("/g/7/certs/a.pem") failed (SSL: key values mismatch)', failed],
      want: {
        message: '[emerg] SSL_CTX_use_PrivateKey("certs/a.pem") failed (SSL: key values mismatch)',
        places: [{ path: 'certs/a.pem', line: 1 }],
        verdict: true,
      },
    },
    {
      name: 'does not blame the place of a warning',
      output: [
        'nginx: [warn] conflicting server name "a" on 0.0.0.0:80, ignored in /g/7/hosts.conf:4',
        'nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)',
        failed,
      ],
      want: {
        message:
          '[warn] conflicting server name "a" on 0.0.0.0:80, ignored in hosts.conf:4\n[emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)',
        places: [],
        verdict: true,
      },
    },
    {
      name: 'names no place outside of the directory',
      output: ['nginx: [emerg] unknown directive "foo" in /etc/nginx/mime.types:2', failed],
      want: { message: '[emerg] unknown directive "foo" in /etc/nginx/mime.types:2', places: [], verdict: true },
    },
    {
      name: 'knows when it was not nginx that judged',
      output: ['error while loading shared libraries: libpcre.so'],
      want: { message: 'error while loading shared libraries: libpcre.so', places: [], verdict: false },
    },
  ];
  for (const { name, output, want } of cases) {
    it(name, () => assert.deepEqual(parseCheckOutput(output.join('\n'), '/g/7'), want));
  }
});
