import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** DNS names of the subject alternative name; none: the certificate has only a common name. */
  readonly names: readonly string[];
  /** Default: the first of `names`. */
  readonly commonName?: string;
  /** Default: `ec` (P-256), which is made in a moment; `rsa` has 2048 bits. */
  readonly key?: 'ec' | 'rsa' | 'rsa-1024' | 'ed25519';
  /** Validity from now on; default: 30. */
  readonly days?: number;
  /** The certificate was valid in January 2020 and is not any more. */
  readonly expired?: boolean;
  /** It may sign others. */
  readonly authority?: boolean;
  /** Who signs; default: the certificate itself. */
  readonly issuer?: CertificatePair;
}

const NEW_KEY: Readonly<Record<NonNullable<CertificateOptions['key']>, readonly string[]>> = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['-newkey', 'rsa:2048'],
  'rsa-1024': ['-newkey', 'rsa:1024'],
  ed25519: ['-newkey', 'ed25519'],
};

const made = new Map<string, CertificatePair>();

/** A certificate and its key, made with the `openssl` command. The same options give the same pair within one process. */
export function makeCertificate(options: CertificateOptions): CertificatePair {
  const key = JSON.stringify(options);
  const pair = made.get(key) ?? inDirectory((directory) => make(options, directory));
  made.set(key, pair);
  return pair;
}

/** The same private key under a passphrase: `pkcs8` says so in its label, `traditional` in a header of the PEM block. */
export function encryptKey(key: string, form: 'pkcs8' | 'traditional'): string {
  const args = form === 'pkcs8' ? ['pkcs8', '-topk8'] : ['ec', '-aes256'];
  return openssl([...args, '-passout', 'pass:secret'], key);
}

function make({ key = 'ec', ...options }: CertificateOptions, directory: string): CertificatePair {
  const files = { key: join(directory, 'key.pem'), request: join(directory, 'request.pem') };
  const subject = `/CN=${options.commonName ?? options.names[0] ?? ''}`;
  openssl(['req', '-new', ...NEW_KEY[key], '-nodes', '-keyout', files.key, '-out', files.request, '-subj', subject]);
  return { certificate: sign({ key, ...options }, directory), key: readFileSync(files.key, 'utf8') };
}

/** `openssl ca` is the only command of OpenSSL 3.0 that takes dates in the past. */
function sign({ names, days = 30, expired, authority = false, issuer }: CertificateOptions, directory: string): string {
  const at = (name: string) => join(directory, name);
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('ca.cnf'), configuration(directory, names, authority));
  if (issuer !== undefined) writeFileSync(at('issuer.pem'), issuer.certificate);
  if (issuer !== undefined) writeFileSync(at('issuer-key.pem'), issuer.key);
  const validity =
    expired === true ? ['-startdate', '20200101000000Z', '-enddate', '20200131000000Z'] : ['-days', `${days}`];
  const signer =
    issuer === undefined
      ? ['-selfsign', '-keyfile', at('key.pem')]
      : ['-cert', at('issuer.pem'), '-keyfile', at('issuer-key.pem')];
  openssl([
    'ca',
    '-batch',
    '-notext',
    '-config',
    at('ca.cnf'),
    '-in',
    at('request.pem'),
    '-out',
    at('certificate.pem'),
    ...validity,
    ...signer,
  ]);
  return readFileSync(at('certificate.pem'), 'utf8');
}

function configuration(directory: string, names: readonly string[], authority: boolean): string {
  const alternative = names.map((name) => `DNS:${name}`).join(',');
  return `[ca]
default_ca = test
[test]
database = ${join(directory, 'index.txt')}
new_certs_dir = ${directory}
rand_serial = yes
default_md = default
policy = any
x509_extensions = leaf
[any]
commonName = optional
[leaf]
basicConstraints = CA:${authority ? 'TRUE' : 'FALSE'}
${alternative === '' ? '' : `subjectAltName = ${alternative}`}
`;
}

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function openssl(args: readonly string[], input = ''): string {
  return execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}
