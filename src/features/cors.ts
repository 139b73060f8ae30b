import { createHash } from 'node:crypto';
import { annotationIgnored } from '../model/problems.ts';
import type { Cors } from '../model/route-features/cors.ts';
import { differs, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { bool, headerNames, integer, matching } from './grammar.ts';
import { readOrigins, type Origins } from './cors/origins.ts';
import type { AnnotationReader } from './reader.ts';

const ANCHORED = differs(
  'an origin has to fit as a whole, where ingress-nginx compares its end only; headers of this kind that the upstream sends are never passed on; with a list of origins, answers say `Vary: Origin`',
);
const SUPPORT = { nginx: ANCHORED, haproxy: ANCHORED } as const;
const HONOURED = { nginx: { status: 'honoured' }, haproxy: { status: 'honoured' } } as const;
const FIXED = { scope: 'Ingress', risk: 'Low', ...HONOURED } as const;

const ENABLE: Annotation<boolean> = {
  key: 'enable-cors',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  about: 'Answers preflight requests with 204, and tells browsers which other origins may read answers.',
  ...FIXED,
  ...SUPPORT,
};

const ORIGIN: Annotation<Origins> = {
  key: 'cors-allow-origin',
  grammar: readOrigins,
  syntax: '`*`, or origins with commas between them: `https://*.example.com:8443`; `*` is one label; `null`',
  fallback: '*',
  about: 'Origins that may read answers. What is no origin is left out; when none is left, none may.',
  ...FIXED,
  risk: 'Medium',
  ...SUPPORT,
};

const METHODS: Annotation<string> = {
  key: 'cors-allow-methods',
  grammar: matching(/^[A-Za-z][A-Za-z, ]*$/, 'a list of methods'),
  syntax: 'methods with commas between them',
  fallback: 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
  about: 'Access-Control-Allow-Methods.',
  ...FIXED,
  risk: 'Medium',
};

const HEADERS: Annotation<string> = {
  key: 'cors-allow-headers',
  grammar: headerNames,
  syntax: 'names of headers with commas between them',
  fallback:
    'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
  about: 'Access-Control-Allow-Headers.',
  ...FIXED,
  risk: 'Medium',
};

const EXPOSE: Annotation<string> = {
  key: 'cors-expose-headers',
  grammar: matching(/^[A-Za-z0-9\-_*, ]*$/, 'a list of header names'),
  syntax: 'names of headers with commas between them, or `*`',
  fallback: 'none',
  about: 'Access-Control-Expose-Headers.',
  ...FIXED,
  risk: 'Medium',
};

const CREDENTIALS: Annotation<boolean> = {
  key: 'cors-allow-credentials',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'true',
  about: 'Access-Control-Allow-Credentials.',
  ...FIXED,
};

const MAX_AGE: Annotation<number> = {
  key: 'cors-max-age',
  grammar: integer(-1, 2_147_483_647),
  syntax: 'number of seconds',
  fallback: '1728000',
  about: 'Access-Control-Max-Age: how long a browser may remember the answer to a preflight request.',
  ...FIXED,
};

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors */
export const CORS: Family = {
  name: 'cors',
  about: 'Cross-origin requests.',
  annotations: [ENABLE, ORIGIN, METHODS, HEADERS, EXPOSE, CREDENTIALS, MAX_AGE],
  read: (annotations) => {
    if (annotations.get(ENABLE) !== true) return {};
    const origins = allowedOrigins(annotations);
    if (origins.length === 0) return {};
    const cors: Omit<Cors, 'id'> = {
      origins,
      methods: annotations.get(METHODS) ?? METHODS.fallback,
      headers: annotations.get(HEADERS) ?? HEADERS.fallback,
      exposeHeaders: annotations.get(EXPOSE),
      credentials: annotations.get(CREDENTIALS) ?? true,
      maxAge: annotations.get(MAX_AGE) ?? 1_728_000,
    };
    const id = createHash('sha256').update(JSON.stringify(cors)).digest('hex').slice(0, 16);
    return { route: { cors: { id, ...cors } } };
  },
};

/** A list that is wrong never allows more than what is right in it: never `*`. One of spaces is none (ingress-nginx). */
function allowedOrigins(annotations: AnnotationReader): Cors['origins'] {
  const asked = annotations.get(ORIGIN);
  if (asked === undefined) return annotations.has(ORIGIN) && !annotations.isBlank(ORIGIN) ? [] : '*';
  if (asked.problem !== undefined) {
    annotations.tell(annotationIgnored(annotations.sourceOf(ORIGIN), asked.problem));
  }
  return asked.origins;
}
