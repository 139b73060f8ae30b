import { differs, HONOURED, unsupported, type Annotation, type Grammar } from '../annotation.ts';
import { bad, bool, choice, objectName, pathWithGroups, type ObjectName } from '../grammar.ts';
import { upstreamHost } from './upstream-vhost.ts';

export const UPSTREAM_VHOST: Annotation<string> = {
  key: 'upstream-vhost',
  grammar: upstreamHost,
  syntax:
    'a host, with $service_name, $service_port, $namespace, $ingress_name, and variables of the request such as $host',
  fallback: 'the host that the client asked for',
  scope: 'path',
  risk: 'Low',
  about: 'The header Host of requests to the upstream.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const prefix: Grammar<string> = (text) => {
  const path = pathWithGroups(text);
  if (!path.ok) return path;
  return /\$(?![1-9])/.test(path.value) ? bad('holds a $ that is not $1 to $9') : path;
};

export const FORWARDED_PREFIX: Annotation<string> = {
  key: 'x-forwarded-prefix',
  grammar: prefix,
  syntax: 'a path; `$1` to `$9` are groups of the path of the rule',
  fallback: 'no such header',
  scope: 'path',
  risk: 'Medium',
  about: 'The header X-Forwarded-Prefix of requests whose path is rewritten: see rewrite-target.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const CONNECTION: Annotation<'close' | 'keep-alive'> = {
  key: 'connection-proxy-header',
  grammar: choice('close', 'keep-alive'),
  syntax: 'close or keep-alive',
  fallback: 'what keeps connections to endpoints open, and lets WebSockets through',
  scope: 'path',
  risk: 'Low',
  about: 'The header Connection of every request to the upstream. WebSockets do not get through any more.',
  nginx: HONOURED,
  haproxy: differs(
    '`close` closes the connection to the endpoint after each answer; `keep-alive` is what HAProxy does anyway, and HTTP/1.1 needs no header for it. WebSockets get through all the same.',
  ),
};

export const CUSTOM_HEADERS: Annotation<ObjectName> = {
  key: 'custom-headers',
  grammar: objectName,
  syntax: 'name of a ConfigMap, or NAMESPACE/NAME',
  fallback: 'none',
  scope: 'path',
  risk: 'Medium',
  about:
    'Headers of all answers, from a ConfigMap of names and values. The ConfigMap of global settings lists the names that may be set (`global-allowed-response-headers`); with any other, or without the ConfigMap, the routes answer 503.',
  guards: true,
  nginx: differs('Date, Server, Content-Length and Content-Type of nginx itself are not replaced.'),
  haproxy: HONOURED,
};

export const HTTP2_PUSH: Annotation<boolean> = {
  key: 'http2-push-preload',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'path',
  risk: 'Low',
  about: 'Pushes to clients what `Link: <…>; rel=preload` of the upstream names. Browsers no longer take it.',
  nginx: differs('nginx can do so before 1.25.1; later ones pass the header on, and the client fetches what it wants'),
  haproxy: unsupported('HAProxy never pushes; it passes the header Link on, and the client fetches what it wants'),
};
