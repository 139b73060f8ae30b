import { quoteText } from '../../model/diagnostics.ts';
import { isHeaderSafe, isRequestVariable, piecesOf, SNIPPET_VARIABLES } from '../../model/request-variables.ts';
import type { SnippetLine, Snippets } from '../../model/route-features/snippets.ts';
import type { Parsed } from '../annotation.ts';
import { bad, good } from '../grammar.ts';
import { readIf, readReturn, readRewrite } from './rewriting.ts';
import type { Statement } from './statements.ts';

/** What one directive adds to a snippet. */
export type Part = Partial<Snippets>;

/** Where a snippet is: `if` is within such a block. */
export type Place = 'location' | 'server' | 'if';

export interface Directive {
  readonly places: readonly Place[];
  /** Allowed where a grant names no directives. */
  readonly isHarmless: boolean;
  readonly read: (statement: Statement, read: BlockReader) => Parsed<Part>;
}

/** Reads what is within an `if`. */
export type BlockReader = (statements: readonly Statement[]) => Parsed<readonly SnippetLine[]>;

const TIME = /^\d{1,9}(?:ms|s|m|h)?$/;
const SIZE = /^\d{1,9}[kKmMgG]?$/;
const SWITCH = /^(?:on|off)$/;
const MEDIA_TYPE = /^(?:[a-z0-9.-]{1,60}\/[A-Za-z0-9._-]{1,80})$/;
const HEADER = /^[A-Za-z0-9_-]{1,100}$/;

/** A directive of plain words, each of which fits the pattern. */
function plain(pattern: RegExp, most = 1, places: readonly Place[] = ['location', 'server']): Directive {
  const read = ({ name, words }: Statement): Parsed<Part> => {
    if (words.length === 0 || words.length > most) return bad(`has ${name} with ${words.length} words`);
    const wrong = words.find((word) => !pattern.test(word));
    if (wrong !== undefined) return bad(`has ${name} with ${quoteText(wrong)}`);
    return good({ lines: [{ type: 'words', name, words }] });
  };
  return { places, isHarmless: true, read };
}

function location(read: Directive['read']): Directive {
  return { places: ['location'], isHarmless: true, read };
}

/** Headers, which nginx and the module of ingress-nginx hand down from a server to its locations. */
function inherited(read: Directive['read']): Directive {
  return { places: ['location', 'server'], isHarmless: true, read };
}

/** What a directive needs to be taken. Those that let requests in, read files or run code are not here, and never will be. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  add_header: inherited(readAddHeader),
  more_set_headers: inherited(readMoreSet),
  more_clear_headers: inherited(({ words }) => hide(words)),
  more_set_input_headers: inherited(readMoreInput),
  more_clear_input_headers: inherited(readLessInput),
  proxy_hide_header: location(({ words }) =>
    words.length === 1 ? hide(words) : bad('has proxy_hide_header without one name'),
  ),
  proxy_set_header: location(readRequestHeader),
  proxy_connect_timeout: plain(TIME, 1, ['location']),
  proxy_read_timeout: plain(TIME, 1, ['location']),
  proxy_send_timeout: plain(TIME, 1, ['location']),
  proxy_buffering: plain(SWITCH, 1, ['location']),
  proxy_request_buffering: plain(SWITCH, 1, ['location']),
  client_body_buffer_size: plain(SIZE),
  client_body_timeout: plain(TIME),
  client_max_body_size: plain(SIZE),
  send_timeout: plain(TIME),
  expires: plain(/^(?:off|epoch|max|\d{1,9}[smhdwMy]?|-\d{1,9}[smhdwMy]?)$/),
  etag: plain(SWITCH),
  gzip: plain(SWITCH),
  gzip_comp_level: plain(/^[1-9]$/),
  gzip_min_length: plain(/^\d{1,9}$/),
  gzip_types: plain(MEDIA_TYPE, 50),
  gzip_vary: plain(SWITCH),
  break: {
    places: ['location', 'if'],
    isHarmless: true,
    read: ({ words }) =>
      words.length === 0 ? good({ lines: [{ type: 'words', name: 'break', words: [] }] }) : bad('has break with words'),
  },
  return: {
    places: ['location', 'server', 'if'],
    isHarmless: true,
    read: (statement) => asLine(readReturn(statement)),
  },
  rewrite: {
    places: ['location', 'server', 'if'],
    isHarmless: true,
    read: (statement) => asLine(readRewrite(statement)),
  },
  if: { places: ['location', 'server'], isHarmless: true, read: (statement, read) => asLine(readIf(statement, read)) },
};

function asLine(line: Parsed<SnippetLine>): Parsed<Part> {
  return line.ok ? good({ lines: [line.value] }) : line;
}

function readAddHeader({ words }: Statement): Parsed<Part> {
  const [name = '', value, always] = words;
  if (value === undefined || words.length > 3 || (always !== undefined && always !== 'always'))
    return bad('has add_header that is not NAME VALUE, perhaps with always');
  const problem = headerProblem(name, value);
  return problem === undefined ? good({ addHeaders: [{ name, value, always: always !== undefined }] }) : bad(problem);
}

/** `more_set_headers "Name: value" …`, of a module that stock nginx does not have: each replaces that of the upstream. */
function readMoreSet(statement: Statement): Parsed<Part> {
  const headers = readHeaders(statement);
  if (!headers.ok) return headers;
  const set = headers.value.filter(({ value }) => value !== '');
  return good({
    addHeaders: set.map((header) => ({ ...header, always: true })),
    hideHeaders: headers.value.map(({ name }) => name),
  });
}

/** `more_set_input_headers "Name: value" …`, of the same module: headers of the request. */
function readMoreInput(statement: Statement): Parsed<Part> {
  const headers = readHeaders(statement);
  if (!headers.ok) return headers;
  const own = headers.value.find(({ name }) => isOwn(name));
  return own === undefined ? good({ requestHeaders: headers.value }) : bad(ownProblem(statement, own.name));
}

function readLessInput(statement: Statement): Parsed<Part> {
  const { name, words } = statement;
  const wrong = words.find((word) => !HEADER.test(word));
  if (wrong !== undefined || words.length === 0) return bad(`has ${name} that is not names of headers`);
  const own = words.find(isOwn);
  return own === undefined
    ? good({ requestHeaders: words.map((header) => ({ name: header, value: '' })) })
    : bad(ownProblem(statement, own));
}

/** The words of `more_set_headers` and `more_set_input_headers`. */
function readHeaders({ name: directive, words }: Statement): Parsed<Snippets['requestHeaders']> {
  const headers: Snippets['requestHeaders'][number][] = [];
  if (words.length === 0) return bad(`has ${directive} without a header`);
  for (const word of words) {
    const [, name, value = ''] = /^([^:\s]+)\s*:\s*(.*?)\s*$/.exec(word) ?? [];
    if (name === undefined) return bad(`has ${directive} with ${quoteText(word)}, which is not NAME: VALUE`);
    const problem = headerProblem(name, value);
    if (problem !== undefined) return bad(problem);
    headers.push({ name, value });
  }
  return good(headers);
}

function hide(names: readonly string[]): Parsed<Part> {
  const wrong = names.find((name) => !HEADER.test(name));
  if (wrong !== undefined) return bad(`has ${quoteText(wrong)}, which is not the name of a header`);
  return names.length === 0 ? bad('has a directive that names no header') : good({ hideHeaders: names });
}

/** Written once, by sluice: a second one of the same name would reach the upstream, too. */
const OWN =
  /^(?:host|upgrade|connection|x-request-id|x-real-ip|x-forwarded-.*|x-original-.*|x-scheme|proxy|te|content-length|transfer-encoding|authorization|ssl-client-.*)$/;

function isOwn(name: string): boolean {
  return OWN.test(name.toLowerCase().replaceAll('_', '-'));
}

function ownProblem({ name }: Statement, header: string): string {
  return `has ${name} ${header}, which sluice writes itself`;
}

function readRequestHeader(statement: Statement): Parsed<Part> {
  const [name = '', value, ...more] = statement.words;
  if (value === undefined || more.length > 0) return bad('has proxy_set_header that is not NAME VALUE');
  if (isOwn(name)) return bad(ownProblem(statement, name));
  const problem = headerProblem(name, value);
  return problem === undefined ? good({ requestHeaders: [{ name, value }] }) : bad(problem);
}

function headerProblem(name: string, value: string): string | undefined {
  return HEADER.test(name) ? sentProblem(value) : `has ${quoteText(name)}, which is not the name of a header`;
}

const LONGEST_TEXT = 2000;

/** A text with variables of the request, and no others: they say nothing of the proxy, nor of its secrets. */
export function textProblem(text: string, isKnown: (name: string) => boolean = isVariable): string | undefined {
  if (text.length > LONGEST_TEXT) return `has a text longer than ${LONGEST_TEXT} characters`;
  const pieces = piecesOf(text);
  if (pieces === undefined) return `has ${quoteText(text)}, in which "$" begins no variable`;
  const wrong = pieces.find((piece) => 'variable' in piece && !isKnown(piece.variable));
  if (wrong === undefined || 'text' in wrong) return undefined;
  const instead = wrong.variable === 'uri' ? ' there: it may hold a line break; use $request_uri' : '';
  return `has the variable $${wrong.variable}, which is not allowed${instead}`;
}

/** The same for what is sent: a header, or where a client is to go. */
export function sentProblem(text: string): string | undefined {
  return textProblem(text, (name) => isVariable(name) && isHeaderSafe(name));
}

function isVariable(name: string): boolean {
  return isRequestVariable(name) || SNIPPET_VARIABLES.includes(name);
}
