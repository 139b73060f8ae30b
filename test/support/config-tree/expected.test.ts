import assert from 'node:assert/strict';
import { createTranslator } from '../../../src/translate/translate.ts';
import { carrierOf, decodeAll, FUZZ_OPTIONS, FUZZ_SETTINGS, worldOf } from '../../fuzz/world.ts';
import { put } from '../../fuzz/corpus.ts';
import { rendererFor } from '../pack.ts';
import type { Renderer } from '../../../src/render/render.ts';
import type { ProxyName } from '../../../src/cli/proxy/proxy-kinds.ts';
import { examine } from './expected.ts';

const { model } = createTranslator()(
  worldOf(
    decodeAll(
      carrierOf({ namespace: 'shop', host: 'shop.test', path: '/caf%C3%A9/%22%20(x)' }).map((raw) =>
        raw['kind'] === 'Ingress' ? put(raw, 'spec.rules[0].http.paths[1].path', '/(exact).+/') : raw,
      ),
    ).objects,
  ),
  FUZZ_OPTIONS,
);

/** A renderer that writes something else into one file when it is given the real model, not its twin. */
function altered(render: Renderer, path: string, change: (text: string) => string): Renderer {
  return (given, settings) => {
    const rendered = render(given, settings);
    const file = rendered.bundle.files.get(path);
    if (file === undefined || given !== model) return rendered;
    const files = new Map(rendered.bundle.files).set(path, { ...file, text: change(file.text) });
    return { ...rendered, bundle: { ...rendered.bundle, files } };
  };
}

const ESCAPES: readonly (readonly [string, ProxyName, string, (text: string) => string])[] = [
  ['a directive more', 'nginx', 'hosts.conf', (text) => text.replace('server_name', 'alias /;\nserver_name')],
  ['a block more', 'nginx', 'hosts.conf', (text) => `${text}\nserver { }`],
  ['a word more', 'nginx', 'hosts.conf', (text) => text.replace('"shop.test"', '"shop.test" evil')],
  ['another word', 'nginx', 'hosts.conf', (text) => text.replace('shop.test', 'shop.evil')],
  ['a text that became an expression', 'nginx', 'hosts.conf', (text) => text.replace('\\\\(exact', '(exact')],
  ['a broken quote', 'nginx', 'hosts.conf', (text) => text.replace('\\"', '"')],
  ['a block that is missing', 'nginx', 'upstreams.conf', (text) => text.replace(/upstream "shop_[^}]*}/, '')],
  [
    'a location that is there twice',
    'nginx',
    'hosts.conf',
    (text) => text.replace('location / {', 'location / { return 404; }\nlocation / {'),
  ],
  [
    'another number',
    'nginx',
    'nginx.conf',
    (text) => text.replace('client_max_body_size 1m', 'client_max_body_size 2m'),
  ],
  ['a section more', 'haproxy', 'backends.cfg', (text) => `${text}\nbackend evil\n`],
  ['a line more', 'haproxy', 'backends.cfg', (text) => `${text}\n    http-request deny\n`],
  ['an environment variable', 'haproxy', 'backends.cfg', (text) => text.replace('10.1.2.3', '"${HOME}"')],
  ['a row more', 'haproxy', 'maps/prefix.map', (text) => `${text}evil.test/ shop_web_80||\n`],
  ['a row that is there twice', 'haproxy', 'maps/hosts.map', (text) => `${text}${text}`],
  ['another value of a row', 'haproxy', 'maps/prefix.map', (text) => text.replace('shop_web_80', '_404')],
];

describe('what a model implies', () => {
  for (const proxy of ['nginx', 'haproxy'] as const) {
    it(`is what the pack for ${proxy} writes`, async () => {
      const render = await rendererFor(proxy, proxy === 'nginx' ? '1.22.1' : '2.6.12');
      const { escapes, tree } = examine(model, { proxy, render, settings: FUZZ_SETTINGS });
      assert.deepEqual(escapes, []);
      assert.ok(JSON.stringify([...tree]).includes('shop.test'));
    });
  }

  for (const [what, proxy, path, change] of ESCAPES) {
    it(`is not ${what} of ${proxy}`, async () => {
      const render = await rendererFor(proxy, proxy === 'nginx' ? '1.22.1' : '2.6.12');
      assert.notEqual(render(model, FUZZ_SETTINGS).bundle.files.get(path)?.text, undefined);
      const { escapes } = examine(model, { proxy, render: altered(render, path, change), settings: FUZZ_SETTINGS });
      assert.notDeepEqual(escapes, []);
    });
  }
});
