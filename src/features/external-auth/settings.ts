import type { ExternalAuth } from '../../model/route-features/external-auth.ts';
import type { RemoteUrl } from '../../model/route-features/remote-url.ts';
import type { Annotation } from '../annotation.ts';
import {
  ALWAYS_SET_COOKIE,
  CACHE_DURATION,
  CACHE_KEY,
  METHOD,
  PARAMETER,
  REQUEST_REDIRECT,
  RESPONSE_HEADERS,
  SIGNIN,
} from './annotations.ts';

/** Who answers what is set: the annotations of an Ingress, or the ConfigMap. */
export interface Asker {
  readonly get: <T>(annotation: Annotation<T>) => T | undefined;
}

type Answers = Omit<ExternalAuth, keyof RemoteUrl | 'requestHeaders' | 'replaced' | 'openPaths' | 'cannotAsk'>;

export function readSettings(asker: Asker): Answers {
  const signin = asker.get(SIGNIN);
  const parameter = asker.get(PARAMETER) ?? 'rd';
  const durations = asker.get(CACHE_DURATION) ?? [];
  const key = asker.get(CACHE_KEY);
  return {
    signin: signin === undefined ? undefined : withWayBack(signin, parameter),
    responseHeaders: asker.get(RESPONSE_HEADERS) ?? [],
    method: asker.get(METHOD),
    requestRedirect: asker.get(REQUEST_REDIRECT) ?? '$request_uri',
    cache: key === undefined ? undefined : { key, durations: durations.length === 0 ? USUAL : durations },
    alwaysSetCookie: asker.get(ALWAYS_SET_COOKIE) ?? false,
  };
}

const USUAL = [{ codes: ['200', '202', '401'], time: '5m' }] as const;

/** As ingress-nginx has it (template.go, buildAuthSignURL): a URL that has the parameter stays as it is. */
export function withWayBack(signin: string, parameter: string): string {
  const [, start = '', query = ''] = /^([^?]*)\??(.*)$/.exec(signin) ?? [];
  const back = `${parameter}=$pass_access_scheme://$best_http_host$escaped_request_uri`;
  if (query === '') return `${start}?${back}`;
  const isThere = query
    .split('&')
    .some((item) => item.startsWith(`${parameter}=`) && item.length > parameter.length + 1);
  return isThere ? signin : `${signin}&${back}`;
}
