import assert from 'node:assert/strict';
import { PROXY_FLAGS, TARGET_FLAGS } from '../../src/cli/flags.ts';
import type { ProxySettings } from '../../src/model/options.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { examine } from '../support/config-tree/expected.ts';
import type { ConfigNode } from '../support/config-tree/node.ts';
import { FRAGMENTS } from './fragments.ts';
import { fuzzTargets, type Target } from './proxies.ts';
import { FUZZ_OPTIONS, FUZZ_SETTINGS, worldOf } from './world.ts';

/** Flags that take text, what they become in settings, and a harmless value of them. */
const TEXTS: readonly (readonly [
  keyof typeof PROXY_FLAGS | 'config-dir',
  string,
  (text: string) => Partial<ProxySettings>,
])[] = [
  ['bind-address', '127.0.0.1', (text) => ({ bindAddresses: [text] })],
  ['trusted-proxies', '10.0.0.0/8', (text) => ({ trustedProxies: [text] })],
  ['resolver', '127.0.0.1', (text) => ({ resolvers: [text] })],
  ['access-log-path', '/var/log/harmless', (text) => ({ accessLogPath: text })],
  [
    'config-dir',
    '/srv/harmless',
    (text) => ({
      runDirectory: `${text}/run`,
      pidFile: `${text}/run/proxy.pid`,
      acknowledgeSocket: `${text}/run/proxy.sock`,
    }),
  ],
];

const { model } = createTranslator()(worldOf([]), FUZZ_OPTIONS);

/** Names and numbers of words, without the words. What is in a `geo` is named by the flag. */
function shapeOf({ name, args, children }: ConfigNode): unknown {
  return [name, args.length, name === 'geo' ? children?.length : children?.map(shapeOf)];
}

function treeWith({ name, render }: Target, settings: Partial<ProxySettings>) {
  return examine(model, { proxy: name, render, settings: { ...FUZZ_SETTINGS, ...settings } });
}

describe('the injection corpus in flags', () => {
  for (const [name, harmless, settings] of TEXTS) {
    it(`is refused by --${name}, or stays in its place`, async () => {
      const { parse } = { ...PROXY_FLAGS, 'config-dir': TARGET_FLAGS['config-dir'] }[name];
      const isPath = harmless.startsWith('/');
      const taken = FRAGMENTS.flatMap((text) => {
        const parsed = parse(isPath ? `/${text}` : text);
        return parsed.ok ? [parsed.value].flat().map(String) : [];
      });
      for (const target of await fuzzTargets()) {
        const wanted = [...treeWith(target, settings(harmless)).tree].map(([path, nodes]) => [
          path,
          nodes.map(shapeOf),
        ]);
        for (const text of taken) {
          const { tree, escapes } = treeWith(target, settings(text));
          assert.deepEqual(escapes, [], text);
          assert.deepEqual(
            [...tree].map(([path, nodes]) => [path, nodes.map(shapeOf)]),
            wanted,
            text,
          );
        }
      }
    });
  }

  it('is refused by every other flag of the proxy, unless it is a plain word', () => {
    const texts = new Set<string>(TEXTS.map(([name]) => name));
    for (const [name, { parse }] of Object.entries(PROXY_FLAGS)) {
      const taken = texts.has(name) ? [] : FRAGMENTS.filter((text) => parse(text).ok);
      assert.deepEqual(
        taken.filter((text) => !/^[a-z0-9]*$/.test(text)),
        [],
        name,
      );
    }
  });
});
