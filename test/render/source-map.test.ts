import assert from 'node:assert/strict';
import { ownerOf, type BundleFile } from '../../src/model/bundle.ts';
import type { Source } from '../../src/model/refs.ts';
import { joinFragments, markOwner, toFragment, type Fragment } from '../../src/render/source-map.ts';
import { nginxRenderer } from '../support/pack.ts';
import { host, modelOf, packOf, rendererOf, route, sourceOf, upstream } from './packs.ts';
import { SETTINGS } from '../support/objects.ts';

const SOURCES: readonly Source[] = ['a', 'b', 'c'].map((name) => sourceOf(name));
const [A, B, C] = [0, 1, 2].map((index) => (body: string) => markOwner(index, body)) as [Mark, Mark, Mark];

type Mark = (body: string) => string;

const CASES: readonly {
  readonly name: string;
  readonly marked: string;
  readonly text: string;
  /** `first-last name` */
  readonly owners: readonly string[];
}[] = [
  { name: 'text without owner', marked: '1\n2\n', text: '1\n2\n', owners: [] },
  { name: 'no text', marked: '', text: '', owners: [] },
  { name: 'an owner of all', marked: A('1\n2\n'), text: '1\n2\n', owners: ['1-2 a'] },
  { name: 'an owner of some lines', marked: `1\n${A('2\n3\n')}4\n`, text: '1\n2\n3\n4\n', owners: ['2-3 a'] },
  { name: 'owners one after another', marked: A('1\n') + B('2\n'), text: '1\n2\n', owners: ['1-1 a', '2-2 b'] },
  {
    name: 'owners in one another, outer first',
    marked: `${A(`1\n${B(`2\n${C('3\n')}`)}4\n`)}5\n`,
    text: '1\n2\n3\n4\n5\n',
    owners: ['1-4 a', '2-3 b', '3-3 c'],
  },
  { name: 'the same owner twice', marked: A('1\n') + A('2\n'), text: '1\n2\n', owners: ['1-1 a', '2-2 a'] },
  { name: 'a part of a line', marked: `x ${A('1')} y\n`, text: 'x 1 y\n', owners: ['1-1 a'] },
  { name: 'a last line without line feed', marked: A('1\n2'), text: '1\n2', owners: ['1-2 a'] },
  { name: 'an owner of nothing', marked: `1\n${A('')}2\n`, text: '1\n2\n', owners: ['2-2 a'] },
];

function format({ owners }: Fragment): readonly string[] {
  return owners.map(({ first, last, source }) => `${first}-${last} ${source.object.name}`);
}

describe('the owners of rendered text', () => {
  for (const { name, marked, text, owners } of CASES) {
    it(`are found for ${name}`, () => {
      const fragment = toFragment(marked, SOURCES);
      assert.equal(fragment.text, text);
      assert.equal(fragment.lines, text.split('\n').length - 1);
      assert.deepEqual(format(fragment), owners);
    });
  }

  for (const marked of [
    '\u0003',
    A('1').slice(0, -1),
    markOwner(7, 'x'),
    'a\u0000b',
    'a\rb',
    'a\u007fb',
    '\u0001x\u0002',
  ]) {
    it(`are not made up for ${JSON.stringify(marked)}`, () =>
      assert.throws(() => toFragment(marked, SOURCES), RangeError));
  }

  it('move down with the fragments before them', () => {
    const fragments = [A('1\n2\n'), '3\n', B(`4\n${C('5\n')}`)].map((marked) => toFragment(marked, SOURCES));
    const joined = joinFragments(fragments);
    assert.equal(joined.text, '1\n2\n3\n4\n5\n');
    assert.equal(joined.lines, 5);
    assert.deepEqual(format(joined), ['1-2 a', '4-5 b', '5-5 c']);
  });

  it('are none of no fragments', () => assert.deepEqual(joinFragments([]), { text: '', lines: 0, owners: [] }));
});

/** Each line that is not empty, with the object and field that own it. */
function ownersOf(file: BundleFile | undefined): readonly string[] {
  assert.ok(file);
  return file.text.split('\n').flatMap((line, index) => {
    const owner = ownerOf(file, index + 1);
    return line.trim() === '' ? [] : [`${owner === undefined ? '-' : `${owner.object.name} ${owner.field}`}| ${line}`];
  });
}

describe('the owner of a line', () => {
  it('is the innermost: the path of an Ingress within the host of another', async () => {
    const routes = [route('/b', sourceOf('b', 'spec.rules[0].http.paths[0]')), route('/', undefined)];
    const hosts = [host(''), host('a.example.com', { routes, source: sourceOf('a', 'spec.rules[0]') })];
    const { bundle } = (await nginxRenderer('1.22.1'))(modelOf({ hosts }), SETTINGS);
    const lines = ownersOf(bundle.files.get('hosts.conf')).filter((line) => !/\| +(?:listen|ssl_)/.test(line));
    assert.deepEqual(lines.slice(lines.findIndex((line) => line.startsWith('a '))), [
      'a spec.rules[0]| server {',
      'a spec.rules[0]|     server_name "a.example.com";',
      'b spec.rules[0].http.paths[0]|     location "/b/" {',
      'b spec.rules[0].http.paths[0]|         # Ingress shop/b spec.rules[0].http.paths[0]',
      'b spec.rules[0].http.paths[0]|         set $sluice_ingress "shop/b";',
      'b spec.rules[0].http.paths[0]|         return 404;',
      'b spec.rules[0].http.paths[0]|     }',
      'b spec.rules[0].http.paths[0]|     location = "/b" {',
      'b spec.rules[0].http.paths[0]|         # Ingress shop/b spec.rules[0].http.paths[0]',
      'b spec.rules[0].http.paths[0]|         set $sluice_ingress "shop/b";',
      'b spec.rules[0].http.paths[0]|         return 404;',
      'b spec.rules[0].http.paths[0]|     }',
      'a spec.rules[0]|     location / {',
      'a spec.rules[0]|         return 404;',
      'a spec.rules[0]|     }',
      'a spec.rules[0]| }',
    ]);
  });

  it('is nobody for what sluice writes by itself', async () => {
    const { bundle } = (await nginxRenderer('1.22.1'))(modelOf(), SETTINGS);
    assert.ok(ownersOf(bundle.files.get('hosts.conf')).every((line) => line.startsWith('-|')));
    assert.ok(ownersOf(bundle.files.get('nginx.conf')).every((line) => line.startsWith('-|')));
  });

  it('is the Service of an upstream', async () => {
    const model = modelOf({ upstreams: [upstream('shop_api_80'), upstream('shop_web_80')] });
    const { bundle } = (await nginxRenderer('1.22.1'))(model, SETTINGS);
    assert.deepEqual(
      ownersOf(bundle.files.get('upstreams.conf')).filter((line) => line.includes('upstream "')),
      ['api | upstream "shop_api_80" {', 'web | upstream "shop_web_80" {'],
    );
  });

  it('is found in a file where items share a line', () => {
    const hosts = ['a', 'b'].map((name) => host(name));
    const pack = packOf('{{#owner host.source}}{{word host.name}};{{/owner}}', {}, 'host');
    const file = rendererOf(pack)(modelOf({ hosts }), SETTINGS).bundle.files.get('out');
    assert.ok(file);
    assert.equal(file.text, 'a;b;');
    assert.equal(ownerOf(file, 1)?.object.name, 'b');
  });

  it('is nobody for a line that is not there', async () => {
    const { bundle } = (await nginxRenderer('1.22.1'))(modelOf(), SETTINGS);
    const file = bundle.files.get('hosts.conf');
    assert.ok(file);
    assert.equal(ownerOf(file, 10_000), undefined);
  });
});
