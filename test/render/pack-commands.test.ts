import assert from 'node:assert/strict';
import { parseCommands } from '../../src/render/pack-commands.ts';
import { parseQuoting, quotingHelper } from '../../src/render/pack-quoting.ts';

const GOOD = {
  version: ['{binary}', '-v'],
  versionPattern: 'x/([0-9.]+)',
  check: ['{binary}', '-t', '{directory}/x.conf'],
  start: ['{binary}', '-f', '{directory}/x.conf'],
  reload: { signal: 'SIGHUP' },
};

const WRONG: readonly { readonly name: string; readonly change: object; readonly says: RegExp }[] = [
  { name: 'an unknown key', change: { chek: [] }, says: /"commands" has no "chek"; it has version, / },
  { name: 'a command that is a text', change: { check: 'x -t' }, says: /"commands.check" must be a list of words/ },
  { name: 'an empty command', change: { check: [] }, says: /"commands.check" must be a list of words/ },
  { name: 'a word that is none', change: { check: ['x', 1] }, says: /"commands.check" holds what is not a word/ },
  { name: 'an unknown placeholder', change: { check: ['{dir}'] }, says: /unknown \{dir\}; known are \{binary\}/ },
  { name: 'a pattern without a group', change: { versionPattern: 'x' }, says: /"commands.versionPattern" must be/ },
  { name: 'a pattern that is none', change: { versionPattern: '((' }, says: /"commands.versionPattern": Invalid/ },
  { name: 'places without names', change: { places: '(.*):(\\d+)' }, says: /"commands.places" must be/ },
  { name: 'a pattern of quiet lines that is none', change: { quiet: '[' }, says: /"commands.quiet": Invalid/ },
  { name: 'another program to start', change: { start: ['x'] }, says: /"commands.start" must begin with \{binary\}/ },
  {
    name: 'a start that names no file',
    change: { start: ['{binary}', '-d', '{directory}'] },
    says: /"commands.start" must name a file in \{directory\}\//,
  },
  { name: 'no reload', change: { reload: undefined }, says: /"commands.reload" must be an object/ },
  {
    name: 'an unknown signal',
    change: { reload: { signal: 'SIGKILL' } },
    says: /"commands.reload.signal" must be one of SIGHUP/,
  },
  {
    name: 'two ways to reload',
    change: { reload: { signal: 'SIGHUP', command: ['x'] } },
    says: /"commands.reload" is by a "signal" or by a "command"/,
  },
  {
    name: 'an unknown key of reload',
    change: { reload: { sginal: 'SIGHUP' } },
    says: /"commands.reload" has no "sginal"; it has signal, command/,
  },
  {
    name: 'an unknown key of acknowledge',
    change: { acknowledge: { uri: 'http://127.0.0.1/' } },
    says: /"commands.acknowledge" has no "uri"/,
  },
  ...[
    {},
    { url: 'http://127.0.0.1/x', command: ['x'] },
    ...['https://127.0.0.1/x', 'http://proxy.example.com/x', 'http://127.0.0.1:{acknowledgeSocket}/x', 'x', 1].map(
      (url) => ({ url }),
    ),
  ].map((acknowledge) => ({
    name: `an acknowledgement by ${JSON.stringify(acknowledge)}`,
    change: { acknowledge },
    says: /"commands.acknowledge" needs/,
  })),
  {
    name: 'an overlap that is no number',
    change: { reloadOverlapMs: '1' },
    says: /"commands.reloadOverlapMs" must be/,
  },
];

describe('the commands of a pack', () => {
  it('are taken with defaults for the rest', () => {
    const rest = {
      places: undefined,
      quiet: undefined,
      quitSignal: 'SIGTERM',
      acknowledge: undefined,
      reloadOverlapMs: 0,
    };
    assert.deepEqual(parseCommands(GOOD), { ...GOOD, ...rest });
  });

  it('may reload and acknowledge by a command', () => {
    const by = { command: ['{binary}', 'x'] };
    const { reload, acknowledge } = parseCommands({ ...GOOD, reload: by, acknowledge: by });
    assert.deepEqual([reload, acknowledge], [by, by]);
  });

  for (const url of ['http://127.0.0.1:{acknowledgePort}/generation', 'http://[::1]:8080/a/b']) {
    it(`may acknowledge at ${url}`, () => {
      assert.deepEqual(parseCommands({ ...GOOD, acknowledge: { url } }).acknowledge, { url });
    });
  }

  for (const { name, change, says } of WRONG) {
    it(`are refused with ${name}`, () => assert.throws(() => parseCommands({ ...GOOD, ...change }), says));
  }
});

describe('the quoting rules of a pack', () => {
  const rules = parseQuoting({
    shout: { open: '<', close: '>', escape: { '<': '\\<', '\\': '\\\\' }, refuse: '[$%>]' },
  });
  const rule = rules.get('shout');
  assert.ok(rule !== undefined);
  const shout = quotingHelper('shout', rule) as (value: unknown) => unknown;

  for (const [value, want] of [
    ['plain', '<plain>'],
    ['a<b\\c', '<a\\<b\\\\c>'],
    ['', '<>'],
    ['ü 😀', '<ü 😀>'],
  ] as const) {
    it(`quote ${JSON.stringify(value)}`, () => assert.equal(shout(value), want));
  }

  for (const value of ['a$b', '%{x}', 'a\nb', 'a\u0000', 'a\u2028b', 1, undefined]) {
    it(`refuse ${value === undefined ? 'nothing' : JSON.stringify(value)}`, () =>
      assert.throws(() => shout(value), RangeError));
  }

  for (const [wrong, says] of [
    [{ 'no name': {} }, /the name of a helper/],
    [{ a1: { open: 1 } }, /"open" and "close" are texts/],
    [{ a1: { escape: { ab: 'x' } } }, /maps single characters/],
    [{ a1: { refuse: '[' } }, /"quoting.a1".refuse: Invalid/],
    [{ a1: { open: '"', shut: '"' } }, /"quoting.a1" has no "shut"; it has open, close/],
    [{ a1: { open: '"', close: '"' } }, /"quoting.a1" must escape or refuse "\\"": a value that holds it/],
    [{ a1: { close: '"', escape: { '"': '\\"' } } }, /"quoting.a1" must escape or refuse "\\\\": a value that/],
    [{ a1: {} }, /"quoting.a1" does nothing/],
    [{ word: { refuse: 'x' } }, /"word" is a helper already/],
    [{ concat: { refuse: 'x' } }, /"concat" is a helper already/],
    [{ each: { refuse: 'x' } }, /"each" is a helper already/],
    [[], /"quoting" must be an object/],
  ] as const) {
    it(`are refused as ${JSON.stringify(wrong)}`, () => assert.throws(() => parseQuoting(wrong), says));
  }
});
