import ipaddr from 'ipaddr.js';
import { piecesOf } from '../model/request-variables.ts';
import type { RemoteUrl } from '../model/route-features/remote-url.ts';
import type { Grammar, Parsed } from './annotation.ts';
import type { FeatureContext } from './family.ts';
import { bad, good, urlWithVariables } from './grammar.ts';

/** Where a URL leads, before it is known whether that is a Service. */
export type ParsedUrl = Omit<RemoteUrl, 'upstream'>;

/**
 * Variables that come from the request as it was sent, so that they hold neither spaces nor line breaks. `$uri` is decoded,
 * and may hold both: whoever writes it into a request or a redirect lets clients add headers and requests of their own.
 */
const RAW =
  /^(?:host|http_host|server_name|scheme|request_uri|args|query_string|is_args|request_method|remote_addr|arg_[A-Za-z0-9_]{1,64}|escaped_request_uri|pass_access_scheme|best_http_host)$/;

export function isRawVariable(name: string): boolean {
  return RAW.test(name);
}

/** Completes a sentence about a text with variables; `undefined`: all of them may be there. */
export function variableProblem(text: string, isAllowed = isRawVariable): string | undefined {
  const pieces = piecesOf(text);
  if (pieces === undefined) return 'holds a "$" that begins no variable';
  const wrong = pieces.find((piece) => 'variable' in piece && !isAllowed(piece.variable));
  if (wrong === undefined || 'text' in wrong) return undefined;
  const instead = wrong.variable === 'uri' ? '; use $request_uri' : '';
  return `uses the variable ${wrong.variable}, which may not be there${instead}`;
}

/** The same for a URL, or a part of one. */
export function urlProblem(text: string, isAllowed = isRawVariable): string | undefined {
  if (text.includes(' ')) return 'holds a space';
  const pieces = piecesOf(text) ?? [];
  const hasBrace = pieces.some((piece) => 'text' in piece && /[{}]/.test(piece.text));
  return hasBrace ? 'holds a brace that belongs to no variable' : variableProblem(text, isAllowed);
}

const PARTS = /^(https?):\/\/([^/?]+)([/?].*)?$/;
/** The only variables that may be a host: any other lets clients say who is asked about them. */
const OWN_HOST = /^\$(?:host|\{host\}|http_host|best_http_host|server_name)$/;

/** An absolute URL with variables in its path and query; the path may be missing. */
export const remoteUrl: Grammar<ParsedUrl> = (text) => {
  const plain = urlWithVariables(text.replaceAll(/[{}]/g, ''));
  if (!plain.ok) return plain;
  const [, scheme, authority = '', rest = ''] = PARTS.exec(text.trim()) ?? [];
  if (scheme !== 'http' && scheme !== 'https') return bad('is no URL with http:// or https:// and a host');
  const uri = rest.startsWith('?') ? `/${rest}` : rest;
  const problem = urlProblem(uri);
  if (problem !== undefined) return bad(problem);
  const place = placeOf(authority, scheme);
  return place.ok ? good({ scheme, ...place.value, uri }) : place;
};

function placeOf(authority: string, scheme: RemoteUrl['scheme']): Parsed<Pick<RemoteUrl, 'host' | 'port'>> {
  const [, name = '', digits = scheme === 'https' ? '443' : '80'] = /^(.*?)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) return bad('has no port from 1 to 65535');
  const host = hostOf(name);
  return host.ok ? good({ host: host.value, port }) : host;
}

function hostOf(name: string): Parsed<string> {
  if (OWN_HOST.test(name)) return good('$host');
  if (name.includes('$')) return bad('has a variable in its host: only $host can be the whole of it');
  const host = name.toLowerCase();
  if (/^[\d.]+$/.test(host)) return ipaddr.IPv4.isValidFourPartDecimal(host) ? good(host) : bad('has no host');
  const isName = /^(?!.{254})[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?)*$/;
  return isName.test(host) ? good(host) : bad('has no host that could be a name of DNS or an IPv4 address');
}

/** Finds who a URL names: a Service of the cluster, an address, or a name that the proxy looks up while it runs. */
export function locate(url: ParsedUrl, { lookup, hasResolver }: FeatureContext): Parsed<RemoteUrl> {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(url.host);
  const upstream = isAddress || url.host.includes('$') ? undefined : lookup.upstreamOfHost(url.host, url.port);
  if (upstream !== undefined || isAddress || hasResolver) return good({ ...url, upstream });
  return bad(
    `${url.host} with port ${url.port} is no Service of the cluster (NAME.NAMESPACE.svc.cluster.local), and the proxy has no DNS server: set --resolver, or name a Service`,
  );
}

/**
 * `$host` is that of the route. Under a wildcard it stays a variable; where any name is served, clients would choose it:
 * `undefined`.
 */
export function withHost<T extends RemoteUrl>(url: T, host: string): T | undefined {
  if (!url.host.includes('$') || host.startsWith('*.')) return url;
  return host === '' ? undefined : { ...url, host };
}
