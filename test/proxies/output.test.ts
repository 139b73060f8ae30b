import assert from 'node:assert/strict';
import { OutputTail, withoutKeys } from '../../src/proxies/output.ts';
import { makeCertificate } from '../support/certificates.ts';

const { key } = makeCertificate({ names: ['a.example.com'], key: 'rsa' });
const LINES = key.split('\n').filter((line) => line !== '' && !line.startsWith('-'));

function assertHidden(text: string): void {
  for (const line of LINES) assert.ok(!text.includes(line), text);
}

describe('the output of a checker', () => {
  const quoted: readonly [name: string, text: string][] = [
    ['a whole key', `cannot load:\n${key}\nend`],
    ['a key in one line', `unknown directive "${key.replaceAll('\n', ' ')}" in a.conf:1\nend`],
    ['a key without its first line', `${LINES.join('\n')}\n-----END PRIVATE KEY-----\nend`],
    ['a key without its last line', `bad\n-----BEGIN PRIVATE KEY-----\n${LINES.join('\n')}`],
    ['a line of it in a sentence', `unknown directive "${LINES[3]}" in a.conf:1\nend`],
  ];
  for (const [name, text] of quoted) {
    it(`loses ${name}, and keeps the rest`, () => {
      const plain = withoutKeys(text);
      assertHidden(plain);
      assert.match(plain, /\[redacted\]/);
      if (text.endsWith('end')) assert.match(plain, /end$/);
    });
  }

  it('loses what is left of a key that it was cut in', () => {
    const tail = new OutputTail(1000);
    tail.push(key);
    tail.push('x'.repeat(10));
    assertHidden(tail.text());
    assert.match(tail.text(), /x{10}$/);
  });

  const kept = [
    'nginx: [emerg] cannot load certificate "/var/lib/sluice/generations/00000012/certs/0123456789abcdef0123456789abcdef.pem": PEM_read_bio_X509_AUX() failed (SSL: error:0909006C:PEM routines:get_name:no start line)',
    `[ALERT] (12) : config : parsing [/tmp/Sluice/${'Long'.repeat(20)}/haproxy.cfg:12] : unknown keyword 'x'`,
    `server name "${'a'.repeat(63)}.${'b'.repeat(63)}.example.com" is too long`,
    'digest 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae differs',
  ];
  const users = [
    "userlist u\n  user 'a' password '$6$abcdefgh$c4n4ry.c4n4ry/'",
    "  user 'a b' insecure-password 'it'\\''s c4n4ry'",
    'foo:$apr1$abcdefgh$c4n4ryc4n4ry',
    'foo:{SHA}c4n4ryc4n4ry=',
    'foo:{PLAIN}c4n4ry',
  ];
  for (const text of users) {
    it(`hides the hash in ${text.slice(0, 20)}…`, () => assert.doesNotMatch(withoutKeys(text), /c4n4ry/));
  }

  for (const text of kept) it(`keeps ${text.slice(0, 40)}…`, () => assert.equal(withoutKeys(text), text));
});
