import assert from 'node:assert/strict';
import { patternProblem } from '../../src/features/pcre.ts';
import { literalPattern } from '../../src/model/pattern.ts';

const TAKEN = [
  '/foo(/|$)(.*)',
  '/foo/bar/[a-z]{3}',
  '/[[:alpha:]]+',
  '/a++/b*+/[^/]?+',
  '/(?i)x(?-i:Y)',
  '/(?>a|b)(?=c)(?!d)(?<=e)(?<!f)',
  '/\\d+\\.x\\(',
  '^(www\\.)?foo\\.com$',
  '/[.a-z]+[\\]\\[]',
  '/a{',
  '/a]',
  '/+',
  '',
];

/** What ends somewhere else than it seems to, to one of PCRE and JavaScript. */
const REFUSED = [
  '/a)|(?:b',
  '/x\\Q(\\E)|.*\\Q[\\E(?:]',
  '/[](]|x)',
  '/[^](]|x)',
  '/[[:alpha:](]x)',
  '/[[.x.]](',
  '/x\\c()|.*\\c[(?:]',
  '/(?<host>a)',
  "/(?'host'a)",
  '/(?P<host>a)',
  '/(?x)a#',
  '/(?#c)',
  '/(?R)',
  '/(?1)',
  '/(?|a|b)',
  '/(*ACCEPT)',
  '/(',
  '/)',
  '/[',
  '/\\',
  '/a{2,1}',
  '/[z-a]',
  '/a**',
  '*',
];

describe('regular expressions of users', () => {
  for (const pattern of TAKEN) {
    it(`takes ${pattern}`, () => assert.equal(patternProblem(pattern), undefined));
  }

  for (const pattern of REFUSED) {
    it(`refuses ${pattern}`, () => assert.match(patternProblem(pattern) ?? '', /^is no regular expression/));
  }

  it('are checked in time that grows with their length only', () => {
    const started = process.hrtime.bigint();
    for (const part of ['(', '[', '\\', '[a', '(?:a|', 'a{1,', '[[:alpha:]'])
      patternProblem(part.repeat(Math.floor(4096 / part.length)));
    assert.ok(process.hrtime.bigint() - started < 2_000_000_000n);
  });

  it('match a text literally where a text is wanted', () => {
    for (const text of ['/a.b', '/not(one', '/a+b*c?{1}', '/^$[|]\\#', '/é'])
      assert.ok(new RegExp(`^${literalPattern(text)}$`).test(text), text);
  });
});
