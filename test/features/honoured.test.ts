import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyName } from '../../src/cli/proxy/proxy-kinds.ts';
import { catalogue, countsOf } from '../../src/features/catalogue.ts';
import { runsOn } from '../behaviour/run.ts';
import { TABLES } from '../behaviour/tables.ts';
import { installedProxies } from '../support/proxies.ts';

/** The keys that ingress-nginx v1.15 parses, aliases included. */
const ALL_KEYS = readFileSync(join(import.meta.dirname, '../fixtures/ingress-nginx-annotations.txt'), 'utf8')
  .trim()
  .split('\n');

const CASES = TABLES.flatMap(({ cases }) => cases);

/** Keys that some behaviour case names that runs on an installed proxy of this name. */
function provenOn(name: ProxyName): ReadonlySet<string> {
  const proxies = installedProxies().filter((proxy) => proxy.name === name);
  const run = CASES.filter((item) => proxies.some((proxy) => runsOn(item, proxy)));
  return new Set(run.flatMap(({ keys }) => keys));
}

describe('the annotations of ingress-nginx', () => {
  it('are 137, and all of them are known, with one that the list lacks', () => {
    assert.equal(ALL_KEYS.length, 137);
    const known = new Set(catalogue().map(({ key }) => key));
    assert.deepEqual(
      ALL_KEYS.filter((key) => !known.has(key)),
      [],
    );
    assert.deepEqual(
      [...known].filter((key) => !ALL_KEYS.includes(key)),
      ['relative-redirects'],
    );
  });

  it('each belong to one family', () => {
    const keys = catalogue().map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
  });

  for (const proxy of ['nginx', 'haproxy'] as const) {
    it(`are honoured on ${proxy} only where a behaviour case proves it`, () => {
      const proven = provenOn(proxy);
      const claimed = catalogue().filter((entry) => entry[proxy].status !== 'unsupported');
      assert.deepEqual(
        claimed.map(({ key }) => key).filter((key) => !proven.has(key)),
        [],
      );
    });
  }

  it('are honoured in the number that was promised', () => {
    const entries = catalogue();
    const honoured = (proxy: 'nginx' | 'haproxy') => entries.length - countsOf(entries, proxy).unsupported;
    assert.ok(honoured('nginx') >= 125, `nginx: ${honoured('nginx')}`);
    assert.ok(honoured('haproxy') >= 95, `haproxy: ${honoured('haproxy')}`);
  });

  it('say what they take, what holds without them, and what they do', () => {
    for (const { key, annotation, nginx, haproxy } of catalogue()) {
      for (const text of [annotation.syntax, annotation.fallback, annotation.about]) assert.notEqual(text, '', key);
      for (const { status, note } of [nginx, haproxy]) assert.equal(note === '', status === 'honoured', key);
    }
  });
});
