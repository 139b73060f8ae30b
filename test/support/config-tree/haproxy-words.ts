import { ConfigSyntaxError } from './node.ts';

/*
 * One line of a HAProxy configuration to words, as parse_line of src/tools.c does it with all options that the
 * configuration sets: comments, both quotes, backslashes, environment variables within double quotes.
 * https://docs.haproxy.org/2.6/configuration.html#2.2
 */

const SPACE = /[ \t\n\v\f\r]/;
const LINE_END = /[\r\n]/;
const ESCAPES: Readonly<Record<string, string>> = {
  ' ': ' ',
  '\\': '\\',
  t: '\t',
  n: '\n',
  r: '\r',
  '#': '#',
  '"': '"',
  "'": "'",
};

/** MAX_LINE_ARGS of HAProxy. */
const MOST_WORDS = 64;

/**
 * Words without quotes. A line that names an environment variable is refused: the shipped templates use none, so it comes
 * from a value.
 * @throws ConfigSyntaxError
 */
export function splitWords(text: string, line: number): readonly string[] {
  const words = new Line(text, line).words();
  if (words.length > MOST_WORDS) throw new ConfigSyntaxError(line, `too many words (${words.length})`);
  return words;
}

class Line {
  readonly #text: string;
  readonly #line: number;
  readonly #words: string[] = [];
  #at = 0;
  /** The word so far; `undefined` between words. */
  #word: string | undefined;
  #quote: '"' | "'" | undefined;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  words(): readonly string[] {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || LINE_END.test(character)) break;
      if (character === '#' && this.#quote === undefined) break;
      this.#at += 1;
      this.#read(character);
    }
    if (this.#quote !== undefined) throw new ConfigSyntaxError(this.#line, 'unmatched quote');
    this.#endWord();
    return this.#words;
  }

  #read(character: string): void {
    if ((character === '"' || character === "'") && this.#readQuote(character)) return;
    if (character === '\\' && this.#quote !== "'") this.#readEscape();
    else if (SPACE.test(character) && this.#quote === undefined) this.#endWord();
    else if (character === '$' && this.#quote === '"') this.#refuseVariable();
    else this.#add(character);
  }

  #readQuote(character: '"' | "'"): boolean {
    if (this.#quote !== undefined && this.#quote !== character) return false;
    this.#quote = this.#quote === undefined ? character : undefined;
    this.#add('');
    return true;
  }

  #readEscape(): void {
    const next = this.#text[this.#at] ?? '';
    if (next === 'x') {
      const hex = /^[0-9a-fA-F]{2}/.exec(this.#text.slice(this.#at + 1))?.[0];
      if (hex === undefined) throw new ConfigSyntaxError(this.#line, 'invalid \\x sequence');
      this.#at += 3;
      this.#add(String.fromCharCode(Number.parseInt(hex, 16)));
      return;
    }
    const meant = next === '$' && this.#quote === '"' ? '$' : ESCAPES[next];
    if (meant !== undefined) this.#at += 1;
    this.#add(meant ?? '\\');
  }

  #refuseVariable(): never {
    throw new ConfigSyntaxError(
      this.#line,
      `an environment variable: ${this.#text.slice(this.#at - 1, this.#at + 20)}`,
    );
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }
}
