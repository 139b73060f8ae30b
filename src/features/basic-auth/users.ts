import type { Secret } from '../../model/objects.ts';
import { compareText } from '../../model/refs.ts';
import { quoteText } from '../../model/diagnostics.ts';
import { formatOf } from './hashes.ts';

export interface Users {
  /** Lines of `user:hash`, sorted, as nginx reads them; empty when nobody is left. */
  readonly text: string;
  /** Sentences without full stop. Names of users are told, hashes never. */
  readonly problems: readonly string[];
  /** Some user could log in if the proxy were another one. */
  readonly hasStrangers: boolean;
}

interface Entry {
  /** Where it is: `line 3`, or a key. */
  readonly where: string;
  readonly name: string;
  readonly hash: string;
}

interface Candidates {
  readonly entries: readonly Entry[];
  readonly problems: readonly string[];
}

/** The shape that the proxies read, and that the htpasswd helper of templates lets through. */
const NAME =
  /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd:# ](?:[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd:]{0,253}[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd: ])?$/;

/**
 * Users of a Secret: with `auth-file`, the lines of its key `auth`; with `auth-map`, each key is a user, and its value the
 * hash. `undefined` when there is no such key. Of two lines for one user the first counts, as in nginx.
 */
export function usersOf({ data }: Secret, type: 'auth-file' | 'auth-map', proxy: string): Users | undefined {
  const file = data['auth'];
  if (type === 'auth-file' && file === undefined) return undefined;
  const { entries, problems } = type === 'auth-file' ? entriesOfFile(decode(file ?? '')) : entriesOfMap(data);
  const users = new Map<string, string>();
  const more: string[] = [];
  for (const entry of entries) {
    const problem = users.has(entry.name) ? `user ${quoteText(entry.name)} is there twice` : problemOf(entry, proxy);
    if (problem === undefined) users.set(entry.name, entry.hash);
    else more.push(`${entry.where}: ${problem}`);
  }
  const lines = [...users]
    .sort(([left], [right]) => compareText(left, right))
    .map(([name, hash]) => `${name}:${hash}\n`);
  const hasStrangers = entries.some(({ hash }) => formatOf(hash) !== undefined && !canVerify(hash, proxy));
  return { text: lines.join(''), problems: [...problems, ...more], hasStrangers };
}

function entriesOfFile(text: string): Candidates {
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const where = `line ${index + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    // What follows a second colon is a comment, as in nginx.
    const [name = '', hash] = line.split(':');
    if (hash === undefined) problems.push(`${where}: has no colon, expected USER:HASH`);
    else if (NAME.test(name)) entries.push({ where, name, hash });
    else problems.push(`${where}: the name of the user is empty, too long, or holds characters that no user can type`);
  }
  return { entries, problems };
}

function entriesOfMap(data: Secret['data']): Candidates {
  const names = Object.keys(data).sort(compareText);
  const entries = names.map((name) => ({
    where: `key ${quoteText(name)}`,
    name,
    hash: decode(data[name] ?? '').trim(),
  }));
  const problems = entries.filter(({ name }) => !NAME.test(name)).map(({ where }) => `${where}: is no name of a user`);
  return { entries: entries.filter(({ name }) => NAME.test(name)), problems };
}

/** As Kubernetes has it: base64. */
function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function canVerify(hash: string, proxy: string): boolean {
  return proxy !== 'haproxy' || formatOf(hash)?.isCrypt === true;
}

function problemOf({ name, hash }: Entry, proxy: string): string | undefined {
  const format = formatOf(hash);
  if (format === undefined) return `the hash of user ${quoteText(name)} is of no known format`;
  if (canVerify(hash, proxy)) return undefined;
  return `the hash of user ${quoteText(name)} is ${format.name}, which HAProxy cannot verify`;
}
