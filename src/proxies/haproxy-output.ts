import type { ConfigPlace } from '../model/bundle.ts';
import type { ProxyIdentity } from '../model/options.ts';

/** Reads what `haproxy -vv` says; `undefined` when that is not HAProxy. */
export function parseHaproxyVersion(output: string): ProxyIdentity | undefined {
  const version = /^HAProxy version (\d+\.\d+(?:\.\d+)?)/m.exec(output)?.[1];
  if (version === undefined) return undefined;
  const features = /^Feature list : (.*)$/m.exec(output)?.[1]?.split(/\s+/) ?? [];
  const modules = features.filter((item) => item.startsWith('+')).map((item) => item.slice(1));
  return { name: 'haproxy', version, modules: modules.sort() };
}

/** What `haproxy -c` said about the configuration in `directory`, the same for the same configuration in another one. */
export interface HaproxyReport {
  readonly message: string;
  readonly places: readonly ConfigPlace[];
  /** HAProxy read the configuration and found it wrong; otherwise it failed before that. */
  readonly verdict: boolean;
}

/** `[ALERT]    (123) : config : parsing [/dir/haproxy.cfg:11] : …`; the process id differs in every run. */
const HEAD = /^\[(\w+)\]\s+\(\d+\) : /;
const NOISE =
  /^(?:\[NOTICE\].*|Configuration file is valid|Warnings were found\.|\[ALERT\].* : (?:Error\(s\) found|Fatal errors found).*|)$/;
const JUDGED = /^\[ALERT\]\s+\(\d+\) : config : (?!Cannot open )/m;
/** Text of users comes after the place, so that it cannot pass for one. */
const PLACE = /^\[ALERT\]\s+\(\d+\) : config : (?:[Pp]arsing )?\[(\/[^\]]+):(\d+)\]/;
const LISTED = /^\s*'crt-list' : error processing line (\d+) in file '([^']+)'/;
const CERTIFICATE = /unable to load \S+ from file '([^']+)'/;
/** Of a certificate that OpenSSL reads, but does not take: `… : 'bind 1.2.3.4:443' in section 'frontend' : …`. */
const TAKEN =
  /^\[ALERT\]\s+\(\d+\) : config : parsing \[[^\]]+\] : 'bind [^']+' in section '\w+' : .*unable to load SSL certificate into SSL Context '([^']+)'/;

export function parseHaproxyCheck(output: string, directory: string): HaproxyReport {
  const lines = output.split('\n').filter((line) => !NOISE.test(line.trimEnd()));
  const places = lines.flatMap((line) => placesOf(line, directory));
  const message = lines.map((line) => line.replace(HEAD, '[$1] ').replaceAll(`${directory}/`, '')).join('\n');
  return { message: message.trim(), places, verdict: JUDGED.test(output) };
}

function placesOf(line: string, directory: string): readonly ConfigPlace[] {
  const [, path, number] = PLACE.exec(line) ?? [];
  const [, listed, list] = LISTED.exec(line) ?? [];
  const certificate = CERTIFICATE.exec(line)?.[1] ?? TAKEN.exec(line)?.[1];
  const named = [
    { path, line: Number(number) },
    { path: list, line: Number(listed) },
    { path: certificate, line: 1 },
  ];
  return named.flatMap((place) => placeIn(directory, place));
}

/** What the configuration names itself is relative to it already. */
function placeIn(
  directory: string,
  { path, line }: { readonly path: string | undefined; readonly line: number },
): readonly ConfigPlace[] {
  if (path === undefined) return [];
  if (!path.startsWith('/')) return [{ path, line }];
  return path.startsWith(`${directory}/`) ? [{ path: path.slice(directory.length + 1), line }] : [];
}
