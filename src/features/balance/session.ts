import type { SessionCookie } from '../../model/route-features/balance.ts';
import { annotationIgnored } from '../../model/problems.ts';
import { differs, HONOURED, since, type Annotation } from '../annotation.ts';
import { bool, choice, choiceAnyCase, cookieName, integer, matching, url } from '../grammar.ts';
import type { AnnotationReader } from '../reader.ts';
import { USE_REGEX } from '../rewrite.ts';

/* https://kubernetes.github.io/ingress-nginx/examples/affinity/cookie/ */

const COMMON = { scope: 'Ingress', risk: 'Medium', nginx: HONOURED, haproxy: HONOURED } as const;

const AFFINITY: Annotation<'cookie'> = {
  key: 'affinity',
  grammar: choice('cookie'),
  syntax: '`cookie`',
  fallback: 'no sessions',
  ...COMMON,
  risk: 'Low',
  about:
    'A cookie keeps a client at its endpoint. It is set when a client has none, or one of another Service; only paths of this Ingress set and obey it.',
  haproxy: differs('endpoints do not see the cookie'),
};

const MODE: Annotation<'balanced' | 'persistent'> = {
  key: 'affinity-mode',
  grammar: choice('balanced', 'persistent'),
  syntax: '`balanced` or `persistent`',
  fallback: 'balanced',
  ...COMMON,
  about:
    'Whether some sessions move to another endpoint when endpoints come (`balanced`), or only those whose endpoint is gone (`persistent`).',
  nginx: since('1.29.6', 'differs', '`persistent` is `balanced` in older versions, and for an ExternalName'),
  haproxy: differs('`balanced` is `persistent`: a session moves only when its endpoint is gone or does not answer'),
};

export const CANARY_BEHAVIOR: Annotation<'sticky' | 'legacy'> = {
  key: 'affinity-canary-behavior',
  grammar: choice('sticky', 'legacy'),
  syntax: '`sticky` or `legacy`',
  fallback: 'sticky',
  ...COMMON,
  risk: 'Low',
  about:
    'Whether a session keeps its client at the canary, or away from it, before header, cookie and weight are looked at. `legacy` on the canary or on the Ingress that it belongs to: canaries have no sessions.',
};

const NAME: Annotation<string> = {
  key: 'session-cookie-name',
  grammar: cookieName,
  syntax: 'letters, digits and `-._`',
  fallback: 'INGRESSCOOKIE',
  ...COMMON,
  about: 'Name of the cookie.',
};

const FARTHEST = 3_000_000_000;
const duration = integer(-FARTHEST, FARTHEST);

const EXPIRES: Annotation<number> = {
  key: 'session-cookie-expires',
  grammar: duration,
  syntax: 'number of seconds',
  fallback: 'the end of the browser',
  ...COMMON,
  about: 'When the cookie expires, from now.',
  nginx: differs(
    'Max-Age, which means the same, is sent besides; with auth-url or `satisfy: any`, it is sent in place of the date; the module auth_request is needed, which most builds have',
  ),
};

const MAX_AGE: Annotation<number> = {
  key: 'session-cookie-max-age',
  grammar: duration,
  syntax: 'number of seconds',
  fallback: 'the end of the browser',
  ...COMMON,
  about: 'Max-Age of the cookie; it goes before session-cookie-expires.',
};

const PATH: Annotation<string> = {
  key: 'session-cookie-path',
  grammar: url,
  syntax: 'path',
  fallback: 'the path of the Ingress, or `/` where paths are regular expressions',
  ...COMMON,
  about: 'Path of the cookie.',
};

const DOMAIN: Annotation<string> = {
  key: 'session-cookie-domain',
  grammar: matching(/^\.?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/, 'a domain'),
  syntax: 'domain',
  fallback: 'none: the host alone',
  ...COMMON,
  about: 'Domain of the cookie.',
};

const SAME_SITE: Annotation<'None' | 'Lax' | 'Strict'> = {
  key: 'session-cookie-samesite',
  grammar: choiceAnyCase('None', 'Lax', 'Strict'),
  syntax: '`None`, `Lax` or `Strict`',
  fallback: 'none',
  ...COMMON,
  risk: 'Low',
  about: 'SameSite of the cookie.',
};

const SECURE: Annotation<boolean> = {
  key: 'session-cookie-secure',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'Secure for clients that come by https',
  ...COMMON,
  risk: 'Low',
  about: 'true: the cookie is Secure also for clients that come by http. false is as without: Secure by https.',
};

const CONDITIONAL: Annotation<boolean> = {
  key: 'session-cookie-conditional-samesite-none',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  ...COMMON,
  risk: 'Low',
  about: 'Leaves SameSite=None out for browsers that are known to misread it.',
};

const CHANGE: Annotation<boolean> = {
  key: 'session-cookie-change-on-failure',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  ...COMMON,
  risk: 'Low',
  about: 'Sets another cookie when the endpoint of a session does not answer and another one does.',
  nginx: differs('with `affinity-mode: persistent`, from 1.29.6 on, it is always so'),
  haproxy: differs('it is always so'),
};

const OTHERS: readonly Annotation<unknown>[] = [
  MODE,
  NAME,
  EXPIRES,
  MAX_AGE,
  PATH,
  DOMAIN,
  SAME_SITE,
  SECURE,
  CONDITIONAL,
  CHANGE,
];

export const SESSION_ANNOTATIONS: readonly Annotation<unknown>[] = [AFFINITY, CANARY_BEHAVIOR, ...OTHERS];

/** The session of an Ingress; its path is empty where the route decides. */
export function readSession(annotations: AnnotationReader): SessionCookie | undefined {
  if (annotations.get(AFFINITY) === undefined) {
    if (!annotations.has(AFFINITY)) tellLost(annotations);
    return undefined;
  }
  tellPath(annotations);
  const flag = (annotation: Annotation<boolean>): boolean => annotations.get(annotation) ?? false;
  return {
    name: annotations.get(NAME) ?? 'INGRESSCOOKIE',
    mode: annotations.get(MODE) ?? 'balanced',
    expires: annotations.get(EXPIRES),
    maxAge: annotations.get(MAX_AGE),
    path: annotations.get(PATH) ?? '',
    domain: annotations.get(DOMAIN),
    sameSite: annotations.get(SAME_SITE),
    secure: flag(SECURE) || undefined,
    conditionalSameSiteNone: flag(CONDITIONAL),
    changeOnFailure: flag(CHANGE),
    canaries: annotations.get(CANARY_BEHAVIOR) ?? 'sticky',
  };
}

function tellLost(annotations: AnnotationReader): void {
  const lost = OTHERS.find((annotation) => annotations.has(annotation));
  if (lost === undefined) return;
  annotations.tell(annotationIgnored(annotations.sourceOf(lost), `${lost.key} has no effect without affinity: cookie`));
}

/** An expression is no path that a browser could compare (ingress-nginx says it in the same words). */
function tellPath(annotations: AnnotationReader): void {
  if (annotations.peek(USE_REGEX) !== true || annotations.has(PATH)) return;
  const reason = 'session-cookie-path should be set when use-regex is true: the cookie is for all paths';
  annotations.tell(annotationIgnored(annotations.sourceOf(AFFINITY), reason));
}

/** The path of a route, as a cookie can say it: no semicolon, no quote, no space. */
export function cookiePath(path: string, match: 'exact' | 'prefix' | 'regex'): string {
  if (match === 'regex') return '/';
  return path.replace(/[^-._~A-Za-z0-9/:,?&=%!+@*]/gu, (character) => encodeURIComponent(character));
}
