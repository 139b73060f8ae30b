import { ConfigSyntaxError, nodeOf, type ConfigNode } from './node.ts';

/*
 * nginx configuration as nginx itself reads it: ngx_conf_read_token and ngx_conf_parse of src/core/ngx_conf_file.c, state by
 * state, without the meaning of any directive. https://github.com/nginx/nginx/blob/master/src/core/ngx_conf_file.c
 */

/** How a statement ended: `name args;`, `name args {`, `}`, or the end of the file. */
type End = ';' | '{' | '}' | 'end';

interface Statement {
  readonly words: readonly string[];
  readonly end: End;
  readonly line: number;
}

const SPACE = /[ \t\r\n]/;

/** nginx's buffer: one word may not be longer. */
const LONGEST_WORD = 4096;

/** @throws ConfigSyntaxError for what nginx would not take as a whole file */
export function parseNginx(text: string): readonly ConfigNode[] {
  const reader = new Reader(text);
  return readBlock(reader, true);
}

function readBlock(reader: Reader, isFile: boolean): readonly ConfigNode[] {
  const nodes: ConfigNode[] = [];
  for (;;) {
    const { words, end, line } = reader.next();
    if (end === ';') nodes.push(nodeOf(words, line));
    else if (end === '{') nodes.push(nodeOf(words, line, readBlock(reader, false)));
    else if ((end === 'end') === isFile) return nodes;
    else throw new ConfigSyntaxError(line, isFile ? 'unexpected "}"' : 'unexpected end of file, expecting "}"');
  }
}

type Quote = '"' | "'" | undefined;

class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next statement, with its words unescaped. */
  next(): Statement {
    const words: string[] = [];
    for (;;) {
      const end = this.#skipToWord(words.length);
      if (end !== undefined) return { words, end, line: this.#line };
      const word = this.#word();
      words.push(word.text);
      if (word.end !== undefined) return { words, end: word.end, line: this.#line };
    }
  }

  #take(): string | undefined {
    const character = this.#text[this.#at];
    if (character === undefined) return undefined;
    this.#at += 1;
    if (character === '\n') this.#line += 1;
    return character;
  }

  /** Past white space and comments: up to the first character of a word, or over what ends the statement. */
  #skipToWord(words: number): End | undefined {
    for (;;) {
      const character = this.#take();
      if (character === undefined) return this.#endOfFile(words);
      if (SPACE.test(character)) continue;
      if (character === '#') this.#skipComment();
      else if (character === ';' || character === '{') return this.#endOf(character, words > 0);
      else if (character === '}') return this.#endOf(character, words === 0);
      else {
        this.#at -= 1;
        return undefined;
      }
    }
  }

  #skipComment(): void {
    const feed = this.#text.indexOf('\n', this.#at);
    this.#at = feed < 0 ? this.#text.length : feed;
  }

  #endOfFile(words: number): End {
    if (words > 0) throw new ConfigSyntaxError(this.#line, 'unexpected end of file, expecting ";" or "}"');
    return 'end';
  }

  #endOf(character: ';' | '{' | '}', isExpected: boolean): End {
    if (!isExpected) throw new ConfigSyntaxError(this.#line, `unexpected "${character}"`);
    return character;
  }

  #word(): { readonly text: string; readonly end: End | undefined } {
    const first = this.#take();
    const quote: Quote = first === '"' || first === "'" ? first : undefined;
    if (quote === undefined) this.#at -= 1;
    const start = this.#at;
    const stop = quote === undefined ? this.#plain() : this.#quoted(quote);
    const text = this.#text.slice(start, this.#at - 1);
    if (Buffer.byteLength(text) >= LONGEST_WORD) throw new ConfigSyntaxError(this.#line, 'too long parameter');
    const end = quote === undefined ? endOfPlain(stop) : this.#afterQuote();
    return { text: unescape(text), end };
  }

  /** Up to the white space, `;` or `{` that ends an unquoted word, which is returned. `${` is no block. */
  #plain(): string {
    let variable = false;
    for (;;) {
      const character = this.#need();
      if (character === '{' && variable) continue;
      variable = character === '$';
      if (character === '\\') this.#need();
      else if (SPACE.test(character) || character === ';' || character === '{') return character;
    }
  }

  #quoted(quote: string): string {
    for (;;) {
      const character = this.#need();
      if (character === '\\') this.#need();
      else if (character === quote) return character;
    }
  }

  #need(): string {
    const character = this.#take();
    if (character === undefined) throw new ConfigSyntaxError(this.#line, 'unexpected end of file in a parameter');
    return character;
  }

  /** After a closing quote: white space, or what ends a statement. A `)` begins the next word (for `if ("x" = "y")`). */
  #afterQuote(): End | undefined {
    const character = this.#need();
    if (SPACE.test(character)) return undefined;
    if (character === ';' || character === '{') return character;
    if (character !== ')') throw new ConfigSyntaxError(this.#line, `unexpected "${character}"`);
    this.#at -= 1;
    return undefined;
  }
}

function endOfPlain(stop: string): End | undefined {
  return stop === ';' || stop === '{' ? stop : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

/** Of any other character, the backslash stays. */
function unescape(text: string): string {
  return text.replace(/\\([\s\S])/g, (both, character: string) => ESCAPES[character] ?? both);
}
