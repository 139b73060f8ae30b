import assert from 'node:assert/strict';
import { quoteText } from '../../src/model/diagnostics.ts';

describe("a user's text in a message", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['is quoted', 'a b', '"a b"'],
    ['is one line', 'a\n\r\u0085\u2028b', '"a\\n\\r\\u0085\\u2028b"'],
    ['moves no cursor', '\u001b[2J\u009b', '"\\u001b[2J\\u009b"'],
    ['turns no direction', '\u202eevil\u2066\u200f', '"\\u202eevil\\u2066\\u200f"'],
    ['hides nothing', 'a\u200bb\ufeff\u00ad', '"a\\u200bb\\ufeff\\u00ad"'],
    ['keeps letters of all scripts', 'é \u{1f600} שלום', '"é \u{1f600} שלום"'],
    ['is shortened', 'a'.repeat(200), `"${'a'.repeat(117)}..."`],
    ['is well-formed where it is cut', `${'a'.repeat(116)}\u{1f600}${'b'.repeat(9)}`, `"${'a'.repeat(116)}\\ud83d..."`],
  ];
  for (const [what, text, quoted] of cases) it(what, () => assert.equal(quoteText(text), quoted));
});
