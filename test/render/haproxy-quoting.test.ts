import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haproxyFormat, haproxyString, mapKey } from '../../src/render/quoting.ts';
import { send } from '../support/client.ts';
import { freePort } from '../support/ports.ts';
import { installedHaproxy } from '../support/proxies.ts';
import { waitFor } from '../support/wait.ts';

/** Values that mean something to one of the parsers of HAProxy, or to none. */
const HOSTILE = [
  'plain',
  'a b',
  "it's",
  "'",
  '"quoted"',
  'back\\slash\\',
  '\\n\\ \\x41',
  '#comment',
  'a # b',
  '$LEAK',
  '${LEAK}',
  '"$LEAK"',
  '"${LEAK}"',
  "'${LEAK}'",
  '${LEAK[*]}',
  '%',
  '%%',
  '%ci %[src]',
  '%[env(LEAK)]',
  '%{+Q}o %[env(LEAK)]',
  '%[str(%[env(LEAK)])]',
  'a,b)(',
  '{ always_true } or !{ x }',
  'if TRUE',
  'unless x',
  '-i',
  '--',
  '-f /etc/passwd',
  '!negated',
  '[brackets]',
  'é 🛒',
];

/** Whatever a line of text or a header cannot hold. */
const REFUSED = ['\u0000', '\u0001', '\t', '\n', '\r', '\u001f', '\u007f', '\u0085', '\u2028'];

describe('quoting for HAProxy', () => {
  for (const character of REFUSED) {
    it(`refuses ${JSON.stringify(character)} everywhere`, () => {
      for (const quote of [haproxyString, haproxyFormat, mapKey]) {
        assert.throws(() => quote(`a${character}b`), RangeError);
      }
    });
  }

  for (const value of ['', ' a', 'a b', '#a', '!a', '[a']) {
    it(`refuses ${JSON.stringify(value)} as a key of a map`, () => assert.throws(() => mapKey(value), RangeError));
  }
});

const KEYS = HOSTILE.filter((value) => !/^[#![]| /.test(value));

for (const { binary, version } of installedHaproxy()) {
  describe(`HAProxy ${version} reads what is quoted`, () => {
    let directory: string;
    let port: number;
    let child: ReturnType<typeof spawn>;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'sluice-quoting-'));
      port = await freePort();
      await writeFile(join(directory, 'a.map'), KEYS.map((key, index) => `${mapKey(key)} is-${index}\n`).join(''));
      await writeFile(join(directory, 'a.cfg'), configuration(port));
      const env = { ...process.env, LEAK: 'leaked' };
      child = spawn(binary, ['-f', join(directory, 'a.cfg')], { env, stdio: 'ignore' });
      await waitFor('HAProxy', () => send({ port, host: 'a' }).catch(() => undefined));
    });

    after(async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(directory, { recursive: true });
    });

    /** Node hands on the bytes of headers as Latin-1. */
    const bytes = (text: string) => Buffer.from(text).toString('latin1');

    for (const [index, value] of HOSTILE.entries()) {
      it(`${JSON.stringify(value)} as the value of a header, as text, and as a pattern`, async () => {
        const headers = { [`q-${index}`]: bytes(value) };
        const answer = await send({ port, host: 'a', path: `/${index}`, headers });
        assert.equal(answer.headers[`v-${index}`], bytes(value));
        assert.equal(answer.body, value);
        assert.equal(answer.headers[`matches-${index}`], 'yes');
        const other = await send({ port, host: 'a', path: `/${index}`, headers: { [`q-${index}`]: 'other' } });
        assert.equal(other.headers[`matches-${index}`], undefined);
      });
    }

    for (const [index, key] of KEYS.entries()) {
      it(`${JSON.stringify(key)} as the key of a map`, async () => {
        const answer = await send({ port, host: 'a', headers: { 'map-key': bytes(key) } });
        assert.equal(answer.headers['map-value'], `is-${index}`);
      });
    }
  });
}

function configuration(port: number): string {
  const lines = HOSTILE.flatMap((value, index) => [
    `  http-response set-header matches-${index} yes if { var(txn.q${index}) -m str -- ${haproxyString(value)} }`,
    `  http-after-response set-header matches-${index} yes if { var(txn.q${index}) -m str -- ${haproxyString(value)} }`,
    `  http-after-response set-header v-${index} ${haproxyFormat(value)}`,
    `  http-request set-var(txn.q${index}) req.fhdr(q-${index})`,
  ]);
  const answers = HOSTILE.map(
    (value, index) =>
      `  http-request return status 200 content-type text/plain string ${haproxyString(value)} if { path /${index} }`,
  );
  return [
    'global',
    '  default-path config',
    'defaults',
    '  mode http',
    '  timeout client 5s',
    '  timeout server 5s',
    '  timeout connect 5s',
    'frontend f',
    `  bind 127.0.0.1:${port}`,
    '  http-request set-var(txn.map) req.fhdr(map-key),map_str(a.map)',
    '  http-after-response set-header map-value %[var(txn.map)] if { var(txn.map) -m found }',
    ...lines,
    ...answers,
    '  http-request return status 200',
    '',
  ].join('\n');
}
