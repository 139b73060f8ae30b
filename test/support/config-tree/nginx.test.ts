import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../client.ts';
import { freePort } from '../ports.ts';
import { installedNginx } from '../proxies.ts';
import { Random } from '../random.ts';
import { waitFor } from '../wait.ts';
import { parseNginx } from './nginx.ts';
import { ConfigSyntaxError, type ConfigNode } from './node.ts';

type Shape = readonly [words: readonly string[], children?: readonly Shape[]];

function shapeOf({ name, args, children }: ConfigNode): Shape {
  return children === undefined ? [[name, ...args]] : [[name, ...args], children.map(shapeOf)];
}

describe('nginx configuration as a tree', () => {
  const taken: readonly (readonly [string, string, readonly Shape[]])[] = [
    [
      'statements and blocks',
      'a b;\nc d { e; f {} }',
      [
        [['a', 'b']],
        [
          ['c', 'd'],
          [[['e']], [['f'], []]],
        ],
      ],
    ],
    ['comments', '# x; }\na # b;\n c; #', [[['a', 'c']]]],
    ['a # within a word', 'a b#c;', [[['a', 'b#c']]]],
    ['both quotes', `a "b c" 'd;e' "{}#" '';`, [[['a', 'b c', 'd;e', '{}#', '']]]],
    ['quotes within a word', 'a b"c;', [[['a', 'b"c']]]],
    ['a quote in the other one', `a "it's" 'say "x"';`, [[['a', "it's", 'say "x"']]]],
    ['escapes', String.raw`a "\"\\\n\t\r\'" b\ c \;;`, [[['a', '"\\\n\t\r\'', 'b\\ c', '\\;']]]],
    ['backslashes before anything else, which stay', String.raw`a "\." \d;`, [[['a', '\\.', '\\d']]]],
    ['a brace after $', 'a ${b}c;', [[['a', '${b}c']]]],
    ['a brace that begins a block', 'a b{ c; }', [[['a', 'b'], [[['c']]]]]],
    ['a } within a word', 'a b}c;', [[['a', 'b}c']]]],
    ['line ends within quotes', 'a "b\nc";', [[['a', 'b\nc']]]],
    ['a bracket after a quote', 'if ("a" = "b") { c; }', [[['if', '("a"', '=', 'b', ')'], [[['c']]]]]],
    ['nothing', '', []],
  ];
  for (const [what, text, shape] of taken) {
    it(`reads ${what}`, () => assert.deepEqual(parseNginx(text).map(shapeOf), shape));
  }

  for (const text of [
    '}',
    'a',
    'a {',
    'a { b; ',
    'a }',
    ';',
    '{ }',
    'a "b',
    'a "b"c;',
    `a 'b'd;`,
    'a "b\\";',
    'a b\\',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseNginx(text), ConfigSyntaxError));
  }
  it('refuses a word that is longer than the buffer of nginx', () => {
    assert.throws(() => parseNginx(`a ${'b'.repeat(4096)};`), ConfigSyntaxError);
  });
});

const PARTS = [
  'a',
  'b c',
  '"',
  "'",
  '\\',
  '\\\\',
  '\\"',
  '#',
  ';',
  '{',
  '}',
  '${x',
  '\n',
  '\t',
  '\\n',
  'é',
  '\u2028',
  '.',
  '()',
];

/** Something that stands in the place of one parameter, often in quotes. */
function randomToken(random: Random): string {
  const inner = Array.from({ length: 1 + random.below(4) }, () => random.pick(PARTS)).join('');
  const quote = random.pick(['', '"', "'"]);
  return `${quote}${inner}${quote}`.replaceAll('${x', random.below(2) === 0 ? '' : '{');
}

/** The text that our parser reads as the one parameter, or undefined when the token is not one. */
function parameterOf(token: string): string | undefined {
  try {
    const [node, ...others] = parseNginx(`return 200 ${token};`);
    const [, value, ...more] = node?.args ?? [];
    return others.length === 0 && more.length === 0 && node?.children === undefined ? value : undefined;
  } catch (error) {
    if (error instanceof ConfigSyntaxError) return undefined;
    throw error;
  }
}

function isBroken(token: string): boolean {
  try {
    return parseNginx(configOf([token], 1)).length === 0;
  } catch (error) {
    if (error instanceof ConfigSyntaxError) return true;
    throw error;
  }
}

function configOf(tokens: readonly string[], port: number): string {
  const locations = tokens.map((token, index) => `location = /${index} { return 200 ${token}; }`);
  return `daemon off; pid nginx.pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:${port};\n${locations.join('\n')}\n} }`;
}

for (const { binary, version } of installedNginx()) {
  describe(`the tree against nginx ${version}`, () => {
    const random = new Random(5);
    const tokens = Array.from({ length: 400 }, () => randomToken(random));
    let directory = '';
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'sluice-tree-'));
    });
    after(() => rmSync(directory, { recursive: true }));

    const run = (tokensOf: readonly string[], port: number) => {
      writeFileSync(join(directory, 'nginx.conf'), configOf(tokensOf, port));
      return ['-p', directory, '-e', 'stderr', '-c', 'nginx.conf'];
    };

    it('has every parameter as nginx has it', async () => {
      const good = tokens.filter((token) => parameterOf(token) !== undefined);
      assert.ok(good.length > 50, `${good.length} of them are one parameter`);
      const port = await freePort();
      const child = spawn(binary, run(good, port), { stdio: 'ignore', cwd: directory });
      const ended = new Promise((resolve) => child.once('close', resolve));
      try {
        await waitFor('nginx', () => send({ port, host: 'x', path: '/0' }).catch(() => undefined));
        for (const [index, token] of good.entries()) {
          const { body } = await send({ port, host: 'x', path: `/${index}` });
          assert.equal(body, parameterOf(token), JSON.stringify(token));
        }
      } finally {
        child.kill('SIGTERM');
        await ended;
      }
    });

    it('refuses what nginx refuses', async () => {
      const bad = tokens.filter(isBroken).slice(0, 40);
      assert.ok(bad.length > 20);
      const port = await freePort();
      for (const token of bad) {
        const { status } = spawnSync(binary, ['-t', ...run([token], port)], { cwd: directory });
        assert.notEqual(status, 0, JSON.stringify(token));
      }
    });
  });
}
