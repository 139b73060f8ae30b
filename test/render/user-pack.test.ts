import assert from 'node:assert/strict';
import { edits, nearestName } from '../../src/model/nearest-name.ts';
import { PackError } from '../../src/render/pack.ts';
import { loadUserPack } from '../../src/render/user-pack.ts';
import { SETTINGS } from '../support/objects.ts';
import { nginx, shippedPack } from '../support/pack.ts';
import { modelOf, packOf, packWith } from './packs.ts';

const SHIPPED = packWith(
  [
    { path: 'a.conf', template: 'a.hbs' },
    { path: 'b.conf', template: 'b.hbs' },
  ],
  { 'a.hbs': 'a [{{> server}}]', 'b.hbs': 'b', 'partials/server.hbs': '', 'partials/inner.hbs': 'inner' },
);

type Files = Readonly<Record<string, string>>;

function load(files: Files): ReturnType<typeof loadUserPack> {
  const user = { directory: 'my', files: new Map(Object.entries(files)) };
  return loadUserPack({ proxy: 'test', files: SHIPPED }, user);
}

/** What it renders, by path. */
function render(files: Files): Files {
  const { bundle } = load(files).rendererFor(nginx('1.22.1'))(modelOf(), SETTINGS);
  return Object.fromEntries([...bundle.files.values()].map(({ path, text }) => [path, text]));
}

function problemsOf(files: Files): readonly string[] {
  try {
    load(files);
    return [];
  } catch (error) {
    assert.ok(error instanceof PackError);
    return error.message.split('\n');
  }
}

const extending = (fields: object) => JSON.stringify({ format: 1, extends: 'test', ...fields });

const OVERLAYS: readonly { readonly name: string; readonly files: Files; readonly renders: Files }[] = [
  { name: 'nothing', files: {}, renders: { 'a.conf': 'a []', 'b.conf': 'b' } },
  { name: 'a partial', files: { 'partials/server.hbs': 'x' }, renders: { 'a.conf': 'a [x]', 'b.conf': 'b' } },
  { name: 'a partial without its folder', files: { 'server.hbs': 'x' }, renders: { 'a.conf': 'a [x]', 'b.conf': 'b' } },
  {
    name: 'a partial in both places, of which that in the folder wins',
    files: { 'server.hbs': 'x', 'partials/server.hbs': 'y' },
    renders: { 'a.conf': 'a [y]', 'b.conf': 'b' },
  },
  { name: 'a template', files: { 'b.hbs': 'B {{> inner}}' }, renders: { 'a.conf': 'a []', 'b.conf': 'B inner' } },
  {
    name: 'a partial that uses a new one, which uses another',
    files: { 'partials/server.hbs': '{{> one}}', 'partials/one.hbs': '1{{> two}}', 'two.hbs': '2' },
    renders: { 'a.conf': 'a [12]', 'b.conf': 'b' },
  },
  {
    name: 'more outputs',
    files: { 'pack.json': extending({ outputs: [{ path: 'c.conf', template: 'c.hbs' }] }), 'c.hbs': 'c' },
    renders: { 'a.conf': 'a []', 'b.conf': 'b', 'c.conf': 'c' },
  },
  {
    name: 'another template for an output',
    files: { 'pack.json': extending({ outputs: [{ path: 'b.conf', template: 'c.hbs' }] }), 'c.hbs': 'c' },
    renders: { 'a.conf': 'a []', 'b.conf': 'c' },
  },
  { name: 'fewer outputs', files: { 'pack.json': extending({ omit: ['b.conf'] }) }, renders: { 'a.conf': 'a []' } },
  {
    name: 'a whole pack',
    files: Object.fromEntries(packOf('mine {{> own}}', { 'partials/own.hbs': 'x' })),
    renders: { out: 'mine x' },
  },
];

const FAULTS: readonly { readonly name: string; readonly files: Files; readonly problems: readonly string[] }[] = [
  {
    name: 'a misspelt partial',
    files: { 'partials/sever.hbs': '' },
    problems: [
      'my/partials/sever.hbs:1:1: replaces no file of the shipped pack, and no template uses a partial "sever"; did you mean partials/server.hbs?',
    ],
  },
  {
    name: 'a misspelt partial without its folder',
    files: { 'servre.hbs': '' },
    problems: [
      'my/servre.hbs:1:1: replaces no file of the shipped pack, and no template uses a partial "servre"; did you mean partials/server.hbs?',
    ],
  },
  {
    name: 'a partial that only an unused one uses',
    files: { 'partials/unused.hbs': '{{> other}}', 'partials/other.hbs': '' },
    problems: ['my/partials/unused.hbs:1:1: replaces no', 'my/partials/other.hbs:1:1: replaces no'],
  },
  {
    name: 'a template in a folder of its own',
    files: { 'my/server.hbs': '' },
    problems: [
      'my/my/server.hbs:1:1: replaces no file of the shipped pack, and no output of pack.json names it; did you mean partials/server.hbs?',
    ],
  },
  {
    name: 'faults in templates, every one, at its place in the directory',
    files: { 'server.hbs': '\n {{name}}', 'b.hbs': '{{#if}', 'partials/inner.hbs': 'x\n\n{{> gone}}' },
    problems: [
      'my/b.hbs:1:6: not a Handlebars template',
      'my/server.hbs:2:2: {{name}} would be',
      'my/partials/inner.hbs:3:1: unknown partial "gone"',
    ],
  },
  {
    name: 'a pack.json that extends another pack',
    files: { 'pack.json': JSON.stringify({ format: 1, extends: 'other' }) },
    problems: ['my/pack.json:1:1: "extends" must be "test", the pack of the chosen proxy'],
  },
  {
    name: 'an omitted file that is not there',
    files: { 'pack.json': extending({ omit: ['c.conf'] }) },
    problems: ['my/pack.json:1:1: "omit" names "c.conf", which the shipped pack does not write'],
  },
  {
    name: 'outputs that are no list',
    files: { 'pack.json': extending({ outputs: {} }) },
    problems: ['my/pack.json:1:1: "omit" and "outputs" must be lists'],
  },
  {
    name: 'a pack.json that is not JSON',
    files: { 'pack.json': '{\n  "format": 1,,\n}' },
    problems: ['my/pack.json:2:15: not JSON'],
  },
  {
    name: 'a whole pack for another proxy',
    files: {
      'pack.json': JSON.stringify({ format: 1, proxy: 'other', outputs: [{ path: 'a', template: 'a.hbs' }] }),
      'a.hbs': '',
    },
    problems: ['my/pack.json:1:1: is for "other", but --proxy is test'],
  },
];

describe('templates of a user', () => {
  for (const { name, files, renders } of OVERLAYS) {
    it(`may hold ${name}`, () => assert.deepEqual(render(files), renders));
  }

  for (const { name, files, problems } of FAULTS) {
    it(`are refused for ${name}`, () => {
      const found = problemsOf(files);
      assert.deepEqual(
        found.map((text, index) => text.slice(0, (problems[index] ?? text).length)),
        problems,
      );
    });
  }

  it('need a pack.json for a proxy that sluice has no pack for', () => {
    const user = { directory: 'my', files: new Map([['a.hbs', '']]) };
    assert.throws(() => loadUserPack({ proxy: 'other', files: new Map() }, user), /my\/pack\.json:1:1: is missing/);
  });

  it('may fill each hook of the pack for nginx, which are empty', async () => {
    const shipped = await shippedPack('nginx');
    for (const hook of ['main', 'http', 'server', 'location', 'upstream']) {
      assert.equal(shipped.get(`partials/${hook}.hbs`), '', hook);
    }
  });
});

describe('the name that was probably meant', () => {
  const distances = [
    ['', '', 0],
    ['a', '', 1],
    ['sever', 'server', 1],
    ['servre', 'server', 1],
    ['kitten', 'sitting', 3],
  ] as const;
  for (const [left, right, count] of distances) {
    it(`is ${count} edits from ${JSON.stringify(left)} to ${JSON.stringify(right)}`, () => {
      assert.equal(edits(left, right), count);
      assert.equal(edits(right, left), count);
    });
  }

  it('is none when nothing is near', () =>
    assert.equal(nearestName('zebra', ['partials/server.hbs', 'main']), undefined));
});
