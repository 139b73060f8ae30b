import { HONOURED, unsupported, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { ciphers } from './ciphers.ts';
import { bool } from './grammar.ts';

const SSL_CIPHERS: Annotation<string> = {
  key: 'ssl-ciphers',
  grammar: ciphers,
  syntax: 'a list of ciphers as OpenSSL takes it',
  fallback: 'those of all hosts',
  scope: 'host',
  risk: 'Low',
  about: 'Ciphers of the host, up to TLS 1.2.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const PREFER: Annotation<boolean> = {
  key: 'ssl-prefer-server-ciphers',
  grammar: bool,
  syntax: '`true` or `false`',
  fallback: 'false',
  scope: 'host',
  risk: 'Low',
  about: 'Of the ciphers that both know, the host and not the client chooses.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy has it for all hosts of a port only: set it in the partial `global-settings`.'),
};

const PASSTHROUGH: Annotation<boolean> = {
  key: 'ssl-passthrough',
  grammar: bool,
  syntax: '`true` or `false`',
  fallback: 'false',
  scope: 'host',
  risk: 'Low',
  about: 'TLS goes to the endpoints as it comes.',
  guards: true,
  nginx: unsupported(
    'nginx would need its stream module in front of all hosts. The routes answer 503, so that nothing is served that the endpoints have not encrypted; use `backend-protocol: HTTPS`.',
  ),
  haproxy: unsupported(
    'TLS ends at the proxy. The routes answer 503, so that nothing is served that the endpoints have not encrypted; use `backend-protocol: HTTPS`.',
  ),
};

export const HOST_TLS: Family = {
  name: 'host-tls',
  about: 'TLS of one host.',
  annotations: [SSL_CIPHERS, PREFER, PASSTHROUGH],
  read: (annotations) => {
    const isPassed = annotations.peek(PASSTHROUGH) !== false;
    if (isPassed) annotations.get(PASSTHROUGH);
    const chosen = annotations.get(SSL_CIPHERS);
    const preferServerCiphers = annotations.get(PREFER);
    if (chosen === undefined && preferServerCiphers === undefined) return {};
    return { host: { tls: { ciphers: chosen, preferServerCiphers } } };
  },
};
