import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface ServerCertificate {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const EXTENSIONS = `basicConstraints=CA:FALSE
subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1
`;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate for 127.0.0.1, of an authority made for it; by the `openssl` command. */
export function makeServerCertificate(): ServerCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-api-server-'));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  try {
    writeFileSync(at('extensions'), EXTENSIONS);
    const authority = ['-subj', '/CN=kubernetes', '-days', '30', '-keyout', at('ca-key.pem'), '-out', at('ca.pem')];
    const asAuthority = ['-addext', 'keyUsage=critical,keyCertSign'];
    openssl('req', '-x509', ...NEW_KEY, ...authority, ...asAuthority);
    openssl('req', '-new', ...NEW_KEY, '-subj', '/CN=kube-apiserver', '-keyout', at('key.pem'), '-out', at('csr.pem'));
    const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-set_serial', '2', '-days', '30'];
    openssl('x509', '-req', '-in', at('csr.pem'), ...signer, '-extfile', at('extensions'), '-out', at('cert.pem'));
    const read = (name: string): string => readFileSync(at(name), 'utf8');
    return { authority: read('ca.pem'), certificate: read('cert.pem'), key: read('key.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
