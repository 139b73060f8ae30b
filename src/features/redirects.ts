import type { Features, Family } from './family.ts';
import type { Globals } from './globals.ts';
import type { AnnotationReader } from './reader.ts';
import {
  APP_ROOT,
  FORCE_SSL_REDIRECT,
  FROM_TO_WWW_REDIRECT,
  PERMANENT_REDIRECT,
  PERMANENT_REDIRECT_CODE,
  PRESERVE_TRAILING_SLASH,
  RELATIVE_REDIRECTS,
  SSL_REDIRECT,
  TEMPORAL_REDIRECT,
  TEMPORAL_REDIRECT_CODE,
  USE_PORT_IN_REDIRECTS,
} from './redirects/annotations.ts';

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#server-side-https-enforcement-through-redirect */
export const REDIRECTS: Family = {
  name: 'redirects',
  about:
    'Redirects: to https, to another URL, from and to www. Those of the oldest Ingress of a host hold for paths, too, that no rule of the host has.',
  annotations: [
    SSL_REDIRECT,
    FORCE_SSL_REDIRECT,
    PRESERVE_TRAILING_SLASH,
    PERMANENT_REDIRECT,
    PERMANENT_REDIRECT_CODE,
    TEMPORAL_REDIRECT,
    TEMPORAL_REDIRECT_CODE,
    RELATIVE_REDIRECTS,
    USE_PORT_IN_REDIRECTS,
    FROM_TO_WWW_REDIRECT,
    APP_ROOT,
  ],
  isGlobal: ({ forceSslRedirect, usePortInRedirects }) => forceSslRedirect || usePortInRedirects,
  read: (annotations, { globals }) => {
    const appRoot = annotations.get(APP_ROOT);
    const wwwTwin = annotations.get(FROM_TO_WWW_REDIRECT) === true;
    const host = { ...(appRoot === undefined ? {} : { appRoot }), ...(wwwTwin ? { wwwTwin } : {}) };
    return {
      route: { redirect: readRedirect(annotations, globals), httpsRedirect: readHttpsRedirect(annotations, globals) },
      ...(Object.keys(host).length === 0 ? {} : { host }),
    };
  },
};

/** The temporal one goes first (ingress-nginx, annotations/redirect). */
function readRedirect(annotations: AnnotationReader, globals: Globals): Features['redirect'] {
  const temporal = annotations.get(TEMPORAL_REDIRECT);
  const temporalCode = annotations.get(TEMPORAL_REDIRECT_CODE) ?? 302;
  const permanent = annotations.get(PERMANENT_REDIRECT);
  const permanentCode = annotations.get(PERMANENT_REDIRECT_CODE) ?? 301;
  const relative = annotations.get(RELATIVE_REDIRECTS) ?? globals.relativeRedirects;
  const withPort = annotations.get(USE_PORT_IN_REDIRECTS) ?? globals.usePortInRedirects;
  if (temporal !== undefined) return { status: temporalCode, location: temporal, relative, withPort };
  if (permanent === undefined) return undefined;
  return { status: permanentCode, location: permanent, relative, withPort };
}

function readHttpsRedirect(annotations: AnnotationReader, globals: Globals): Features['httpsRedirect'] {
  const ssl = annotations.get(SSL_REDIRECT);
  const force = annotations.get(FORCE_SSL_REDIRECT);
  const preserve = annotations.get(PRESERVE_TRAILING_SLASH);
  const withPort = annotations.get(USE_PORT_IN_REDIRECTS) ?? globals.usePortInRedirects;
  const isSaid = [ssl, force, preserve].some((value) => value !== undefined);
  if (!isSaid && !globals.forceSslRedirect && !withPort) return undefined;
  const when = ssl === undefined ? 'default' : ssl ? 'tls' : 'never';
  const isForced = force ?? globals.forceSslRedirect;
  const keepTrailingSlash = preserve ?? globals.preserveTrailingSlash;
  return { when: isForced ? 'always' : when, keepTrailingSlash, withPort };
}
