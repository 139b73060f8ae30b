import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Secret } from '../model/objects.ts';
import type { Parsed } from './annotation.ts';
import { bad, good } from './grammar.ts';

/*
 * What Secrets hold for TLS. It is parsed and written anew: nothing else of a Secret reaches a file of the proxy. Problems
 * name keys of the Secret and never quote their values.
 */

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const REVOKED = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;
const KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/;

/** Bits; OpenSSL with the security level that distributions set refuses less. */
const SHORTEST_RSA_KEY = 2048;

export function textOf(secret: Secret, key: string): string | undefined {
  const text = secret.data[key];
  return text === undefined || text === '' ? undefined : Buffer.from(text, 'base64').toString('latin1');
}

/** The certificates of `ca.crt`, as PEM; the problem is about the Secret: "has no ca.crt". */
export function authoritiesOf(secret: Secret): Parsed<string> {
  const text = textOf(secret, 'ca.crt');
  if (text === undefined) return bad('has no ca.crt');
  const found = readCertificates(text);
  return found === undefined ? bad('has a ca.crt that is no PEM certificate') : good(found.map(String).join(''));
}

/** The lists of `ca.crl`, as PEM; `undefined` when there is none. */
export function revokedOf(secret: Secret): Parsed<string | undefined> {
  const text = textOf(secret, 'ca.crl');
  if (text === undefined) return good(undefined);
  const lists = [...text.matchAll(REVOKED)].map(([, body = '']) => Buffer.from(body, 'base64'));
  if (lists.length === 0 || !lists.every(isSequence))
    return bad('has a ca.crl that is no PEM list of revoked certificates');
  return good(lists.map(writeList).join(''));
}

/** `tls.crt` and `tls.key`, which belong together, as one PEM; `undefined` when there is none of them. */
export function ownCertificateOf(secret: Secret): Parsed<string | undefined> {
  const [chain, keyText] = [textOf(secret, 'tls.crt'), textOf(secret, 'tls.key')];
  if (chain === undefined && keyText === undefined) return good(undefined);
  const certificates = readCertificates(chain ?? '');
  if (certificates === undefined) return bad('has no tls.crt that is a PEM certificate');
  const key = readKey(KEY.exec(keyText ?? '')?.[0] ?? '');
  if (key === undefined) return bad('has no tls.key that is an unencrypted PEM private key');
  const problem = problemOf(key, certificates);
  return problem === undefined
    ? good([...certificates.map(String), key.export({ type: 'pkcs8', format: 'pem' })].join(''))
    : bad(problem);
}

function problemOf(key: KeyObject, [leaf]: readonly X509Certificate[]): string | undefined {
  if (leaf?.checkPrivateKey(key) !== true) return 'has a tls.key that does not belong to tls.crt';
  const bits = key.asymmetricKeyDetails?.modulusLength ?? SHORTEST_RSA_KEY;
  return bits < SHORTEST_RSA_KEY ? `has a key of ${bits} bits: ${SHORTEST_RSA_KEY} are needed` : undefined;
}

/** At least one; `undefined` when there is none, or one cannot be read. */
function readCertificates(text: string): readonly X509Certificate[] | undefined {
  try {
    const found = (text.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
    return found.length === 0 ? undefined : found;
  } catch {
    return undefined;
  }
}

/** `undefined` for what is no private key without a password. */
export function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** One ASN.1 SEQUENCE that fills the whole buffer. What is in it, the proxy checks. */
function isSequence(der: Buffer): boolean {
  const [tag, first = 0] = der;
  if (tag !== 0x30) return false;
  if (first < 0x80) return der.length === 2 + first;
  const bytes = first & 0x7f;
  if (bytes === 0 || bytes > 4 || der.length < 2 + bytes) return false;
  return der.length === 2 + bytes + der.readUIntBE(2, bytes);
}

function writeList(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}
