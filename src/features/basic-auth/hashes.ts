/** How a password was hashed, and which proxies can verify it. */
export interface HashFormat {
  /** As its users know it. */
  readonly name: string;
  readonly pattern: RegExp;
  /** By crypt(3), which is all that HAProxy knows; nginx knows the others, too. */
  readonly isCrypt: boolean;
}

const DIGEST = '[./0-9A-Za-z]';

/**
 * https://httpd.apache.org/docs/2.4/misc/password_encryptions.html and crypt(5); nginx: ngx_crypt in src/core/ngx_crypt.c.
 * What the C library of the proxy does not know is verified by neither of them.
 */
const FORMATS: readonly HashFormat[] = [
  { name: 'apr1 (MD5 of Apache)', pattern: hash(`\\$apr1\\$[^$]{1,8}\\$${DIGEST}{22}`), isCrypt: false },
  { name: '{SHA}', pattern: hash('\\{SHA\\}[A-Za-z0-9+/]{27}='), isCrypt: false },
  { name: '{SSHA}', pattern: hash('\\{SSHA\\}[A-Za-z0-9+/]{28,120}={0,2}'), isCrypt: false },
  // HAProxy compares it by insecure-password.
  { name: '{PLAIN}', pattern: hash('\\{PLAIN\\}[!-~]{1,256}'), isCrypt: true },
  { name: 'MD5', pattern: hash(`\\$1\\$[^$]{0,8}\\$${DIGEST}{22}`), isCrypt: true },
  { name: 'SHA-256', pattern: hash(`\\$5\\$(?:rounds=\\d{1,9}\\$)?[^$]{0,16}\\$${DIGEST}{43}`), isCrypt: true },
  { name: 'SHA-512', pattern: hash(`\\$6\\$(?:rounds=\\d{1,9}\\$)?[^$]{0,16}\\$${DIGEST}{86}`), isCrypt: true },
  { name: 'bcrypt', pattern: hash(`\\$2[abxy]\\$\\d\\d\\$${DIGEST}{53}`), isCrypt: true },
  { name: 'yescrypt', pattern: hash(`\\$g?y\\$${DIGEST}{1,32}\\$${DIGEST}{1,86}\\$${DIGEST}{43}`), isCrypt: true },
  { name: 'DES', pattern: hash(`${DIGEST}{13}`), isCrypt: true },
  { name: 'extended DES', pattern: hash(`_${DIGEST}{19}`), isCrypt: true },
];

function hash(text: string): RegExp {
  return new RegExp(`^${text}$`);
}

/** `undefined` for text that is no hash of a known kind, such as a password in clear. */
export function formatOf(text: string): HashFormat | undefined {
  // A hash is ASCII without spaces and colons, whatever its salt; a password of {PLAIN} has no colon either.
  return /^[!-9;-~]+$/.test(text) ? FORMATS.find(({ pattern }) => pattern.test(text)) : undefined;
}
