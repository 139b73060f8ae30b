import { execFileSync } from 'node:child_process';

/** A certificate and its key, PEM. */
export function selfSigned(name: string): string {
  const key = openssl(['ecparam', '-genkey', '-name', 'prime256v1', '-noout'], '');
  const request = ['req', '-x509', '-new', '-days', '2', '-subj', `/CN=${name}`, '-key', '/dev/stdin'];
  return openssl(request, key) + key;
}

function openssl(args: readonly string[], input: string): string {
  // `sh -c` with cat: openssl opens /dev/stdin by name, which works with a pipe but not with the socket that node makes.
  return execFileSync('/bin/sh', ['-c', 'cat | openssl "$@"', 'sh', ...args], {
    encoding: 'utf8',
    input,
    stdio: 'pipe',
  });
}
