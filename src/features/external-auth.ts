import { annotationIgnored, routeClosed } from '../model/problems.ts';
import type { Annotation } from './annotation.ts';
import {
  ALWAYS_SET_COOKIE,
  CACHE_DURATION,
  CACHE_KEY,
  ENABLE_GLOBAL,
  KEEPALIVE,
  METHOD,
  PARAMETER,
  PROXY_SET_HEADERS,
  REQUEST_REDIRECT,
  RESPONSE_HEADERS,
  SHARE_VARIABLES,
  SIGNIN,
  SNIPPET,
  URL,
} from './external-auth/annotations.ts';
import { nobodyToAsk, readGlobalAuth } from './external-auth/global.ts';
import { readRequestHeaders } from './external-auth/request-headers.ts';
import { readSettings } from './external-auth/settings.ts';
import type { Asked, Family, FeatureContext, Features, RouteFacts } from './family.ts';
import type { AnnotationReader } from './reader.ts';
import { locate, withHost } from './remote-url.ts';

/** Of no use without a URL. */
const DETAILS: readonly Annotation<unknown>[] = [
  SIGNIN,
  PARAMETER,
  RESPONSE_HEADERS,
  METHOD,
  PROXY_SET_HEADERS,
  REQUEST_REDIRECT,
  CACHE_KEY,
  CACHE_DURATION,
  ALWAYS_SET_COOKIE,
  ...KEEPALIVE,
  SHARE_VARIABLES,
  SNIPPET,
];

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#external-authentication */
export const EXTERNAL_AUTH: Family = {
  name: 'external-auth',
  about: 'Another service decides who may come. Whatever is wrong here closes the routes of the Ingress (503).',
  annotations: [URL, ...DETAILS, ENABLE_GLOBAL],
  isGlobal: ({ externalAuth }) => externalAuth !== undefined,
  read: (annotations, context) => {
    if (annotations.has(URL)) return readOwn(annotations, context);
    for (const detail of DETAILS) {
      if (!annotations.has(detail)) continue;
      annotations.tell(annotationIgnored(annotations.sourceOf(detail), 'no auth-url: nobody is asked'));
    }
    return readGlobal(annotations, context);
  },
  refine,
};

function readOwn(annotations: AnnotationReader, context: FeatureContext): Asked {
  const url = annotations.get(URL);
  if (url === undefined) return {};
  const place = locate(url, context);
  if (!place.ok) {
    annotations.close(URL, `auth-url cannot be asked: ${place.problem}`);
    return {};
  }
  const settings = readSettings({ get: (annotation) => annotations.get(annotation) });
  const requestHeaders = readRequestHeaders(annotations, context);
  for (const unused of [...KEEPALIVE, SHARE_VARIABLES]) annotations.get<unknown>(unused);
  if (annotations.closed !== undefined) return {};
  const replaced = requestHeaders.map(({ name }) => name.toLowerCase());
  const openPaths = context.globals.noAuthLocations;
  const [uri, cannotAsk] = [place.value.uri || '/', undefined];
  return {
    route: { externalAuth: { ...place.value, uri, ...settings, requestHeaders, replaced, openPaths, cannotAsk } },
  };
}

function readGlobal(annotations: AnnotationReader, context: FeatureContext): Asked {
  const { externalAuth } = context.globals;
  // A value that is wrong does not open anything.
  const isWanted = annotations.get(ENABLE_GLOBAL) ?? true;
  if (externalAuth === undefined || !isWanted) return {};
  const read = readGlobalAuth(externalAuth, context);
  if (read.ok) return { route: { externalAuth: read.value } };
  annotations.tell(routeClosed(annotations.sourceOf(ENABLE_GLOBAL), read.problem));
  return { route: { externalAuth: nobodyToAsk(read.problem, context) } };
}

/**
 * `no-auth-locations`, for what asks without knowing anybody, such as ACME. A host in the URL becomes that of the route: where
 * any name is served, clients would choose who is asked about them.
 */
function refine(features: Features, { host, path }: RouteFacts): Features {
  const { externalAuth } = features;
  if (externalAuth === undefined) return features;
  if (externalAuth.openPaths.some((start) => path.startsWith(start))) return { ...features, externalAuth: undefined };
  if (externalAuth.cannotAsk !== undefined) {
    return { ...features, externalAuth: undefined, closed: features.closed ?? externalAuth.cannotAsk };
  }
  const located = withHost(externalAuth, host);
  if (located !== undefined) return { ...features, externalAuth: located };
  const closed = features.closed ?? 'the host of auth-url would be whatever clients say: this rule is for any host';
  return { ...features, externalAuth: undefined, closed };
}
