import { execFileSync } from 'node:child_process';

/** A certificate and its key, PEM. */
export function selfSigned(name: string): string {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const out = ['-subj', `/CN=${name}`, '-keyout', '/dev/stdout', '-out', '/dev/stdout'];
  return execFileSync('openssl', [...args, ...out], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
