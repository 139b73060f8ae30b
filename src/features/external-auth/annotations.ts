import { differs, HONOURED, unsupported, type Annotation } from '../annotation.ts';
import { bool, choice, good, integer, objectName, type ObjectName } from '../grammar.ts';
import { remoteUrl, type ParsedUrl } from '../remote-url.ts';
import {
  cacheDurations,
  cacheKey,
  headerList,
  redirectParameter,
  requestRedirect,
  signinUrl,
  type Durations,
} from './grammars.ts';

const NOT_HERE = unsupported(
  'HAProxy cannot ask another server about a request without Lua or an agent, which sluice does not ship: put a proxy such as oauth2-proxy in front of the application, or use basic auth or client certificates',
);
const WITH_URL = { scope: 'path', guards: true, haproxy: NOT_HERE } as const;

export const URL: Annotation<ParsedUrl> = {
  key: 'auth-url',
  grammar: remoteUrl,
  syntax: 'URL, with variables such as `$request_uri`; its host may be `$host`',
  fallback: 'nobody is asked',
  ...WITH_URL,
  risk: 'High',
  about:
    'A service that is asked about each request. It may pass when the answer is 2xx; 401 and 403 go to the client, anything else is 500.',
  nginx: differs(
    'A host that is neither a Service (NAME.NAMESPACE.svc.cluster.local) nor an IPv4 address needs `--resolver`. Of variables only those are taken that come as the client sent them: not `$uri`. The headers X-Forwarded-Host, -Method and -Uri of the client are not handed on: it could say what it likes in them.',
  ),
};

export const SIGNIN: Annotation<string> = {
  key: 'auth-signin',
  grammar: signinUrl,
  syntax: 'URL or path, with variables such as `$host` and `$escaped_request_uri`',
  fallback: 'the answer is 401',
  ...WITH_URL,
  risk: 'High',
  about: 'Where a client is sent in place of 401; a parameter tells where it came from.',
  nginx: differs(
    'Of a URL with more than 64 characters that need escaping only the host is told: stock nginx has no function that escapes.',
  ),
};

export const PARAMETER: Annotation<string> = {
  key: 'auth-signin-redirect-param',
  grammar: redirectParameter,
  syntax: 'name of a parameter',
  fallback: 'rd',
  ...WITH_URL,
  risk: 'Medium',
  about: 'The parameter of auth-signin that tells where the client came from.',
  nginx: HONOURED,
};

export const RESPONSE_HEADERS: Annotation<readonly string[]> = {
  key: 'auth-response-headers',
  grammar: headerList,
  syntax: 'names of headers with commas',
  fallback: 'none',
  ...WITH_URL,
  risk: 'Medium',
  about:
    "Headers of the answer that endpoints get in place of the client's; one that the answer lacks is removed from the request.",
  nginx: differs('Headers that the proxy itself sets, such as Host and X-Forwarded-For, close the route (503).'),
};

export const METHOD: Annotation<string> = {
  key: 'auth-method',
  grammar: choice('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE'),
  syntax: 'method of HTTP',
  fallback: 'GET',
  ...WITH_URL,
  risk: 'Low',
  about: 'How the service is asked; with it, X-Original-URI and X-Scheme are told, too.',
  nginx: HONOURED,
};

export const PROXY_SET_HEADERS: Annotation<ObjectName> = {
  key: 'auth-proxy-set-headers',
  grammar: objectName,
  syntax: 'name of a ConfigMap; NAMESPACE/NAME only where `allow-cross-namespace-resources` is set',
  fallback: 'none',
  ...WITH_URL,
  risk: 'Medium',
  about: 'Headers that the service gets, with values that may hold variables of the request.',
  nginx: differs('Only variables of the request that hold no line breaks; any other closes the route (503).'),
};

export const REQUEST_REDIRECT: Annotation<string> = {
  key: 'auth-request-redirect',
  grammar: requestRedirect,
  syntax: 'URL',
  fallback: '$request_uri',
  ...WITH_URL,
  risk: 'Medium',
  about: 'X-Auth-Request-Redirect of the question.',
  nginx: HONOURED,
};

export const CACHE_KEY: Annotation<string> = {
  key: 'auth-cache-key',
  grammar: cacheKey,
  syntax: 'text with variables, such as `$remote_user$http_authorization`',
  fallback: 'every request is asked about',
  ...WITH_URL,
  risk: 'Medium',
  about: 'Answers are kept for requests of the same host and path rule for which this is the same.',
  nginx: HONOURED,
};

export const CACHE_DURATION: Annotation<readonly Durations[]> = {
  key: 'auth-cache-duration',
  grammar: cacheDurations,
  syntax: 'status codes and a time, of these any number with commas between them',
  fallback: '200 202 401 5m',
  ...WITH_URL,
  risk: 'Medium',
  about: 'How long answers are kept, when there is an auth-cache-key.',
  nginx: differs('Times in `ms` close the route (503): nginx counts seconds here.'),
};

export const ALWAYS_SET_COOKIE: Annotation<boolean> = {
  key: 'auth-always-set-cookie',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  ...WITH_URL,
  risk: 'Low',
  about: 'Cookies of the answer are set on error answers of the endpoints, too.',
  nginx: HONOURED,
};

/** A number below zero is none, as in ingress-nginx. */
const COUNT = integer(-2_147_483_648, 1_000_000);
const KEPT = differs(
  'Connections to a Service are always kept open, as those to endpoints are; those to other hosts never are.',
);

export const KEEPALIVE: readonly Annotation<number>[] = [
  ['auth-keepalive', '0', 'Connections to the service that are kept open.'] as const,
  ['auth-keepalive-requests', '1000', 'Requests on one such connection.'] as const,
  ['auth-keepalive-timeout', '60', 'Seconds that one may be idle.'] as const,
].map(([key, fallback, about]) => ({
  key,
  grammar: COUNT,
  syntax: 'number',
  fallback,
  ...WITH_URL,
  risk: 'Low',
  about,
  nginx: KEPT,
}));

export const SHARE_VARIABLES: Annotation<boolean> = {
  key: 'auth-keepalive-share-vars',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  ...WITH_URL,
  risk: 'Low',
  about: 'The question sees the variables of nginx of its request.',
  nginx: differs('They are always shared, as nginx does it.'),
};

export const SNIPPET: Annotation<string> = {
  key: 'auth-snippet',
  grammar: (text) => good(text),
  syntax: '`proxy_set_header NAME VALUE;`, any number of them',
  fallback: 'none',
  ...WITH_URL,
  risk: 'Critical',
  about: 'Headers of the question, in the language of nginx. They go before those of auth-proxy-set-headers.',
  nginx: differs(
    'Off, as in ingress-nginx, unless `--snippets` or the ConfigMap (`allow-snippet-annotations`, with `annotations-risk-level: Critical`) allows `proxy_set_header` for the namespace. Then that is the only directive that is taken, with the variables that auth-proxy-set-headers may have. Anything else closes the route.',
  ),
};

export const ENABLE_GLOBAL: Annotation<boolean> = {
  key: 'enable-global-auth',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'true',
  scope: 'path',
  risk: 'Low',
  about: 'Whether the service of `global-auth-url` is asked, where there is no auth-url.',
  nginx: HONOURED,
  haproxy: differs('HAProxy cannot ask it: routes that do not say "false" answer 503 where it is set.'),
};
