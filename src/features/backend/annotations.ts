import { differs, HONOURED, since, unsupported, type Annotation, type Grammar } from '../annotation.ts';
import { ciphers } from '../ciphers.ts';
import { bad, choice, choiceAnyCase, good, integer, matching, objectName, type ObjectName } from '../grammar.ts';

export const PROTOCOL: Annotation<'AUTO_HTTP' | 'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS' | 'FCGI'> = {
  key: 'backend-protocol',
  grammar: choiceAnyCase('AUTO_HTTP', 'HTTP', 'HTTPS', 'GRPC', 'GRPCS', 'FCGI'),
  syntax: '`HTTP`, `HTTPS`, `GRPC`, `GRPCS`, `FCGI` or `AUTO_HTTP`',
  fallback: 'HTTP',
  scope: 'path',
  risk: 'Low',
  about:
    'What the endpoints speak. `AUTO_HTTP` is HTTP or HTTPS, as the client spoke. Clients reach gRPC by HTTP/2, with TLS or without.',
  nginx: since('1.25.1', 'differs', 'clients reach gRPC with TLS only: older versions speak no HTTP/2 without it'),
  haproxy: differs('`AUTO_HTTP` closes the route (503): HAProxy speaks to a server in one way only.'),
};

const FASTCGI_INDEX = matching(/^[A-Za-z0-9._-]{1,255}$/, 'the name of a file: letters, digits and ._- only');

export const INDEX: Annotation<string> = {
  key: 'fastcgi-index',
  grammar: FASTCGI_INDEX,
  syntax: 'name of a file',
  fallback: 'none',
  scope: 'path',
  risk: 'Medium',
  about: 'What is added to the name of the script for a path that ends with a slash.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const PARAMETERS: Annotation<ObjectName> = {
  key: 'fastcgi-params-configmap',
  grammar: objectName,
  syntax: 'name of a ConfigMap; NAMESPACE/NAME only where `allow-cross-namespace-resources` is set',
  fallback: 'none',
  scope: 'path',
  risk: 'Medium',
  about:
    'Parameters besides the usual ones. Values hold letters, digits, `-_/.` and variables that say something of the request, such as `$fastcgi_script_name`. Without the ConfigMap, or with a parameter that cannot be used, the route answers 503.',
  guards: true,
  nginx: differs('Of the variables of nginx only those that say something of the request may be used.'),
  haproxy: differs(
    'HAProxy makes SCRIPT_FILENAME of a directory and the path: with anything else it is as the value says, without `fastcgi-index`.',
  ),
};

export const SECRET: Annotation<ObjectName> = {
  key: 'proxy-ssl-secret',
  grammar: objectName,
  syntax: 'NAMESPACE/NAME of a Secret; another namespace only where `allow-cross-namespace-resources` is set',
  fallback: 'none',
  scope: 'path',
  risk: 'Medium',
  about:
    'The certificate that is shown to endpoints (`tls.crt`, `tls.key`), and the authorities that theirs are verified by (`ca.crt`). Without the Secret the route answers 503.',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const VERIFY: Annotation<'on' | 'off'> = {
  key: 'proxy-ssl-verify',
  grammar: choice('on', 'off'),
  syntax: '`on` or `off`',
  fallback: 'off',
  scope: 'path',
  risk: 'Medium',
  about:
    'Verifies the certificate of endpoints by `ca.crt` of `proxy-ssl-secret`, without which the route answers 503, and its name by `proxy-ssl-name`.',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const DEPTH: Annotation<number> = {
  key: 'proxy-ssl-verify-depth',
  grammar: integer(0, 100),
  syntax: 'a number',
  fallback: '1',
  scope: 'path',
  risk: 'Low',
  about: 'How many authorities may be between the certificate of an endpoint and one of `ca.crt`.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy has no such limit: certificates are taken through any number of authorities.'),
};

export const CIPHERS: Annotation<string> = {
  key: 'proxy-ssl-ciphers',
  grammar: ciphers,
  syntax: 'a list of ciphers as OpenSSL takes it',
  fallback: 'DEFAULT',
  scope: 'path',
  risk: 'Medium',
  about: 'Ciphers for endpoints, up to TLS 1.2.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

const protocols: Grammar<readonly TlsVersion[]> = (text) => {
  const words = new Set(text.trim().split(/ +/));
  const found = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) => words.delete(version));
  return words.size > 0 ? bad('is not a list of TLSv1.2 and TLSv1.3') : good(found);
};

export const PROTOCOLS: Annotation<readonly TlsVersion[]> = {
  key: 'proxy-ssl-protocols',
  grammar: protocols,
  syntax: '`TLSv1.2`, `TLSv1.3`, or both with a space between them',
  fallback: 'both',
  scope: 'path',
  risk: 'Low',
  about: 'Versions of TLS for endpoints; ingress-nginx takes only TLSv1.2 when nothing is said.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const NAME: Annotation<string> = {
  key: 'proxy-ssl-name',
  grammar: matching(/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'the name of a host'),
  syntax: 'name of a host',
  fallback: 'SERVICE.NAMESPACE.svc',
  scope: 'path',
  risk: 'High',
  about:
    'The name that the certificate of endpoints has to have when it is verified, and that is sent to them with `proxy-ssl-server-name`.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const SERVER_NAME: Annotation<'on' | 'off'> = {
  key: 'proxy-ssl-server-name',
  grammar: choice('on', 'off'),
  syntax: '`on` or `off`',
  fallback: 'off',
  scope: 'path',
  risk: 'Low',
  about: 'Tells endpoints in the handshake (SNI) the name of `proxy-ssl-name`.',
  nginx: HONOURED,
  haproxy: HONOURED,
};
