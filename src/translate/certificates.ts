import { createHash, X509Certificate } from 'node:crypto';
import { readKey } from '../features/pem.ts';
import type { Secret } from '../model/objects.ts';
import { lowerAscii, parseHost } from './grammar.ts';

/** The certificate of a TLS Secret, checked so that any proxy will take it. */
export interface ParsedCertificate {
  readonly id: string;
  readonly pem: string;
  readonly names: readonly string[];
  readonly notAfter: number;
  /** Day of expiry, `2026-11-24`. */
  readonly lastDay: string;
  /** Whether a TLS client that asks for `host`, or for a name under `*.`, would accept it. */
  readonly covers: (host: string) => boolean;
}

export type CertificateResult =
  { readonly ok: true; readonly certificate: ParsedCertificate } | { readonly ok: false; readonly problem: string };

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const KEY_BLOCK = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/;

/** Bits; OpenSSL with the security level that distributions set refuses less, and with it the whole configuration. */
const SHORTEST_RSA_KEY = 2048;

/** Reads `tls.crt` and `tls.key`. What was parsed is written anew: nothing else in the Secret reaches a file of the proxy. */
export function parseCertificate(secret: Secret): CertificateResult {
  const chainText = decode(secret, 'tls.crt');
  const keyText = decode(secret, 'tls.key');
  if (chainText === undefined) return bad('it has no tls.crt');
  if (keyText === undefined) return bad('it has no tls.key');
  const blocks = chainText.match(CERTIFICATE_BLOCK) ?? [];
  const chain: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    const certificate = readCertificate(block);
    if (certificate === undefined) return bad(`certificate ${index + 1} in tls.crt cannot be read`);
    chain.push(certificate);
  }
  const [leaf] = chain;
  return leaf === undefined ? bad('tls.crt is not a PEM certificate') : withKey(leaf, chain, keyText);
}

function withKey(leaf: X509Certificate, chain: readonly X509Certificate[], keyText: string): CertificateResult {
  const block = KEY_BLOCK.exec(keyText)?.[0];
  const key = block === undefined ? undefined : readKey(block);
  if (key === undefined) return bad('tls.key is not an unencrypted PEM private key');
  if (!leaf.checkPrivateKey(key)) return bad('tls.key does not belong to the certificate in tls.crt');
  const { modulusLength = SHORTEST_RSA_KEY } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < SHORTEST_RSA_KEY) {
    return bad(`its key has ${modulusLength} bits, proxies take ${SHORTEST_RSA_KEY} or more`);
  }
  const pem = [...chain.map(String), key.export({ type: 'pkcs8', format: 'pem' })].join('');
  const names = namesOf(leaf);
  const certificate = {
    id: createHash('sha256').update(pem).digest('hex').slice(0, 32),
    pem,
    names,
    notAfter: leaf.validToDate.getTime(),
    lastDay: leaf.validToDate.toISOString().slice(0, 10),
    covers: (host: string) => names.includes(host) || (!host.startsWith('*.') && leaf.checkHost(host) !== undefined),
  };
  return { ok: true, certificate };
}

function decode(secret: Secret, key: string): string | undefined {
  const text = secret.data[key];
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('latin1');
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** DNS names of the subject alternative name; else the common name, as ingress-nginx falls back to it. */
function namesOf(certificate: X509Certificate): readonly string[] {
  const alternative = certificate.subjectAltName?.split(', ').filter((name) => name.startsWith('DNS:')) ?? [];
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const names = alternative.length > 0 ? alternative.map((name) => name.slice(4)) : [common ?? ''];
  return names.map((name) => lowerAscii(name)).filter((name) => parseHost(name).ok);
}

function bad(problem: string): CertificateResult {
  return { ok: false, problem };
}
