import { quoteText } from '../../model/diagnostics.ts';
import type { SnippetLine, Snippets } from '../../model/route-features/snippets.ts';
import type { Parsed } from '../annotation.ts';
import { bad, good } from '../grammar.ts';
import { DIRECTIVES, type Part, type Place } from './directives.ts';
import { parseStatements, type Statement } from './statements.ts';

/** Directives that a grant without names allows. */
export const HARMLESS: readonly string[] = Object.keys(DIRECTIVES).filter(
  (name) => DIRECTIVES[name]?.isHarmless === true,
);

const EMPTY: Snippets = { addHeaders: [], hideHeaders: [], requestHeaders: [], lines: [] };

/** A snippet, directive by directive; one that is not taken spoils all of it. */
export function readSnippet(text: string, place: Place, allowed: readonly string[]): Parsed<Snippets> {
  const statements = parseStatements(text);
  const snippet = statements.ok ? readAll(statements.value, place, allowed) : statements;
  if (!snippet.ok || place !== 'server' || !snippet.value.lines.some(ends)) return snippet;
  return bad('has a break, which is not taken in a server-snippet: what is refused to everybody comes after it');
}

/** A break for the whole host would go before its block lists. */
function ends(line: SnippetLine): boolean {
  if (line.type === 'if') return line.lines.some(ends);
  return line.type === 'rewrite' ? line.flag === 'break' : line.type === 'words' && line.name === 'break';
}

function readAll(statements: readonly Statement[], place: Place, allowed: readonly string[]): Parsed<Snippets> {
  let all = EMPTY;
  const once = new Set<string>();
  for (const statement of statements) {
    const part = readOne(statement, place, allowed);
    if (!part.ok) return part;
    const [line] = part.value.lines ?? [];
    if (line?.type === 'words' && once.has(line.name)) return bad(`has ${line.name} twice`);
    if (line?.type === 'words') once.add(line.name);
    all = merge(all, part.value);
  }
  return good(all);
}

function merge(all: Snippets, part: Part): Snippets {
  const { addHeaders = [], hideHeaders = [], requestHeaders = [], lines = [] } = part;
  return {
    addHeaders: [...all.addHeaders, ...addHeaders],
    hideHeaders: [...all.hideHeaders, ...hideHeaders],
    requestHeaders: [...all.requestHeaders, ...requestHeaders],
    lines: [...all.lines, ...lines],
  };
}

function readOne(statement: Statement, place: Place, allowed: readonly string[]): Parsed<Part> {
  const { name, block } = statement;
  const directive = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
  if (directive === undefined)
    return bad(`has the directive ${quoteText(name)}, which sluice does not take in snippets${hintFor(name)}`);
  if (!allowed.includes(name))
    return bad(`has the directive ${name}, which --snippets does not allow in this namespace`);
  if (!directive.places.includes(place)) return bad(`has the directive ${name}, which is not taken ${PLACES[place]}`);
  if (block !== undefined && name !== 'if') return bad(`has ${name} with a block`);
  return directive.read(statement, (inner) => readLines(inner, allowed));
}

const PLACES: Readonly<Record<Place, string>> = {
  if: 'within an if',
  location: 'in a configuration-snippet',
  server: 'in a server-snippet',
};

function hintFor(name: string): string {
  if (name === 'location') return ': make a path of an Ingress of it';
  if (name === 'set') return ': only variables of the request can be used';
  if (name.includes('lua')) return ': nothing runs Lua';
  return '';
}

function readLines(statements: readonly Statement[], allowed: readonly string[]): Parsed<readonly SnippetLine[]> {
  const inner = readAll(statements, 'if', allowed);
  return inner.ok ? good(inner.value.lines) : inner;
}
