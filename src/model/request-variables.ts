/*
 * Variables of nginx that the text of an annotation may name: those that say something about the request, and nothing about
 * the proxy or its secrets. Other proxies translate them: src/render/request-variables.ts.
 */

export const REQUEST_VARIABLES: readonly string[] = [
  'args',
  'binary_remote_addr',
  'host',
  'http_host',
  'query_string',
  'remote_addr',
  'request_method',
  'request_uri',
  'scheme',
  'server_name',
  'uri',
];

/** Those that only snippets may name: variables of ingress-nginx, and what it says of the Ingress and its Service. */
export const SNIPPET_VARIABLES: readonly string[] = [
  'best_http_host',
  'content_length',
  'content_type',
  'ingress_name',
  'namespace',
  'pass_access_scheme',
  'req_id',
  'request_id',
  'service_name',
  'service_port',
  'the_real_ip',
];

/** Those that the replacement of a `rewrite` in a snippet may name. */
export const REWRITE_VARIABLES: readonly string[] = ['host', 'http_host', 'request_uri', 'scheme', 'uri'];

/** Those that only parameters of FastCGI may name. */
export const FASTCGI_VARIABLES: readonly string[] = [
  'content_length',
  'content_type',
  'document_uri',
  'fastcgi_script_name',
];

/** `http_x`, `cookie_x` and `arg_x`: a header, a cookie, a parameter of the query. */
const NAMED = /^(?:http|cookie|arg)_[A-Za-z0-9_]{1,64}$/;

export function isRequestVariable(name: string): boolean {
  return REQUEST_VARIABLES.includes(name) || NAMED.test(name);
}

/** Decoded, or no text: they may hold a line break, and so let clients add headers, to requests or to answers. */
const NOT_FOR_HEADERS: readonly string[] = ['uri', 'binary_remote_addr'];

/** Whether it may be part of a header, or of a URL that a client is sent to. */
export function isHeaderSafe(name: string): boolean {
  return !NOT_FOR_HEADERS.includes(name);
}

/** A text, or a name of a variable. */
export type Piece = { readonly text: string } | { readonly variable: string };

const PIECE = /\$\{(\w+)\}|\$(\w+)|([^$]+)|(\$)/gy;

/** Takes `$uri-a` and `${uri}-a` apart; `undefined` when a `$` begins no name. */
export function piecesOf(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (const [, braced, bare, plain, lost] of text.matchAll(PIECE)) {
    if (lost !== undefined) return undefined;
    const variable = braced ?? bare;
    pieces.push(variable === undefined ? { text: plain ?? '' } : { variable });
  }
  return pieces;
}
