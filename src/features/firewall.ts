import { unsupported, type Annotation, type Support } from './annotation.ts';
import type { Family } from './family.ts';
import { bad, bool, good, nginxVariables } from './grammar.ts';

/*
 * A web application firewall finds attacks in requests that are let in; it does not decide who is let in. Without it an
 * application is as safe as it is by itself, and closing its routes would turn a move from ingress-nginx into an outage: they
 * stay open, and the Ingress gets a warning that says so.
 */
const SERVED = 'requests are served WITHOUT the firewall';

const NGINX: Support = unsupported(
  `stock nginx has no ModSecurity: ${SERVED}; put one in front, such as Coraza or the ModSecurity image of OWASP, or build nginx with the module and load it in your own templates`,
);
const HAPROXY: Support = unsupported(
  `HAProxy has no ModSecurity: ${SERVED}; put one in front, or run the Coraza agent (SPOA) and add its filter in your own templates`,
);

const SUPPORT = { nginx: NGINX, haproxy: HAPROXY } as const;

const ENABLE: Annotation<boolean> = {
  key: 'enable-modsecurity',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'Ingress',
  risk: 'Low',
  about: 'Looks for attacks in requests and answers. Routes are never closed for want of it.',
  ...SUPPORT,
};

const OWASP: Annotation<boolean> = {
  ...ENABLE,
  key: 'enable-owasp-core-rules',
  about: 'The rules of the OWASP Core Rule Set for enable-modsecurity.',
};

const TRANSACTION: Annotation<string> = {
  key: 'modsecurity-transaction-id',
  grammar: nginxVariables,
  syntax: 'letters, digits, - and _ with nginx variables',
  fallback: 'one of its own for each request',
  scope: 'Ingress',
  risk: 'High',
  about: 'How the firewall names a request in its log.',
  ...SUPPORT,
};

const LONGEST = 65_536;

const SNIPPET: Annotation<string> = {
  key: 'modsecurity-snippet',
  grammar: (text) => (text.length > LONGEST ? bad(`is longer than ${LONGEST} characters`) : good(text)),
  syntax: 'rules of ModSecurity',
  fallback: 'none',
  scope: 'Ingress',
  risk: 'Critical',
  about: 'Rules of its own for the firewall.',
  ...SUPPORT,
};

export const FIREWALL: Family = {
  name: 'firewall',
  about: 'ModSecurity, a web application firewall.',
  annotations: [ENABLE, OWASP, TRANSACTION, SNIPPET],
  read: (annotations) => {
    // Turned off, there is nothing to miss.
    if (annotations.peek(ENABLE) === false) return {};
    for (const annotation of [ENABLE, OWASP]) if (annotations.peek(annotation) !== false) annotations.get(annotation);
    for (const annotation of [TRANSACTION, SNIPPET]) annotations.get(annotation);
    return {};
  },
};
