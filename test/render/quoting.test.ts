import assert from 'node:assert/strict';
import { comment, nginxRegex, nginxString, nginxVariables, number, pem, word } from '../../src/render/quoting.ts';
import { literalPattern as regexLiteral } from '../../src/model/pattern.ts';

/** What a helper makes of each value; `undefined`: it refuses the value. */
type Table = readonly (readonly [value: string, written: string | undefined])[];

const CONTROL: Table = [
  '\u0000',
  '\u0001',
  '\u0003',
  '\t',
  '\n',
  '\r',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
].map((character) => [`a${character}b`, undefined]);

const NGINX_STRING: Table = [
  ['', '""'],
  ['plain', '"plain"'],
  ['a b', '"a b"'],
  ['a;b', '"a;b"'],
  ['{}', '"{}"'],
  ['#', '"#"'],
  ["'", `"'"`],
  ['"', '"\\""'],
  ['\\', '"\\\\"'],
  ['\\"; evil', '"\\\\\\"; evil"'],
  ['\\n', '"\\\\n"'],
  ['é🛒', '"é🛒"'],
  ['$host', undefined],
  ['a$', undefined],
  ['${host}', undefined],
  ...CONTROL,
];

const NGINX_REGEX: Table = [['^/a$', '"^/a$"'], ['[{;"]', '"[{;\\"]"'], ['\\d+\\z', '"\\\\d+\\\\z"'], ...CONTROL];

const REGEX_LITERAL: Table = [
  ['/shop-1/a_b~c', '/shop-1/a_b~c'],
  ['.example.com', '\\.example\\.com'],
  ['.*+?^${}()|[]\\#', '\\.\\*\\+\\?\\^\\$\\{\\}\\(\\)\\|\\[\\]\\\\\\#'],
];

const WORD: Table = [
  ['shop_web_80', 'shop_web_80'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['[fd00::1]', '[fd00::1]'],
  ['Admin@host-1', 'Admin@host-1'],
  ['', undefined],
  ...[' ', ';', '{', '}', '$', '"', "'", '#', '\\', '(', '|', '~', '%', ',', '=', '*', 'é'].map(
    (character) => [`a${character}b`, undefined] as const,
  ),
  ['word\n', undefined],
  ...CONTROL,
];

const COMMENT: Table = [
  ['Ingress shop/web spec.rules[0]', 'Ingress shop/web spec.rules[0]'],
  ['a; } $x "y" #', 'a; } $x "y" #'],
  ['a\nserver {', 'a?server {'],
  ['continued \\', 'continued ?'],
  ['\u0000\u0001\t\r\u007f\u2028é', '???????'],
];

const PEM_BLOCK = '-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----\n';

const PEM: Table = [
  [PEM_BLOCK, PEM_BLOCK],
  [PEM_BLOCK + PEM_BLOCK, PEM_BLOCK + PEM_BLOCK],
  ['', undefined],
  [PEM_BLOCK.trimEnd(), undefined],
  [` ${PEM_BLOCK}`, undefined],
  [`${PEM_BLOCK}text\n`, undefined],
  [PEM_BLOCK.replace('+', '$'), undefined],
  [PEM_BLOCK.replaceAll('\n', '\r\n'), undefined],
  [PEM_BLOCK.replace('END CERTIFICATE', 'END KEY'), undefined],
  [PEM_BLOCK.replace('MIIB', 'MI\u0001IB'), undefined],
];

const TABLES: readonly { readonly name: string; readonly quote: (value: string) => string; readonly table: Table }[] = [
  { name: 'nginxString', quote: nginxString, table: NGINX_STRING },
  { name: 'nginxRegex', quote: nginxRegex, table: NGINX_REGEX },
  { name: 'regexLiteral', quote: regexLiteral, table: REGEX_LITERAL },
  { name: 'word', quote: word, table: WORD },
  { name: 'comment', quote: comment, table: COMMENT },
  { name: 'pem', quote: pem, table: PEM },
];

for (const { name, quote, table } of TABLES) {
  describe(`the helper ${name}`, () => {
    for (const [value, written] of table) {
      it(`${written === undefined ? 'refuses' : 'writes'} ${JSON.stringify(value)}`, () => {
        if (written === undefined) assert.throws(() => quote(value), RangeError);
        else assert.equal(quote(value), written);
      });
    }
  });
}

describe('the helper nginxRegex', () => {
  it('joins its parts before it quotes them', () => assert.equal(nginxRegex('^', '/"', '$'), '"^/\\"$"'));
});

describe('the helper nginxVariables', () => {
  it('leaves only the named variables in', () => {
    assert.equal(nginxVariables('$scheme://$host/"a\\', 'scheme', 'host'), '"$scheme://$host/\\"a\\\\"');
    assert.equal(nginxVariables('/$1$2x', '1', '2'), '"/$1$2x"');
    for (const text of ['$hostname', '$host_', '${host}', '$', '$$host', '$1', 'a$', '$Host', '\n'])
      assert.throws(() => nginxVariables(text, 'host', 'scheme'), RangeError, text);
  });
});

describe('the helpers for nginx', () => {
  it('refuse what is longer than one of its words may be', () => {
    assert.equal(nginxString('a'.repeat(3998)).length, 4000);
    for (const text of ['a'.repeat(3999), '"'.repeat(2000), '€'.repeat(1334)]) {
      assert.throws(() => nginxString(text), RangeError);
      assert.throws(() => nginxRegex(text), RangeError);
    }
  });
});

describe('the helper word', () => {
  it('refuses what is longer than any name', () => assert.throws(() => word('a'.repeat(2001)), RangeError));

  it('refuses what is no text, such as a field that is not there', () => {
    const values: readonly unknown[] = [undefined, null, 80, true, ['a']];
    for (const value of values) assert.throws(() => word(value as string), RangeError);
  });
});

describe('the helper comment', () => {
  it('joins its parts', () => assert.equal(comment('a', '\n', 'b'), 'a?b'));
});

describe('the helper number', () => {
  for (const value of [0, 1, 65535, 0.5, -1]) it(`writes ${value}`, () => assert.equal(number(value), String(value)));

  for (const value of [Number.NaN, Infinity, '80', '1; evil', null, undefined, [1], true]) {
    it(`refuses ${String(value)} (${typeof value})`, () => assert.throws(() => number(value as number), RangeError));
  }
});

describe('a literal in a regular expression', () => {
  it('matches its text and nothing else', () => {
    const text = '.*+?^${}()|[]\\/#-a';
    assert.match(text, new RegExp(`^${regexLiteral(text)}$`));
    assert.doesNotMatch(text.replace('.', 'x'), new RegExp(`^${regexLiteral(text)}$`));
  });
});
