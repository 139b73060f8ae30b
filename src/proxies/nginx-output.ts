import type { ConfigPlace } from '../model/bundle.ts';
import type { ProxyIdentity } from '../model/options.ts';

/** Reads the output of `nginx -V`; `undefined` when it is not nginx that answered. */
export function parseNginxVersion(output: string): ProxyIdentity | undefined {
  const version = /^nginx version: [^/\s]+\/(\d+(?:\.\d+)+)/m.exec(output)?.[1];
  if (version === undefined) return undefined;
  const unquoted = output.replace(/='[^']*'/g, '');
  const switches = unquoted.match(/(?<=\s)--(?:with|add)-\S+/g) ?? [];
  const modules = switches.filter((name) => !/^--with-(?:cc|ld|cpp)/.test(name)).toSorted();
  return { name: 'nginx', version, modules };
}

/**
 * The group of workers by `nginx -V`: that of `--group`, else of `--user`, else `nobody`, which some systems call `nogroup`
 * (auto/unix of nginx).
 */
export function parseWorkerGroup(output: string): string {
  const [, group] = /(?<=\s)--group='?([\w.-]+)/.exec(output) ?? [];
  const [, user] = /(?<=\s)--user='?([\w.-]+)/.exec(output) ?? [];
  return group ?? user ?? 'nobody';
}

/** What `nginx -t` said about the configuration in `directory`, the same for the same configuration in another directory. */
export interface CheckReport {
  readonly message: string;
  readonly places: readonly ConfigPlace[];
  /** nginx read the configuration and found it wrong; otherwise it failed before that. */
  readonly verdict: boolean;
}

const SUMMARY = /^nginx: configuration file .* test failed$/;
/** `nginx: [emerg] text`, or `2026/11/24 08:28:24 [emerg] 4043#4043: text` where the log is standard error. */
const LINE = /^(?:nginx: |\d{4}\/\d\d\/\d\d [\d:]{8} )\[(\w+)\] (?:\d+#\d+: )?(?:\*\d+ )?(.*)$/;

export function parseCheckOutput(output: string, directory: string): CheckReport {
  const lines = output.split('\n');
  const said = lines.filter((line) => !SUMMARY.test(line)).map(withoutTime);
  const fatal = said.filter((line) => /^\[(?:emerg|alert|crit|error)\] /.test(line));
  const places = fatal.map((line) => placeOf(line, directory)).filter((place) => place !== undefined);
  const message = said.join('\n').replaceAll(`${directory}/`, '').trim();
  return { message, places, verdict: said.length < lines.length };
}

/** `[emerg] text`, however nginx logs it. */
export function withoutTime(line: string): string {
  const [, level, text] = LINE.exec(line) ?? [];
  return level === undefined || text === undefined ? line : `[${level}] ${text}`;
}

/**
 * nginx ends a message with the place, so that text of users that it quotes before cannot pass for one. What it says about
 * a certificate has no place, but begins with the name of the file.
 */
function placeOf(line: string, directory: string): ConfigPlace | undefined {
  const [, file, number] = /^.* in (\/.+):(\d+)$/.exec(line) ?? [];
  if (file !== undefined) return placeIn(directory, file, Number(number));
  const named = /^[^"]*"(\/[^"]+)"/.exec(line)?.[1];
  return named === undefined ? undefined : placeIn(directory, named, 1);
}

function placeIn(directory: string, file: string, line: number): ConfigPlace | undefined {
  return file.startsWith(`${directory}/`) ? { path: file.slice(directory.length + 1), line } : undefined;
}
