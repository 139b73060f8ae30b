import { splitWords } from './haproxy-words.ts';
import { ConfigSyntaxError, nodeOf, type ConfigNode } from './node.ts';

/** Words that begin a section, at any indentation. */
const SECTIONS: ReadonlySet<string> = new Set([
  'global',
  'defaults',
  'frontend',
  'backend',
  'listen',
  'resolvers',
  'peers',
  'userlist',
  'mailers',
  'cache',
  'program',
  'ring',
  'log-forward',
  'log-profile',
  'http-errors',
  'fcgi-app',
  'crt-store',
  'traces',
  'acme',
  'namespace_list',
]);

/** A HAProxy configuration: sections with their lines. @throws ConfigSyntaxError */
export function parseHaproxy(text: string): readonly ConfigNode[] {
  const nodes: ConfigNode[] = [];
  let lines: ConfigNode[] | undefined;
  for (const [index, words] of linesOf(text, splitWords)) {
    const [first = ''] = words;
    if (SECTIONS.has(first)) {
      lines = [];
      nodes.push(nodeOf(words, index, lines));
    } else if (lines === undefined) {
      throw new ConfigSyntaxError(index, `${JSON.stringify(first)} outside of a section`);
    } else lines.push(nodeOf(words, index));
  }
  return nodes;
}

/**
 * A map: key, and all after it as value (pat_ref_read_from_file_smp of src/pattern.c).
 * @throws ConfigSyntaxError
 */
export function parseMap(text: string): readonly ConfigNode[] {
  const rows = linesOf(text, (line) => {
    const [, key, value] = /^(?!#)[ \t]*([^ \t\r]+)[ \t]*([^\r]*?)[ \t]*(?:\r|$)/.exec(line) ?? [];
    return key === undefined ? [] : [key, value ?? ''];
  });
  return rows.map(([line, words]) => nodeOf(words, line));
}

/**
 * A list of certificates: a file, options in brackets, names (crtlist_parse_line of src/ssl_crtlist.c).
 * @throws ConfigSyntaxError
 */
export function parseCertificateList(text: string): readonly ConfigNode[] {
  const rows = linesOf(text, (line) => {
    if (/^\s*#/.test(line)) return [];
    const words = line.split(/[ \t\r\v\f]+/).filter((word) => word !== '');
    const marks = line.replace(/[^[\]]/g, '');
    const areOptions = marks === '[]' && /^\S+ \[[^[\]]*\](?: |$)/.test(line);
    if (marks !== '' && !areOptions) throw new ConfigSyntaxError(0, `brackets in ${JSON.stringify(line)}`);
    return words;
  });
  return rows.map(([line, words]) => nodeOf(words, line));
}

/** Lines with words, and their numbers. No file may hold a NUL, at which HAProxy stops reading a line. */
function linesOf(
  text: string,
  split: (line: string, number: number) => readonly string[],
): readonly (readonly [number, readonly string[]])[] {
  const lines = text.split('\n').map((line, index): readonly [number, readonly string[]] => {
    if (line.includes('\0')) throw new ConfigSyntaxError(index + 1, 'a NUL character');
    return [index + 1, split(line, index + 1)];
  });
  return lines.filter(([, words]) => words.length > 0);
}
