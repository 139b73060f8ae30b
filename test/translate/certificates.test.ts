import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../src/translate/certificates.ts';
import { encryptKey, makeCertificate } from '../support/certificates.ts';
import { secret } from './world.ts';

const EC = makeCertificate({ names: ['shop.example.com', '*.shop.example.com'] });
const RSA = makeCertificate({ names: ['shop.example.com'], key: 'rsa' });
const ED25519 = makeCertificate({ names: ['shop.example.com'], key: 'ed25519' });
const SHORT = makeCertificate({ names: ['shop.example.com'], key: 'rsa-1024' });
const AUTHORITY = makeCertificate({ names: ['authority.example.com'] });
const SIGNED = makeCertificate({ names: ['signed.example.com'], issuer: AUTHORITY });
const COMMON_NAME = makeCertificate({ names: [], commonName: 'Common.example.com' });
const NO_HOST = makeCertificate({ names: [], commonName: 'Somebody Important' });
const BROKEN = EC.certificate.replace(/\nM..../, '\nAAAAA');

interface Case {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** What is written into the file of the proxy, by the kinds of its PEM blocks. */
  readonly blocks?: readonly string[];
  readonly names?: readonly string[];
  readonly problem?: RegExp;
}

const NAMES = ['shop.example.com', '*.shop.example.com'];
const ONE = ['CERTIFICATE', 'PRIVATE KEY'];

const CASES: readonly Case[] = [
  { name: 'takes an EC key', data: pair(EC), blocks: ONE, names: NAMES },
  { name: 'takes an RSA key', data: pair(RSA), blocks: ONE, names: ['shop.example.com'] },
  { name: 'takes an Ed25519 key', data: pair(ED25519), blocks: ONE, names: ['shop.example.com'] },
  {
    name: 'takes a chain, with the leaf first',
    data: { 'tls.crt': SIGNED.certificate + AUTHORITY.certificate, 'tls.key': SIGNED.key },
    blocks: ['CERTIFICATE', 'CERTIFICATE', 'PRIVATE KEY'],
    names: ['signed.example.com'],
  },
  {
    name: 'drops text around the PEM blocks',
    data: { 'tls.crt': `Bag Attributes\n${EC.certificate}\n; } evil {\n`, 'tls.key': `# key\n${EC.key}\n$x\n` },
    blocks: ONE,
    names: NAMES,
  },
  {
    name: 'drops parameters and further keys beside the key',
    data: {
      'tls.crt': EC.certificate,
      'tls.key': `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${EC.key}${RSA.key}`,
    },
    blocks: ONE,
    names: NAMES,
  },
  {
    name: 'takes line ends of Windows',
    data: { 'tls.crt': EC.certificate.replaceAll('\n', '\r\n'), 'tls.key': EC.key.replaceAll('\n', '\r\n') },
    blocks: ONE,
    names: NAMES,
  },
  {
    name: 'takes spaces and tabs within the base64 text, as OpenSSL does',
    data: { 'tls.crt': EC.certificate.replace(/\n(.{8})/, '\n$1 \t'), 'tls.key': EC.key.replace(/\n(.{8})/, '\n$1 ') },
    blocks: ONE,
    names: NAMES,
  },
  { name: 'takes the common name when there is no other', data: pair(COMMON_NAME), names: ['common.example.com'] },
  { name: 'takes a certificate for no host', data: pair(NO_HOST), names: [] },
  { name: 'refuses a Secret without tls.crt', data: { 'tls.key': EC.key }, problem: /^it has no tls\.crt$/ },
  { name: 'refuses a Secret without tls.key', data: { 'tls.crt': EC.certificate }, problem: /^it has no tls\.key$/ },
  { name: 'refuses an empty tls.crt', data: { ...pair(EC), 'tls.crt': '' }, problem: /not a PEM certificate/ },
  {
    name: 'refuses garbage for a certificate',
    data: { ...pair(EC), 'tls.crt': 'x\0y' },
    problem: /not a PEM certificate/,
  },
  {
    name: 'refuses a key for a certificate',
    data: { ...pair(EC), 'tls.crt': EC.key },
    problem: /not a PEM certificate/,
  },
  {
    name: 'refuses a PEM block that holds no certificate',
    data: { ...pair(EC), 'tls.crt': BROKEN },
    problem: /^certificate 1 in tls\.crt cannot be read$/,
  },
  {
    name: 'refuses a chain with a broken certificate',
    data: { ...pair(EC), 'tls.crt': EC.certificate + BROKEN },
    problem: /^certificate 2 in tls\.crt cannot be read$/,
  },
  {
    name: 'refuses a chain that does not start with the certificate of the key',
    data: { 'tls.crt': AUTHORITY.certificate + SIGNED.certificate, 'tls.key': SIGNED.key },
    problem: /does not belong/,
  },
  { name: 'refuses an empty tls.key', data: { ...pair(EC), 'tls.key': '' }, problem: /not an unencrypted PEM/ },
  { name: 'refuses garbage for a key', data: { ...pair(EC), 'tls.key': 'secret' }, problem: /not an unencrypted PEM/ },
  {
    name: 'refuses a PEM block that holds no key',
    data: { ...pair(EC), 'tls.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' },
    problem: /not an unencrypted PEM/,
  },
  {
    name: 'refuses an encrypted key',
    data: { ...pair(EC), 'tls.key': encryptKey(EC.key, 'pkcs8') },
    problem: /not an unencrypted PEM/,
  },
  {
    name: 'refuses a key that is encrypted in the traditional form',
    data: { ...pair(EC), 'tls.key': encryptKey(EC.key, 'traditional') },
    problem: /not an unencrypted PEM/,
  },
  {
    name: 'refuses the key of another certificate',
    data: { ...pair(EC), 'tls.key': RSA.key },
    problem: /does not belong/,
  },
  {
    name: 'refuses an RSA key that is too short for OpenSSL',
    data: pair(SHORT),
    problem: /^its key has 1024 bits, proxies take 2048 or more$/,
  },
];

function pair({ certificate, key }: { readonly certificate: string; readonly key: string }): Record<string, string> {
  return { 'tls.crt': certificate, 'tls.key': key };
}

describe('the certificate of a Secret', () => {
  for (const { name, data, blocks, names, problem } of CASES) {
    it(name, () => {
      const result = parseCertificate(secret('tls', data));
      if (problem !== undefined) {
        assert.match(result.ok ? 'is taken' : result.problem, problem);
        return;
      }
      assert.ok(result.ok, 'is refused');
      const { pem } = result.certificate;
      if (blocks !== undefined)
        assert.deepEqual(
          [...pem.matchAll(/BEGIN ([A-Z ]+)-/g)].map((match) => match[1]),
          blocks,
        );
      assert.match(pem, /^(-----BEGIN [A-Z ]+-----\n[A-Za-z0-9+/=\n]+\n-----END [A-Z ]+-----\n)+$/);
      assert.deepEqual(result.certificate.names, names);
    });
  }

  it('has an id that depends on the certificate and its key, not on how they are written', () => {
    const idOf = (data: Readonly<Record<string, string>>) => {
      const result = parseCertificate(secret('tls', data));
      return result.ok ? result.certificate.id : result.problem;
    };
    const spaced = { 'tls.crt': `\n${EC.certificate}\n`, 'tls.key': EC.key.replaceAll('\n', '\r\n') };
    assert.match(idOf(pair(EC)), /^[0-9a-f]{32}$/);
    assert.equal(idOf(spaced), idOf(pair(EC)));
    assert.notEqual(idOf(pair(RSA)), idOf(pair(EC)));
  });

  it('tells when it expires', () => {
    const result = parseCertificate(secret('tls', pair(makeCertificate({ names: ['a'], expired: true }))));
    assert.ok(result.ok);
    assert.equal(result.certificate.notAfter, Date.UTC(2020, 0, 31));
    assert.equal(result.certificate.lastDay, '2020-01-31');
  });

  it('covers its names, and one label under its wildcards', () => {
    const result = parseCertificate(secret('tls', pair(EC)));
    assert.ok(result.ok);
    const hosts = ['shop.example.com', 'a.shop.example.com', '*.shop.example.com', 'a.b.shop.example.com'];
    const covered = [...hosts, '*.a.shop.example.com', 'example.com', '*.example.com'].filter(
      result.certificate.covers,
    );
    assert.deepEqual(covered, hosts.slice(0, 3));
  });

  it('covers its common name only when it has no other', () => {
    const both = makeCertificate({ names: ['a.example.com'], commonName: 'b.example.com' });
    const results = [both, COMMON_NAME].map((item) => parseCertificate(secret('tls', pair(item))));
    const covers = results.map(
      (item) => item.ok && ['b.example.com', 'common.example.com'].filter(item.certificate.covers),
    );
    assert.deepEqual(covers, [[], ['common.example.com']]);
  });

  it('is the same for other tools after it was written anew', () => {
    const result = parseCertificate(secret('tls', pair(RSA)));
    assert.ok(result.ok);
    const written = new X509Certificate(result.certificate.pem);
    assert.equal(written.fingerprint256, new X509Certificate(RSA.certificate).fingerprint256);
  });
});
