import { differs, HONOURED, unsupported, type Annotation, type Grammar } from '../annotation.ts';
import { bad, bool, choice, integer, matching, objectName, type ObjectName } from '../grammar.ts';
import { patternProblem } from '../pcre.ts';

const CLOSES =
  'When it cannot be had, every path of the host answers 403, and those of the Ingress 503. Plain HTTP, which has no certificates, is redirected or answers 403; ingress-nginx lets it pass.';

export const SECRET: Annotation<ObjectName> = {
  key: 'auth-tls-secret',
  grammar: objectName,
  syntax: 'NAMESPACE/NAME of a Secret; another namespace only where `allow-cross-namespace-resources` is set',
  fallback: 'none',
  scope: 'host',
  risk: 'Medium',
  about: `The Secret of the authorities (\`ca.crt\`) that sign the certificates of clients, and of those that are revoked (\`ca.crl\`). It holds for all paths of the host. ${CLOSES}`,
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const VERIFY: Annotation<'on' | 'off' | 'optional' | 'optional_no_ca'> = {
  key: 'auth-tls-verify-client',
  grammar: choice('on', 'off', 'optional', 'optional_no_ca'),
  syntax: '`on`, `off`, `optional` or `optional_no_ca`',
  fallback: 'on',
  scope: 'host',
  risk: 'Medium',
  about:
    '`on`: without a good certificate the answer is 400. `optional`: so it is with a bad one only. `optional_no_ca`: it may be of any authority.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const DEPTH: Annotation<number> = {
  key: 'auth-tls-verify-depth',
  grammar: integer(0, 100),
  syntax: 'a number',
  fallback: '1',
  scope: 'host',
  risk: 'Low',
  about: 'How many authorities may be between a certificate and one of the Secret; 0 is taken as 1.',
  nginx: HONOURED,
  haproxy: unsupported(
    'HAProxy has no such limit: certificates are taken through any number of authorities; sign only authorities that you trust.',
  ),
};

const PAGE = /^(?=.)(?:(?:https?:\/\/)?[A-Za-z0-9\-.]+(?::\d+)?)?(?:\/[A-Za-z0-9\-_.]+)*\/?$/;

const errorPage: Grammar<string> = (text) =>
  text.trim().startsWith('@')
    ? bad('names a location: only a snippet could have made one')
    : matching(PAGE, 'a URL or a path of letters, digits and -_. only')(text);

export const ERROR_PAGE: Annotation<string> = {
  key: 'auth-tls-error-page',
  grammar: errorPage,
  syntax: 'a URL or a path',
  fallback: 'the answer 400',
  scope: 'host',
  risk: 'High',
  about: 'Where clients without a good certificate are redirected to; a path is served in place of the answer.',
  nginx: HONOURED,
  haproxy: differs('URLs that start with `http://` or `https://` only; with anything else the answer is 400.'),
};

export const PASS: Annotation<boolean> = {
  key: 'auth-tls-pass-certificate-to-upstream',
  grammar: bool,
  syntax: '`true` or `false`',
  fallback: 'false',
  scope: 'host',
  risk: 'Low',
  about:
    'Tells endpoints the certificate in the header `ssl-client-cert`: PEM, encoded as in URLs. The headers `ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn` are always there; what a client says in them never arrives.',
  nginx: HONOURED,
  haproxy: differs('`ssl-client-verify` names the error by its number in OpenSSL: `FAILED:18`.'),
};

const commonName: Grammar<string> = (text) => {
  const plain = matching(/^CN=[ -~]+$/, 'CN= and a regular expression of printable ASCII')(text);
  if (!plain.ok) return plain;
  const problem = patternProblem(plain.value);
  return problem === undefined ? plain : bad(problem);
};

export const MATCH: Annotation<string> = {
  key: 'auth-tls-match-cn',
  grammar: commonName,
  syntax: '`CN=` and a regular expression',
  fallback: 'any',
  scope: 'host',
  risk: 'High',
  about:
    'Which subjects may come; others get 403. The expression is found anywhere in the subject: `CN=client` finds `CN=client-2`, too, so that it needs an end such as `(,|$)`.',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};
