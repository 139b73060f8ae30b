import { quoteText } from '../../model/diagnostics.ts';
import type { Parsed } from '../annotation.ts';
import { bad, good } from '../grammar.ts';

/** One directive of nginx, its words without quotes and escapes. */
export interface Statement {
  readonly name: string;
  readonly words: readonly string[];
  /** What is between its braces; `undefined` when it has none. */
  readonly block: readonly Statement[] | undefined;
}

const LONGEST = 65_536;
const MOST_STATEMENTS = 500;
const DEEPEST = 2;
/** Line breaks and tabs are spaces to nginx. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;

type Token = { readonly type: 'word'; readonly text: string } | { readonly type: ';' | '{' | '}' };

/** Reads nginx's syntax as nginx does: ngx_conf_read_token in src/core/ngx_conf_file.c. */
export function parseStatements(text: string): Parsed<readonly Statement[]> {
  if (text.length > LONGEST) return bad(`is longer than ${LONGEST} characters`);
  if (FORBIDDEN.test(text)) return bad('holds a control character');
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  if (tokens.value.length > MOST_STATEMENTS * 4) return bad('has too many directives');
  return new StatementReader(tokens.value).read();
}

/** An escape and what follows; `${` does not open a block, and within a word `}` does not end one. */
const BARE = /(?:\\[^]|\$\{|[^\s;{\\])+/y;
const QUOTED = { '"': /"((?:\\[^]|[^"\\])*)"/y, "'": /'((?:\\[^]|[^'\\])*)'/y } as const;
/** Spaces and comments. */
const BETWEEN = /(?:\s+|#[^\n]*)+/y;
const AFTER_QUOTES = /[\s;{)]|$/y;

function tokensOf(text: string): Parsed<readonly Token[]> {
  const tokens: Token[] = [];
  let at = matchAt(BETWEEN, text, 0)?.[0].length ?? 0;
  while (at < text.length) {
    const next = nextToken(text, at);
    if (!next.ok) return next;
    tokens.push(next.value.token);
    at = next.value.end;
    at += matchAt(BETWEEN, text, at)?.[0].length ?? 0;
  }
  return good(tokens);
}

interface Found {
  readonly token: Token;
  readonly end: number;
}

function nextToken(text: string, at: number): Parsed<Found> {
  const character = text[at] ?? '';
  switch (character) {
    case ';':
    case '{':
    case '}':
      return good({ token: { type: character }, end: at + 1 });
    case '"':
    case "'":
      return wordAt(text, at, QUOTED[character]);
    default:
      return wordAt(text, at, BARE);
  }
}

function wordAt(text: string, at: number, pattern: RegExp): Parsed<Found> {
  const found = matchAt(pattern, text, at);
  if (found === undefined) return bad(`holds ${quoteText(text.slice(at, at + 20))}, which nginx cannot read`);
  const end = at + found[0].length;
  if (pattern !== BARE && matchAt(AFTER_QUOTES, text, end) === undefined)
    return bad('has text right after closing quotes');
  const word = unescape(found[1] ?? found[0]);
  return word.ok ? good({ token: { type: 'word', text: word.value }, end }) : word;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** Other escapes are part of the word, such as those of regular expressions. */
function unescape(text: string): Parsed<string> {
  const plain = text.replace(/\\(["'\\])/g, '$1');
  return /[\n\r\t]/.test(text) || /(?:^|[^\\])(?:\\\\)*\\[trn]/.test(text)
    ? bad('holds a word with a line break or a tab')
    : good(plain);
}

class StatementReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Parsed<readonly Statement[]> {
    const all = this.#block(0);
    if (!all.ok) return all;
    return this.#at < this.#tokens.length ? bad('has a "}" too many') : all;
  }

  #block(depth: number): Parsed<readonly Statement[]> {
    const statements: Statement[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.type === '}') return good(statements);
      const statement = this.#statement(depth);
      if (!statement.ok) return statement;
      statements.push(statement.value);
    }
  }

  #statement(depth: number): Parsed<Statement> {
    const [name, ...words] = this.#words();
    if (name === undefined) return bad('has a ";" or "{" without a directive before it');
    const end = this.#tokens[this.#at]?.type;
    this.#at += 1;
    if (end === ';') return good({ name, words, block: undefined });
    if (end !== '{') return bad(`has no ";" after ${quoteText(name)}`);
    if (depth === DEEPEST) return bad('has blocks within blocks');
    const block = this.#block(depth + 1);
    if (!block.ok) return block;
    if (this.#tokens[this.#at]?.type !== '}') return bad(`has no "}" for the block of ${quoteText(name)}`);
    this.#at += 1;
    return good({ name, words, block: block.value });
  }

  #words(): readonly string[] {
    const words: string[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.type !== 'word') return words;
      words.push(token.text);
      this.#at += 1;
    }
  }
}
