import { generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../model/objects.ts';

/*
 * The certificate that ingress-nginx makes of its own at every start, for hosts that have none, with the names that it has
 * there. Clients do not trust it; they are told that they are at the wrong place, instead of nothing.
 */

const COMMON_NAME = 'Kubernetes Ingress Controller Fake Certificate';
const ORGANIZATION = 'Acme Co';
const HOST = 'ingress.local';
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** DER: a tag, a length, and what is in it. https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const bytes = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, body]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const octets = (...parts: readonly Buffer[]) => der(0x04, ...parts);
const bits = (unused: number, body: Buffer) => der(0x03, Buffer.from([unused]), body);
const text = (value: string) => der(0x0c, Buffer.from(value));
const TRUE = der(0x01, Buffer.from([0xff]));

function identifier(name: string): Buffer {
  const [first = 0, second = 0, ...rest] = name.split('.').map(Number);
  const words = rest.flatMap((word) => {
    const groups = [word & 0x7f];
    for (let left = word >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...words]));
}

/** UTCTime: `yymmddhhmmssZ`. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

const NAME = sequence(
  der(0x31, sequence(identifier('2.5.4.10'), text(ORGANIZATION))),
  der(0x31, sequence(identifier('2.5.4.3'), text(COMMON_NAME))),
);
const SHA256_WITH_RSA = sequence(identifier('1.2.840.113549.1.1.11'), der(0x05));

/** For a server, not to sign others with. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1 */
const EXTENSIONS = der(
  0xa3,
  sequence(
    sequence(identifier('2.5.29.15'), TRUE, octets(bits(5, Buffer.from([0xa0])))),
    sequence(identifier('2.5.29.37'), octets(sequence(identifier('1.3.6.1.5.5.7.3.1')))),
    sequence(identifier('2.5.29.19'), TRUE, octets(sequence())),
    sequence(identifier('2.5.29.17'), octets(sequence(der(0x82, Buffer.from(HOST))))),
  ),
);

/** @returns a Secret of no namespace, which no cluster has */
export async function makeOwnCertificate(now: number): Promise<Secret> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const serial = randomBytes(16);
  // Positive, and without zeros in front.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    SHA256_WITH_RSA,
    NAME,
    sequence(time(now), time(now + YEAR_MS)),
    NAME,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    EXTENSIONS,
  );
  const certificate = sequence(content, SHA256_WITH_RSA, bits(0, sign('sha256', content, pair.privateKey)));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const encode = (value: string) => Buffer.from(value).toString('base64');
  return {
    kind: 'Secret',
    metadata: { namespace: '', name: 'own-certificate', uid: '', annotations: {}, labels: {}, creationTimestamp: '' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': encode(pem), 'tls.key': encode(key) },
  };
}

/** Only ingress-nginx has one. */
export async function ownCertificateFor(compat: string | undefined, now: number): Promise<Secret | undefined> {
  return compat === undefined ? undefined : makeOwnCertificate(now);
}
