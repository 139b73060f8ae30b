import {
  PACK_SIGNALS,
  PLACEHOLDERS,
  type Acknowledge,
  type Command,
  type PackCommands,
  type PackSignal,
} from '../model/pack-commands.ts';

type Fields = Readonly<Record<string, unknown>>;

const KEYS = [
  'version',
  'versionPattern',
  'check',
  'places',
  'quiet',
  'start',
  'reload',
  'quitSignal',
  'acknowledge',
  'reloadOverlapMs',
];
const LONGEST_OVERLAP_MS = 10_000;

/** Reads the section "commands" of a pack.json. @throws RangeError that names the field */
export function parseCommands(value: unknown): PackCommands {
  const fields = record(value, '"commands"', KEYS);
  return {
    version: command(fields, 'version'),
    versionPattern: pattern(fields['versionPattern'], 'versionPattern', /\((?!\?:)/),
    check: command(fields, 'check'),
    places:
      fields['places'] === undefined
        ? undefined
        : pattern(fields['places'], 'places', /\(\?<file>.*\(\?<line>|\(\?<line>.*\(\?<file>/),
    quiet: fields['quiet'] === undefined ? undefined : pattern(fields['quiet'], 'quiet', /./),
    start: startCommand(fields),
    reload: parseReload(record(fields['reload'], '"commands.reload"', ['signal', 'command'])),
    quitSignal: signal(fields['quitSignal'] ?? 'SIGTERM', 'quitSignal'),
    acknowledge:
      fields['acknowledge'] === undefined
        ? undefined
        : parseAcknowledge(record(fields['acknowledge'], '"commands.acknowledge"', ['url', 'socket', 'command'])),
    reloadOverlapMs: milliseconds(fields['reloadOverlapMs'] ?? 0),
  };
}

/** The supervisor starts the program of --proxy-binary, and knows it again by the path of its configuration. */
function startCommand(fields: Fields): Command {
  const start = command(fields, 'start');
  if (start[0] !== '{binary}') throw new RangeError('"commands.start" must begin with {binary}');
  if (start.some((item) => item.includes('{directory}/'))) return start;
  throw new RangeError('"commands.start" must name a file in {directory}/, by which a running proxy is known again');
}

function parseReload(fields: Fields): PackCommands['reload'] {
  if (Object.keys(fields).length > 1) throw new RangeError('"commands.reload" is by a "signal" or by a "command"');
  if (fields['command'] !== undefined) return { command: command(fields, 'command', 'reload.') };
  return { signal: signal(fields['signal'], 'reload.signal') };
}

function parseAcknowledge(fields: Fields): Acknowledge {
  const { url, socket } = fields;
  if (Object.keys(fields).length === 1) {
    if (fields['command'] !== undefined) return { command: command(fields, 'command', 'acknowledge.') };
    if (typeof socket === 'string') return { socket: word(socket, 'acknowledge.socket') };
    if (typeof url === 'string' && LOOPBACK_URL.test(url)) return { url };
  }
  throw new RangeError(
    '"commands.acknowledge" needs a "url" on loopback (http://127.0.0.1:{acknowledgePort}/path), a "socket" or a "command"',
  );
}

/** What answers elsewhere cannot be the proxy that reads the installed files. */
const LOOPBACK_URL = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::(?:\d{1,5}|\{acknowledgePort\}))?\/[A-Za-z0-9._/-]*$/;

function command(fields: Fields, name: string, within = ''): Command {
  const value = fields[name];
  const where = `"commands.${within}${name}"`;
  if (!Array.isArray(value) || value.length === 0) throw new RangeError(`${where} must be a list of words`);
  const [first = '', ...rest] = value.map((item) => word(item, `${within}${name}`));
  return [first, ...rest];
}

function word(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new RangeError(`"commands.${name}" holds what is not a word`);
  for (const [, placeholder = ''] of value.matchAll(/\{([^}]*)\}/g)) {
    if (PLACEHOLDERS.some((known) => known === placeholder)) continue;
    const known = PLACEHOLDERS.map((item) => `{${item}}`).join(' ');
    throw new RangeError(`"commands.${name}" holds the unknown {${placeholder}}; known are ${known}`);
  }
  return value;
}

function signal(value: unknown, name: string): PackSignal {
  const found = PACK_SIGNALS.find((item) => item === value);
  if (found === undefined) throw new RangeError(`"commands.${name}" must be one of ${PACK_SIGNALS.join(', ')}`);
  return found;
}

function pattern(value: unknown, name: string, needs: RegExp): string {
  if (typeof value !== 'string' || !needs.test(value)) {
    throw new RangeError(
      `"commands.${name}" must be a regular expression with the groups that docs/other-proxies.md names`,
    );
  }
  compile(value, `"commands.${name}"`);
  return value;
}

/** @throws RangeError when it is not a regular expression */
export function compile(source: string, where: string, flags = ''): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new RangeError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function milliseconds(value: unknown): number {
  const isFine = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST_OVERLAP_MS;
  if (!isFine) throw new RangeError(`"commands.reloadOverlapMs" must be a number from 0 to ${LONGEST_OVERLAP_MS}`);
  return value;
}

/**
 * @param keys that it may have; any when left out
 * @throws RangeError when it is not an object, or has others
 */
export function record(value: unknown, where: string, keys?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`${where} must be an object`);
  }
  const unknown = Object.keys(value).find((key) => keys?.includes(key) === false);
  if (unknown !== undefined) throw new RangeError(`${where} has no "${unknown}"; it has ${(keys ?? []).join(', ')}`);
  return { ...value };
}
