import assert from 'node:assert/strict';
import { PackError } from '../../src/render/pack.ts';
import { loadPack } from '../../src/render/render.ts';
import { shippedPack } from '../support/pack.ts';
import { packOf } from './packs.ts';

interface Case {
  readonly name: string;
  readonly template: string;
  readonly partials?: Readonly<Record<string, string>>;
  /** Beginnings of the problems, in order; `undefined`: the pack is taken. */
  readonly problems?: readonly string[];
}

const BARE = 'would be written without quoting: use {{helper';

const CASES: readonly Case[] = [
  { name: 'takes text', template: 'worker_processes auto;\n' },
  { name: 'takes a helper that quotes', template: '{{nginxString name}} {{number port}} {{word a.b}} {{pem p}}' },
  { name: 'takes helpers within helpers', template: '{{nginxString (concat "a" (join list ","))}}' },
  { name: 'takes lookup as an argument', template: '{{word (lookup list 0)}}' },
  {
    name: 'takes the blocks of Handlebars',
    template: '{{#each a}}{{#if (eq b 1)}}x{{else if c}}y{{else}}z{{/if}}{{/each}}',
  },
  { name: 'takes block parameters', template: '{{#each list as |item|}}{{word item}}{{/each}}' },
  { name: 'takes comments', template: '{{! {{value}} }}{{!-- {{{value}}} --}}' },
  {
    name: 'takes a known partial with arguments',
    template: '{{> a x=1}}',
    partials: { 'partials/a.hbs': '{{number x}}' },
  },
  { name: 'takes an owner', template: '{{#owner source}}x{{/owner}}' },
  {
    name: 'refuses a bare value',
    template: 'a\n  b {{value}}\n',
    problems: [`out.hbs:2:5: {{value}} ${BARE} value}}`],
  },
  { name: 'refuses this', template: '{{this}}', problems: [`out.hbs:1:1: {{this}} ${BARE}`] },
  { name: 'refuses a bare field of the root', template: '{{@root.x}}', problems: [`out.hbs:1:1: {{@root.x}} ${BARE}`] },
  {
    name: 'refuses a bare block parameter',
    template: '{{#each a as |b|}}{{b}}{{/each}}',
    problems: [`out.hbs:1:19: {{b}}`],
  },
  { name: 'refuses a literal', template: '{{"text"}}', problems: [`out.hbs:1:1: {{text}} ${BARE}`] },
  { name: 'refuses a helper without arguments', template: '{{word}}', problems: [`out.hbs:1:1: {{word}} ${BARE}`] },
  {
    name: 'refuses a helper with only named arguments',
    template: '{{word value="x"}}',
    problems: [`out.hbs:1:1: {{word}} ${BARE}`],
  },
  {
    name: 'refuses the triple stash, even with a helper that quotes',
    template: 'x{{{word value}}}',
    problems: ['out.hbs:1:2: {{{word}}} would be written as it is: use {{helper word}}'],
  },
  {
    name: 'refuses the ampersand',
    template: '{{& value}}',
    problems: ['out.hbs:1:1: {{{value}}} would be written as it is'],
  },
  {
    name: 'refuses a helper that does not quote',
    template: '{{concat a b}}',
    problems: ['out.hbs:1:1: "concat" does not quote what it writes; known are comment,'],
  },
  {
    name: 'refuses an unknown helper',
    template: '\n\n   {{shell "rm"}}',
    problems: ['out.hbs:3:4: "shell" does not quote what it writes'],
  },
  {
    name: 'refuses the log helper of Handlebars',
    template: '{{log "x"}}',
    problems: ['out.hbs:1:1: "log" does not quote'],
  },
  {
    name: 'refuses a helper through a path',
    template: '{{./word value}}{{../word value}}',
    problems: ['out.hbs:1:1: "./word" does not quote', 'out.hbs:1:17: "../word" does not quote'],
  },
  {
    name: 'refuses what every JavaScript object inherits',
    template: '{{toString 1}}{{word (constructor 1)}}',
    problems: ['out.hbs:1:1: "toString" does not quote', 'out.hbs:1:22: unknown helper "constructor"'],
  },
  {
    name: 'refuses an unknown helper in an argument',
    template: '{{word (shell "rm")}}',
    problems: ['out.hbs:1:8: unknown helper "shell"; known are add, and, atL'],
  },
  {
    name: 'refuses an unknown helper in a named argument',
    template: '{{> a x=(shell "rm")}}',
    partials: { 'partials/a.hbs': '' },
    problems: ['out.hbs:1:9: unknown helper "shell"'],
  },
  {
    name: 'refuses an unknown helper in a condition',
    template: '{{#if (shell "rm")}}{{/if}}',
    problems: ['out.hbs:1:7: unknown helper "shell"'],
  },
  {
    name: 'refuses an unknown block',
    template: 'x\n{{#loop a}}{{/loop}}',
    problems: ['out.hbs:2:1: unknown block "loop"; known are each, if, indent, owner, unless, with'],
  },
  {
    name: 'refuses an unknown inverse block',
    template: '{{^loop}}{{/loop}}',
    problems: ['out.hbs:1:1: unknown block "loop"'],
  },
  { name: 'refuses a raw block', template: '{{{{raw}}}}x{{{{/raw}}}}', problems: ['out.hbs:1:1: unknown block "raw"'] },
  {
    name: 'refuses an unknown block after else',
    template: '{{#if a}}{{else loop b}}{{/if}}',
    problems: ['out.hbs:1:10: unknown block "loop"'],
  },
  {
    name: 'refuses a block parameter that hides a helper',
    template: 'x {{#each list as |word|}}{{word 1}}{{/each}}',
    problems: ['out.hbs:1:3: a block parameter must not have the name of a helper ("word")'],
  },
  {
    name: 'looks into both branches of a block',
    template: '{{#if a}}{{b}}{{else}}{{c}}{{/if}}',
    problems: ['out.hbs:1:10: {{b}}', 'out.hbs:1:23: {{c}}'],
  },
  {
    name: 'refuses an unknown partial',
    template: '{{> gone}}',
    partials: { 'partials/a.hbs': '' },
    problems: ['out.hbs:1:1: unknown partial "gone"; known are a'],
  },
  {
    name: 'refuses a partial that is chosen at run time',
    template: '{{> (lookup . "name")}}',
    problems: ['out.hbs:1:1: a partial must be named in the template, not chosen at run time'],
  },
  {
    name: 'refuses a partial with a block',
    template: '{{#> layout}}x{{/layout}}',
    problems: ['out.hbs:1:1: a partial must be named in the template'],
  },
  {
    name: 'refuses an inline partial',
    template: '{{#*inline "a"}}{{value}}{{/inline}}',
    problems: ['out.hbs:1:1: decorators and inline partials are not allowed; use a file in partials/'],
  },
  { name: 'refuses a decorator', template: ' {{* shell}}', problems: ['out.hbs:1:2: decorators and inline partials'] },
  {
    name: 'reports every problem of every template',
    template: '{{a}}\n{{> x}}',
    partials: { 'partials/x.hbs': '{{b}}', 'partials/unused.hbs': '{{c}}', 'other.hbs': '{{d}}', 'README.md': '{{e}}' },
    problems: [
      'out.hbs:1:1: {{a}}',
      'partials/x.hbs:1:1: {{b}}',
      'partials/unused.hbs:1:1: {{c}}',
      'other.hbs:1:1: {{d}}',
    ],
  },
];

const SYNTAX = 'not a Handlebars template:';

const SYNTAX_ERRORS: readonly Case[] = [
  { name: 'an open block', template: '{{#if a}}\n\n', problems: [`out.hbs:3:1: ${SYNTAX} Expecting`] },
  { name: 'an end without a block', template: 'x\n {{/if}}', problems: [`out.hbs:2:2: ${SYNTAX} Expecting`] },
  {
    name: 'an end of another block',
    template: 'x\n{{#if a}}\n{{/each}}',
    problems: [`out.hbs:2:4: ${SYNTAX} if doesn't match each`],
  },
  { name: 'an open interpolation', template: 'a {{word b', problems: [`out.hbs:1:10: ${SYNTAX} Expecting`] },
  { name: 'an empty interpolation', template: 'a {{}} b', problems: [`out.hbs:1:5: ${SYNTAX} Expecting`] },
  {
    name: 'braces that do not match',
    template: 'first line\n  {{number }}}\n',
    problems: [`out.hbs:2:12: ${SYNTAX} Expecting 'CLOSE'`],
  },
  {
    name: 'a fault far to the right',
    template: `${'x'.repeat(100)}\n${'y'.repeat(100)} {{number }}} ${'z'.repeat(100)}`,
    problems: [`out.hbs:2:111: ${SYNTAX} Expecting 'CLOSE'`],
  },
  {
    name: 'a fault on a later line of an interpolation',
    template: '{{number\n\n   }}}',
    problems: [`out.hbs:3:4: ${SYNTAX}`],
  },
  {
    name: 'the second of two equal lines',
    template: '{{#if a}}{{/if}}\n{{/if}}\n',
    problems: [`out.hbs:2:1: ${SYNTAX} Expecting`],
  },
  {
    name: 'a path out of a field',
    template: ' {{word foo/../bar}}',
    problems: [`out.hbs:1:9: ${SYNTAX} Invalid path: foo/..`],
  },
];

function problemsOf({ template, partials = {} }: Case): readonly string[] {
  try {
    loadPack(packOf(template, partials));
    return [];
  } catch (error) {
    assert.ok(error instanceof PackError);
    return error.message.split('\n');
  }
}

function check(item: Case): void {
  const { problems = [] } = item;
  const found = problemsOf(item);
  const shown = found.map((text, index) => text.slice(0, (problems[index] ?? text).length));
  assert.deepEqual(shown, problems);
}

describe('the lint of a pack', () => {
  for (const item of CASES) it(item.name, () => check(item));

  it('takes the pack for nginx', async () => void loadPack(await shippedPack('nginx')));

  it('gives its problems as values, too', () => {
    assert.throws(
      () => loadPack(packOf('\n {{x}}')),
      (error) => {
        assert.ok(error instanceof PackError);
        const [problem] = error.problems;
        assert.deepEqual([problem?.file, problem?.line, problem?.column], ['out.hbs', 2, 2]);
        return true;
      },
    );
  });
});

describe('the place of a syntax error', () => {
  for (const item of SYNTAX_ERRORS) it(`is found for ${item.name}`, () => check(item));
});
