import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../client.ts';
import { freePort } from '../ports.ts';
import { installedHaproxy } from '../proxies.ts';
import { Random } from '../random.ts';
import { waitFor } from '../wait.ts';
import { parseCertificateList, parseHaproxy, parseMap } from './haproxy.ts';
import { splitWords } from './haproxy-words.ts';
import { ConfigSyntaxError, type ConfigNode } from './node.ts';

function wordsOf({ name, args, children }: ConfigNode): unknown {
  return children === undefined ? [name, ...args] : [[name, ...args], children.map(wordsOf)];
}

describe('HAProxy configuration as a tree', () => {
  it('has sections and their lines, whatever the indentation', () => {
    assert.deepEqual(parseHaproxy('# x\nglobal\n  a b # c\n\n backend  x\ny z\n').map(wordsOf), [
      [['global'], [['a', 'b']]],
      [['backend', 'x'], [['y', 'z']]],
    ]);
  });

  const lines: readonly (readonly [string, readonly string[]])[] = [
    [`a "b c" 'd e' f`, ['a', 'b c', 'd e', 'f']],
    [`a b"c d"'e f'g`, ['a', 'bc de fg']],
    [String.raw`a \  \\ \# \' \" \n \x41`, ['a', ' ', '\\', '#', "'", '"', '\n', 'A']],
    [String.raw`a '\n "$x" #' "#"`, ['a', '\\n "$x" #', '#']],
    [String.raw`a $x \$x "\$x" \d`, ['a', '$x', '\\$x', '$x', '\\d']],
    [`a 'b'\\''c'`, ['a', "b'c"]],
    [`a b#c`, ['a', 'b']],
    [`a "" ''`, ['a', '', '']],
    ['a b\rc d', ['a', 'b']],
    ['', []],
  ];
  for (const [line, words] of lines) {
    it(`splits ${JSON.stringify(line)}`, () => assert.deepEqual(splitWords(line, 1), words));
  }

  for (const line of ['a "b', "a 'b", 'a "$HOME"', 'a "${HOME}"', 'a \\x4', Array(65).fill('a').join(' ')]) {
    it(`refuses ${JSON.stringify(line.slice(0, 20))}`, () =>
      assert.throws(() => splitWords(line, 1), ConfigSyntaxError));
  }
  it('refuses a line outside of a section, and a NUL', () => {
    assert.throws(() => parseHaproxy('a b'), ConfigSyntaxError);
    assert.throws(() => parseHaproxy('global\n a\0b'), ConfigSyntaxError);
  });

  it('reads maps: a key up to white space, the rest as value', () => {
    const text = '#a b\n  key  value with spaces \t\n\nonly\nb#c "d" # e\r\n';
    const rows = [
      ['key', 'value with spaces'],
      ['only', ''],
      ['b#c', '"d" # e'],
    ];
    assert.deepEqual(parseMap(text).map(wordsOf), rows);
  });

  it('reads lists of certificates, with options behind the file only', () => {
    assert.deepEqual(parseCertificateList('# x\na.pem b.test  *.c\n').map(wordsOf), [['a.pem', 'b.test', '*.c']]);
    const words = parseCertificateList('a.pem [ca-file b.pem verify optional] b.test\n').map(wordsOf);
    assert.deepEqual(words, [['a.pem', '[ca-file', 'b.pem', 'verify', 'optional]', 'b.test']]);
    for (const line of ['a.pem b.test [alpn h2]', 'a.pem [alpn h2', 'a.pem [a] [b] c.test', '[a] b.pem']) {
      assert.throws(() => parseCertificateList(`${line}\n`), ConfigSyntaxError, line);
    }
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
  "\\'",
  '#',
  '\\#',
  '$',
  '$x',
  '\\x41',
  '\\n',
  '%',
  'é',
  '{',
  '\u2028',
  '.',
];

function randomToken(random: Random): string {
  const inner = Array.from({ length: 1 + random.below(4) }, () => random.pick(PARTS)).join('');
  const quote = random.pick(['', '"', "'"]);
  return `${quote}${inner}${quote}`;
}

/** The one word that a token is; undefined when it is none, or more. */
function wordOf(token: string): string | undefined {
  try {
    const [word, end, ...more] = splitWords(`${token} end`, 1);
    return more.length === 0 && end === 'end' && word !== '' ? word : undefined;
  } catch (error) {
    if (error instanceof ConfigSyntaxError) return undefined;
    throw error;
  }
}

const KEYS = ['a', 'b#c', '"d"', "e'f", 'g\\h', 'i;j', '%[k]', '${l}', 'é', '\u2028', '!n', '|'];

for (const { binary, version } of installedHaproxy()) {
  describe(`the tree against HAProxy ${version}`, () => {
    const random = new Random(7);
    const tokens = Array.from({ length: 400 }, () => randomToken(random));
    let directory = '';
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'sluice-tree-'));
    });
    after(() => rmSync(directory, { recursive: true }));

    const run = (lines: readonly string[], port: number) => {
      const bind = ['frontend f', ' mode http', ` bind 127.0.0.1:${port}`, ' timeout client 5s'];
      writeFileSync(join(directory, 'haproxy.cfg'), [...bind, ...lines, ''].join('\n'));
      return ['-f', join(directory, 'haproxy.cfg')];
    };
    const answers = async (lines: readonly string[], paths: readonly string[]) => {
      const port = await freePort();
      const child = spawn(binary, ['-db', ...run(lines, port)], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('close', resolve));
      try {
        await waitFor('HAProxy', () => send({ port, host: 'x', path: '/none' }).catch(() => undefined));
        const bodies: string[] = [];
        for (const path of paths) bodies.push((await send({ port, host: 'x', path })).body);
        return bodies;
      } finally {
        child.kill('SIGTERM');
        await ended;
      }
    };
    const returning = (token: string, index: number) =>
      ` http-request return status 200 content-type text/plain string ${token} if { path /${index} }`;

    it('has every word as HAProxy has it', async () => {
      const good = tokens.filter((token) => wordOf(token) !== undefined);
      assert.ok(good.length > 50, `${good.length} of them are one word`);
      const paths = good.map((_, index) => `/${index}`);
      assert.deepEqual(await answers(good.map(returning), paths), good.map(wordOf));
    });

    it('refuses what HAProxy refuses', async () => {
      const broken = tokens.filter((token) => {
        try {
          return splitWords(token, 1).length === 0;
        } catch {
          return !/\$x/.test(token);
        }
      });
      assert.ok(broken.length > 20);
      const port = await freePort();
      for (const token of broken.slice(0, 40)) {
        const line = ` http-request return status 200 content-type text/plain string ${token}`;
        const { status } = spawnSync(binary, ['-c', ...run([line], port)]);
        assert.notEqual(status, 0, JSON.stringify(token));
      }
    });

    it('has the rows of a map as HAProxy has them', async () => {
      const text = KEYS.map((key, index) => `${key}  value ${index}  `).join('\n');
      writeFileSync(join(directory, 'x.map'), text);
      const map = join(directory, 'x.map');
      const line = ` http-request return status 200 content-type text/plain lf-string %[path,url_dec,regsub(^/,),map_str(${map})]`;
      const bodies = await answers(
        [line],
        KEYS.map((key) => `/${encodeURIComponent(key)}`),
      );
      assert.deepEqual(
        bodies,
        parseMap(text).map(({ args }) => args[0]),
      );
    });
  });
}
