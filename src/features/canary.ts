import type { CanaryHeader } from '../model/route-features/canary.ts';
import { annotationIgnored } from '../model/problems.ts';
import { differs, HONOURED, type Annotation, type Grammar } from './annotation.ts';
import { CANARY_BEHAVIOR } from './balance/session.ts';
import type { Asked, Family, FeatureContext } from './family.ts';
import { bad, bool, cookieName, good, integer, matching } from './grammar.ts';
import { patternProblem } from './pcre.ts';
import type { AnnotationReader } from './reader.ts';

/* https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary */

const CANARY_SWITCH: Annotation<boolean> = {
  key: 'canary',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'Ingress',
  risk: 'Low',
  about:
    'The Ingress makes no hosts and no paths: it takes requests from the same host, path and pathType of another Ingress. Several canaries of one path all count, in order of age.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

/** nginx drops headers with an underscore, and a name with one means the header with a dash (ingress-nginx, 4.8). */
const headerName: Grammar<string> = (text) => {
  const parsed = matching(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a header')(text);
  return parsed.ok ? good(parsed.value.toLowerCase().replaceAll('_', '-')) : parsed;
};

const HEADER: Annotation<string> = {
  key: 'canary-by-header',
  grammar: headerName,
  syntax: 'name of a header',
  fallback: 'no header',
  scope: 'Ingress',
  risk: 'Medium',
  about: 'A header that sends a request to the canary (`always`) or keeps it away (`never`); it goes before a cookie.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const HEADER_VALUE: Annotation<string> = {
  key: 'canary-by-header-value',
  grammar: matching(/^[/\-._~a-zA-Z0-9: ]{1,256}$/, 'of letters, digits, spaces and /-._~: only'),
  syntax: 'text',
  fallback: '`always` and `never`',
  scope: 'Ingress',
  risk: 'Medium',
  about: 'The value of the header that sends a request to the canary, in place of `always` and `never`.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const pattern: Grammar<string> = (text) => {
  const plain = matching(/^[/\-._~a-zA-Z0-9:^$[\](){}*+?|&=\\]{1,512}$/, 'a regular expression without spaces')(text);
  if (!plain.ok) return plain;
  const problem = patternProblem(plain.value);
  return problem === undefined ? plain : bad(problem);
};

const HEADER_PATTERN: Annotation<string> = {
  key: 'canary-by-header-pattern',
  grammar: pattern,
  syntax: 'regular expression (PCRE)',
  fallback: 'no request with this header goes to the canary',
  scope: 'Ingress',
  risk: 'Medium',
  about: 'The same for values in which it finds something; ignored where canary-by-header-value is set.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const COOKIE: Annotation<string> = {
  key: 'canary-by-cookie',
  grammar: cookieName,
  syntax: 'name of a cookie',
  fallback: 'no cookie',
  scope: 'Ingress',
  risk: 'Medium',
  about:
    'A cookie that sends a request to the canary (`always`) or keeps it away (`never`); it goes before the weight.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const count = integer(-1_000_000_000, 1_000_000_000);

const WEIGHT: Annotation<number> = {
  key: 'canary-weight',
  grammar: count,
  syntax: 'whole number',
  fallback: '0',
  scope: 'Ingress',
  risk: 'Low',
  about: 'Of canary-weight-total requests so many go to the canary, chosen at random for each request.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const WEIGHT_TOTAL: Annotation<number> = {
  key: 'canary-weight-total',
  grammar: count,
  syntax: 'whole number above 100',
  fallback: '100',
  scope: 'Ingress',
  risk: 'Low',
  about: 'What canary-weight is a part of.',
  nginx: differs('the share is rounded to 0.01 %, and is 0.01 % at least when the weight is not 0'),
  haproxy: HONOURED,
};

const OTHERS: readonly Annotation<unknown>[] = [HEADER, HEADER_VALUE, HEADER_PATTERN, COOKIE, WEIGHT, WEIGHT_TOTAL];

export const CANARY: Family = {
  name: 'canary',
  about: 'Another Service for a part of the requests.',
  annotations: [CANARY_SWITCH, ...OTHERS],
  read,
};

function read(annotations: AnnotationReader, context: FeatureContext): Asked {
  if (annotations.get(CANARY_SWITCH) !== true) {
    const [lost] = OTHERS.filter((annotation) => annotations.has(annotation));
    if (lost !== undefined) {
      annotations.tell(
        annotationIgnored(annotations.sourceOf(lost), `${lost.key} has no effect without canary: "true"`),
      );
    }
    return {};
  }
  const header = readHeader(annotations);
  const cookie = annotations.get(COOKIE);
  const share = shareOf(annotations.get(WEIGHT) ?? 0, annotations.get(WEIGHT_TOTAL) ?? 100, context.proxy.name);
  const sticky = annotations.get(CANARY_BEHAVIOR) !== 'legacy';
  return { canary: { header, cookie, share, sticky } };
}

function readHeader(annotations: AnnotationReader): CanaryHeader | undefined {
  const name = annotations.get(HEADER);
  const value = annotations.get(HEADER_VALUE);
  const expression = value === undefined ? annotations.get(HEADER_PATTERN) : undefined;
  if (name === undefined) return undefined;
  if (value !== undefined) return { name, rule: 'value', text: value };
  if (expression !== undefined) return { name, rule: 'pattern', text: expression };
  // As in ingress-nginx, where the expression fails at every request that has the header.
  return { name, rule: annotations.has(HEADER_PATTERN) ? 'refused' : 'switch', text: '' };
}

const MILLION = 1_000_000;
/** split_clients of nginx counts in hundredths of a percent. */
const NGINX_STEP = 100;

/** Requests of a million. A total of 100 or less is 100, as in ingress-nginx. */
function shareOf(weight: number, total: number, proxy: string): number {
  if (weight <= 0) return 0;
  const share = Math.min(1, weight / Math.max(100, total)) * MILLION;
  const step = proxy === 'nginx' ? NGINX_STEP : 1;
  return Math.max(step, Math.round(share / step) * step);
}
