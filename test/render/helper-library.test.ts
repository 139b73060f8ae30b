import assert from 'node:assert/strict';
import { SAMPLE } from '../../src/cli/packs/sample.ts';
import { json } from '../../src/render/helpers/encoding.ts';
import { duration } from '../../src/render/helpers/numbers.ts';
import { SETTINGS } from '../support/objects.ts';
import { packOf, rendererOf } from './packs.ts';

/*
 * What the examples of docs/template-packs.md, which are tests, too, do not show: edges, and misuse.
 */

function render(template: string): string | undefined {
  const settings = { ...SETTINGS, nothing: undefined } as typeof SETTINGS;
  return rendererOf(packOf(template))(SAMPLE, settings).bundle.files.get('out')?.text;
}

const EDGES: readonly (readonly [template: string, text: string])[] = [
  ['{{number (count (first hosts 0))}}', '0'],
  ['{{number (count (first hosts 9))}}', '3'],
  ['{{number (count (last hosts 2))}}', '2'],
  ['{{number (count (last hosts 9))}}', '3'],
  ['{{word (default (first settings.resolvers) "none")}}', 'none'],
  ['{{word (default (last settings.resolvers) "none")}}', 'none'],
  ['{{nginxString (join settings.resolvers)}}', '""'],
  ['{{word (join (split "a,b" ",") ":")}}', 'a:b'],
  ['{{comment (join (split "a,b" ","))}}', 'a,b'],
  ['{{number (count (split "" ","))}}', '1'],
  ['{{comment (replace "a" "a" "$&")}}', '$&'],
  ['{{comment (replace "aa" "a" "")}}', ''],
  ['{{word (slice "abcdef" 1 3)}}', 'bc'],
  ['{{word (slice "abcdef" -2)}}', 'ef'],
  ['{{#if (contains settings.bindAddresses "127.0.0.1")}}yes{{/if}}', 'yes'],
  ['{{#if (contains settings.bindAddresses "127")}}yes{{else}}no{{/if}}', 'no'],
  ['{{#if (in "a" settings.bindAddresses "a")}}yes{{/if}}', 'yes'],
  ['{{#if (in "127.0.0.1" settings.bindAddresses)}}yes{{/if}}', 'yes'],
  ['{{#if (in "a")}}yes{{else}}no{{/if}}', 'no'],
  ['{{#each (sortBy hosts.1.routes "path")}}{{word path}} {{/each}}', '/ /exact /exact/ /none /outside /refused '],
  ['{{#each (sortBy upstreams.2.endpoints "port")}}{{word address}} {{/each}}', '10.0.0.1 [fd00::1] '],
  ['{{#each (groupBy hosts "nothing")}}{{number (count items)}}{{/each}}', '3'],
  ['{{number (count (map hosts "source.object.name"))}}', '3'],
  ['{{number (count (where hosts.1.routes "target.status" 404))}}', '1'],
  ['{{number (count (whereNot hosts.1.routes "target.type" "status"))}}', '4'],
  ['{{number (add)}}', '0'],
  ['{{number (max (map upstreams.2.endpoints "port"))}}', '8080'],
  ['{{number (min 3 (map upstreams.2.endpoints "port"))}}', '3'],
  ['{{number (modulo -1 3)}}', '-1'],
  ['{{#if (eq (hash8 "a" "bc") (hash8 "ab" "c"))}}same{{else}}other{{/if}}', 'other'],
  ['{{nginxString (base64 "é")}}', '"w6k="'],
  ['{{json "a\u2028"}}', '"a\\u2028"'],
  ['{{json settings.bindAddresses 1}}', '[\n "127.0.0.1"\n]'],
  ['{{#indent 2}}a\n\n  b{{/indent}}', '  a\n\n    b'],
  ['{{#indent 2}}{{#owner hosts.1.source}}a\nb\n{{/owner}}{{/indent}}c', '  a\n  b\nc'],
  ['{{#each (keys hosts)}}{{word this}}{{/each}}', '012'],
];

const MISUSES: readonly (readonly [template: string, message: RegExp])[] = [
  ['{{number (count "abc")}}', /count needs a list, got string/],
  ['{{word (join (map hosts "nothing"))}}', /join needs text, got undefined/],
  ['{{number (add 1 "2")}}', /add needs a number, got string/],
  ['{{number (divide 1 0)}}', /null is not a number/],
  ['{{#if (lt "1" 2)}}{{/if}}', /lt needs a number, got string/],
  ['{{word (upper settings.bindAddresses)}}', /upper needs text, got a list/],
  ['{{word (duration 1.5)}}', /duration needs whole milliseconds, got 1\.5/],
  ['{{word (duration -1)}}', /whole milliseconds/],
  ['{{number (count (keys "abc"))}}', /keys and values need an object/],
  ['{{json settings.nothing}}', /json needs a value/],
  ['{{json "-----BEGIN PRIVATE KEY-----"}}', /refuses key material|does not write key material/],
  ['{{word "-----BEGIN PRIVATE KEY-----"}}', /^RangeError: a helper refuses key material$/],
  ['{{#indent "2"}}{{/indent}}', /indent needs a number of columns/],
];

/** Each would be something else if a template could reach what JavaScript objects inherit. */
const PROTOTYPES: readonly string[] = [
  '{{#if hosts.constructor}}reached{{/if}}',
  '{{#if hosts.__proto__}}reached{{/if}}',
  '{{#if (lookup hosts "constructor")}}reached{{/if}}',
  '{{#if (lookup settings "__proto__")}}reached{{/if}}',
  '{{#if (lookup (lookup settings "constructor") "constructor")}}reached{{/if}}',
  '{{#each (map hosts "constructor")}}{{#if this}}reached{{/if}}{{/each}}',
  '{{#each (map hosts "__proto__.constructor")}}{{#if this}}reached{{/if}}{{/each}}',
  '{{#each (unique hosts "toString")}}{{/each}}',
  '{{#each (where hosts "__proto__" settings.__proto__)}}{{#if this.constructor}}reached{{/if}}{{/each}}',
  '{{#each (groupBy hosts "constructor")}}{{#if key}}reached{{/if}}{{/each}}',
  '{{#if (some hosts "hasOwnProperty" true)}}reached{{/if}}',
];

describe('the helper library', () => {
  for (const [template, text] of EDGES)
    it(`gives ${JSON.stringify(text)} for ${template}`, () => assert.equal(render(template), text));

  for (const [template, message] of MISUSES)
    it(`refuses ${template}`, () => assert.throws(() => render(template), { message }));

  for (const template of PROTOTYPES) {
    it(`does not reach what objects inherit: ${template}`, () => {
      let text: string | undefined = '';
      try {
        text = render(template);
      } catch (error) {
        assert.match(String(error), /not defined|undefined/);
      }
      assert.equal(text, '');
    });
  }

  it('tells where in a template a helper was misused', () => {
    const pack = packOf('x\n{{> part}}', { 'partials/part.hbs': '\n  {{number (count "abc")}}' });
    const wanted = { name: 'TemplateFailure', file: 'partials/part.hbs', line: 2, column: 12 };
    assert.throws(() => rendererOf(pack)(SAMPLE, SETTINGS), wanted);
  });

  it('writes durations in the largest exact unit', () => {
    const texts = [0, 1, 999, 1000, 1001, 60_000, 90_000, 3_600_000, 86_400_000].map(duration);
    assert.deepEqual(texts, ['0ms', '1ms', '999ms', '1s', '1001ms', '1m', '90s', '1h', '24h']);
  });

  it('writes JSON that reads as the same value', () => {
    const value = { text: '"\\\u0000\u007f\u2029</script>', list: [1, null, true] };
    assert.deepEqual(JSON.parse(json(value)), value);
  });
});
