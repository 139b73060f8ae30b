import assert from 'node:assert/strict';
import { isAtLeast as atLeast } from '../../src/model/version.ts';
import { nginxHashBucket, nginxHashMax } from '../../src/render/helpers/nginx.ts';
import { SETTINGS } from '../support/objects.ts';
import { host, modelOf, packOf, rendererOf } from './packs.ts';

const VERSIONS: readonly (readonly [have: string, wanted: string, answer: boolean])[] = [
  ['1.22.1', '1.22.1', true],
  ['1.22.1', '1.22.0', true],
  ['1.22.1', '1.22.2', false],
  ['1.22.1', '1.9.9', true],
  ['1.30.0', '1.27.3', true],
  ['1.9.9', '1.10', false],
  ['2.0', '1.99.99', true],
  ['1.22', '1.22.1', false],
  ['1.22', '1.22.0', true],
  ['1.22.1', '1', true],
  ['3.2.4', '3.2', true],
];

/** Expressions of templates over `hosts`, with what they give. */
const EXPRESSIONS: readonly (readonly [expression: string, result: string])[] = [
  ['(eq 1 1)', 'yes'],
  ['(eq 1 "1")', 'no'],
  ['(ne "a" "b")', 'yes'],
  ['(not hosts)', 'no'],
  ['(not (where hosts "kind" "wildcard"))', 'yes'],
  ['(and 1 "a" hosts)', 'yes'],
  ['(and 1 "")', 'no'],
  ['(or 0 "" (where hosts "kind" "none"))', 'no'],
  ['(or 0 hosts)', 'yes'],
  ['(some hosts "kind" "exact")', 'yes'],
  ['(some hosts "kind" "none")', 'no'],
  ['(endsWith "/a/" "/")', 'yes'],
  ['(endsWith "/a" "/")', 'no'],
  ['(includes settings.bindAddresses "127.0.0.1")', 'yes'],
  ['(includes settings.bindAddresses "10.0.0.1")', 'no'],
  ['(atLeast proxy.version "1.22.1")', 'yes'],
];

const VALUES: readonly (readonly [call: string, text: string])[] = [
  ['{{number (count hosts)}}', '3'],
  ['{{number (max 1 5 3)}}', '5'],
  ['{{number (longest hosts "name")}}', '13'],
  ['{{number (longest (where hosts "kind" "none") "name")}}', '0'],
  ['{{number (default settings.nothing 7)}}', '7'],
  ['{{word (default settings.maxBodySize "x")}}', '1m'],
  ['{{word (concat "a" 1 "b")}}', 'a1b'],
  ['{{word (join settings.bindAddresses ":")}}', '127.0.0.1'],
  ['{{word (slice "*.example.com" 1)}}', '.example.com'],
  ['{{#each (sortBy hosts "name")}}{{nginxString name}}{{/each}}', '"""a.example.com""b.example"'],
  ['{{nginxString (decodePath "/caf%C3%A9%20%25")}}', '"/café %"'],
  ['{{comment (ref hosts.1.source)}}', 'Ingress shop/b.example'],
  ['{{word (objectName hosts.1.source)}}', 'shop/b.example'],
];

const MODEL = modelOf({ hosts: [host(''), host('b.example'), host('a.example.com')] });

function render(template: string): string | undefined {
  return rendererOf(packOf(template))(MODEL, { ...SETTINGS, nothing: undefined } as typeof SETTINGS).bundle.files.get(
    'out',
  )?.text;
}

describe('the comparison of versions', () => {
  for (const [have, wanted, answer] of VERSIONS) {
    it(`says that ${have} is ${answer ? '' : 'not '}at least ${wanted}`, () =>
      assert.equal(atLeast(have, wanted), answer));
  }
});

describe('helpers in a template', () => {
  for (const [expression, result] of EXPRESSIONS) {
    it(`find ${expression} to be ${result === 'yes'}`, () =>
      assert.equal(render(`{{#if ${expression}}}yes{{else}}no{{/if}}`), result));
  }

  for (const [call, text] of VALUES) it(`write ${text} for ${call}`, () => assert.equal(render(call), text));
});

describe('the sizes of hash tables', () => {
  it('grow in whole cache lines', () => {
    assert.deepEqual([0, 1, 30, 31, 54, 55, 253].map(nginxHashBucket), [128, 128, 128, 192, 256, 256, 832]);
  });

  it('have room for twice the keys', () => {
    assert.deepEqual([0, 1, 512, 513, 5000].map(nginxHashMax), [1024, 1024, 1024, 2048, 16384]);
  });
});
