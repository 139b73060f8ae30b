import type { Parsed } from '../annotation.ts';
import type { FeatureContext } from '../family.ts';
import type { GlobalAuth } from '../globals.ts';
import { bad, good } from '../grammar.ts';
import type { ExternalAuth } from '../../model/route-features/external-auth.ts';
import { locate, remoteUrl } from '../remote-url.ts';
import type { Annotation } from '../annotation.ts';
import { readSettings, type Asker } from './settings.ts';

/** What `global-auth-*` of the ConfigMap ask for; the problem completes "…, because". */
export function readGlobalAuth(auth: GlobalAuth, context: FeatureContext): Parsed<ExternalAuth> {
  if (context.proxy.name !== 'nginx') return bad(`${context.proxy.name} cannot ask the service of global-auth-url`);
  const url = remoteUrl(auth.url);
  const place = url.ok ? locate(url.value, context) : url;
  if (!place.ok) return bad(`global-auth-url ${place.problem}`);
  const problems: string[] = [];
  const settings = readSettings(askerOf(auth, problems));
  if (problems[0] !== undefined) return bad(problems[0]);
  const { noAuthLocations: openPaths } = context.globals;
  return good({
    ...place.value,
    uri: place.value.uri || '/',
    ...settings,
    requestHeaders: [],
    replaced: [],
    openPaths,
    cannotAsk: undefined,
  });
}

/** In place of it, where it cannot be asked: `no-auth-locations` are as open as ever. */
export function nobodyToAsk(problem: string, { globals }: FeatureContext): ExternalAuth {
  return {
    scheme: 'http',
    host: '',
    port: 80,
    uri: '/',
    upstream: undefined,
    signin: undefined,
    responseHeaders: [],
    method: undefined,
    requestRedirect: '',
    requestHeaders: [],
    replaced: [],
    cache: undefined,
    alwaysSetCookie: false,
    openPaths: globals.noAuthLocations,
    cannotAsk: problem,
  };
}

function askerOf(auth: GlobalAuth, problems: string[]): Asker {
  const texts: Readonly<Record<string, string | undefined>> = {
    'auth-method': auth.method,
    'auth-signin': auth.signin,
    'auth-signin-redirect-param': auth.signinRedirectParameter,
    'auth-response-headers': auth.responseHeaders.join(),
    'auth-request-redirect': auth.requestRedirect,
    'auth-cache-key': auth.cacheKey,
    'auth-cache-duration': auth.cacheDurations.join(),
    'auth-always-set-cookie': String(auth.alwaysSetCookie),
  };
  return {
    get: <T>({ key, grammar }: Annotation<T>): T | undefined => {
      const text = texts[key] ?? '';
      if (text === '') return undefined;
      const parsed = grammar(text);
      if (parsed.ok) return parsed.value;
      problems.push(`global-${key} ${parsed.problem}`);
      return undefined;
    },
  };
}
