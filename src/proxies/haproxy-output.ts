import { relative } from 'node:path';
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

/** `[ALERT]    (123) : config : parsing [/dir/haproxy.cfg:11] : …`; the process id differs in every run. */
const HEAD = /^\[(\w+)\]\s+\(\d+\) : /;
const PLACE = /\[?(\/[^\s:\][]+):(\d+)\]?/;
const NOISE = /^(?:\[NOTICE\].*|Configuration file is valid|\[WARNING\].*: config : log format ignored .*)$/;

/** The complaints of `haproxy -c`, with places relative to the checked directory. */
export function parseHaproxyCheck(
  output: string,
  directory: string,
): { readonly message: string; readonly places: readonly ConfigPlace[] } {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line));
  const places: ConfigPlace[] = [];
  for (const line of lines) {
    const [, path, number] = PLACE.exec(line) ?? [];
    if (path !== undefined && path.startsWith(`${directory}/`)) {
      places.push({ path: relative(directory, path), line: Number(number) });
    }
  }
  const message = lines.map((line) => line.replace(HEAD, '[$1] ').replaceAll(`${directory}/`, '')).join('\n');
  return { message, places };
}
