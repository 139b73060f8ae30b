import { differs, HONOURED, unsupported } from '../../annotation.ts';
import type { GlobalAuth } from '../../globals.ts';
import { basic, choice, headerNames, matching, urlWithVariables } from '../../grammar.ts';
import { listOf, pathPrefixes } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { ANY, BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const NO_AUTH: Setting<readonly string[]> = {
  key: 'no-auth-locations',
  grammar: pathPrefixes,
  ...BOTH,
  syntax: 'starts of paths with commas',
  fallback: '/.well-known/acme-challenge',
  about: 'Paths that nobody has to log in for.',
};

const BY_NGINX = {
  nginx: HONOURED,
  haproxy: unsupported(
    'HAProxy cannot ask another server about a request: routes answer 503 unless they say enable-global-auth: "false", or no-auth-locations has them',
  ),
} as const;

const URL: Setting<string> = {
  key: 'global-auth-url',
  grammar: urlWithVariables,
  ...BY_NGINX,
  syntax: 'URL',
  fallback: '',
  about: 'A service that decides about each request, where no annotation names another one.',
};

const METHOD = {
  key: 'global-auth-method',
  grammar: choice('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE'),
  ...BY_NGINX,
  syntax: 'method of HTTP',
  fallback: '',
  about: 'How it is asked.',
} as const satisfies Setting<string>;

const SIGNIN: Setting<string> = {
  key: 'global-auth-signin',
  grammar: urlWithVariables,
  ...BY_NGINX,
  syntax: 'URL',
  fallback: '',
  about: 'Where clients go that it does not know.',
};

const PARAMETER: Setting<string> = {
  key: 'global-auth-signin-redirect-param',
  grammar: basic,
  ...BY_NGINX,
  syntax: 'name',
  fallback: 'rd',
  about: 'Parameter of that URL that says where they came from.',
};

const RESPONSE_HEADERS: Setting<string> = {
  key: 'global-auth-response-headers',
  grammar: headerNames,
  ...BY_NGINX,
  syntax: 'names of headers with commas',
  fallback: '',
  about: 'Headers of its answer that endpoints get.',
};

const REQUEST_REDIRECT: Setting<string> = {
  key: 'global-auth-request-redirect',
  grammar: urlWithVariables,
  ...BY_NGINX,
  syntax: 'URL',
  fallback: '',
  about: 'X-Auth-Request-Redirect of the question.',
};

const SNIPPET: Setting<string> = {
  key: 'global-auth-snippet',
  ...ANY,
  fallback: '',
  about: 'Configuration of nginx for the question.',
  nginx: unsupported('change partials/feature-external-auth-locations.hbs with --templates'),
  haproxy: BY_NGINX.haproxy,
};

const CACHE_KEY: Setting<string> = {
  key: 'global-auth-cache-key',
  grammar: matching(
    /^(?:[A-Za-z0-9_-]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*$/,
    'of letters, digits, -, _ and variables such as $remote_user only',
  ),
  ...BY_NGINX,
  syntax: 'text with variables',
  fallback: '',
  about: 'Answers are kept for questions of which this is the same.',
};

const CACHE_DURATION: Setting<readonly string[]> = {
  key: 'global-auth-cache-duration',
  grammar: listOf(/^(?:[1-5]\d\d|any)(?: (?:[1-5]\d\d|any))* \d{1,6}[smhd]?$|^\d{1,6}[smhd]?$/, 'CODES TIME', /,/),
  ...BY_NGINX,
  syntax: 'CODES TIME with commas',
  fallback: '200 202 401 5m',
  about: 'For how long.',
};

const SET_COOKIE: Setting<boolean> = {
  key: 'global-auth-always-set-cookie',
  ...BOOL,
  nginx: HONOURED,
  haproxy: differs('there is no answer of such a service'),
  fallback: 'false',
  about: 'Its cookies reach the client whatever the endpoint answers.',
};

export const AUTH: SettingGroup = {
  name: 'Authentication',
  settings: [
    NO_AUTH,
    URL,
    METHOD,
    SIGNIN,
    PARAMETER,
    RESPONSE_HEADERS,
    REQUEST_REDIRECT,
    SNIPPET,
    CACHE_KEY,
    CACHE_DURATION,
    SET_COOKIE,
  ],
  read: (values) => {
    values.get(SNIPPET);
    return { globals: said({ noAuthLocations: values.get(NO_AUTH), externalAuth: globalAuth(values) }) };
  },
};

/** Who is to ask somebody and cannot must not let everybody in: a wrong URL stays one, for the family to close its routes. */
function globalAuth(values: SettingReader): GlobalAuth | undefined {
  if (!values.has(URL)) return undefined;
  return {
    url: values.get(URL) ?? '',
    method: values.get(METHOD),
    signin: values.get(SIGNIN),
    signinRedirectParameter: values.get(PARAMETER),
    responseHeaders: (values.get(RESPONSE_HEADERS) ?? '').split(/[\s,]+/).filter((name) => name !== ''),
    requestRedirect: values.get(REQUEST_REDIRECT),
    cacheKey: values.get(CACHE_KEY),
    cacheDurations: values.get(CACHE_DURATION) ?? [],
    alwaysSetCookie: values.get(SET_COOKIE) ?? false,
  };
}
