import assert from 'node:assert/strict';
import { readConfigMap, type ReadSettings } from '../../src/features/config-map/read-config-map.ts';
import { SETTING_GROUPS, SETTING_OF_KEY } from '../../src/features/config-map/registry.ts';
import type { Setting } from '../../src/features/config-map/setting.ts';
import { DEFAULT_GLOBALS } from '../../src/features/globals.ts';
import type { ConfigMap, KubernetesObject } from '../../src/model/objects.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { ReferenceFinder } from '../../src/translate/references.ts';
import { metadata, OPTIONS, snapshotOf } from '../support/objects.ts';
import { readPage } from '../support/docs.ts';
import { ingress, path, rule } from '../translate/world.ts';
import { pageOfConfigMap } from '../../docs/config-map.ts';

function configMap(data: Readonly<Record<string, string>>, name = 'settings'): ConfigMap {
  return { kind: 'ConfigMap', metadata: metadata(name, { namespace: 'edge' }), data };
}

/** What the wrong part of a list is, is told and not used. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === 'wrong' ? [] : textsIn(item)));
}

interface About {
  readonly defaults?: 'sluice' | 'ingress-nginx';
  readonly proxy?: string;
  readonly others?: readonly ConfigMap[];
}

function read(data: Readonly<Record<string, string>>, about: About = {}): ReadSettings {
  const { defaults = 'sluice', proxy = 'nginx', others = [] } = about;
  return readConfigMap({
    object: configMap(data),
    proxy: { name: proxy, version: '3.2.0', modules: [], families: ['*'] },
    defaults,
    lookup: {
      secret: () => undefined,
      configMap: ({ name }) => others.find((item) => item.metadata.name === name),
      addFile: () => 'file',
    },
  });
}

describe('the ConfigMap of ingress-nginx', () => {
  it('says nothing when it is empty', () => {
    assert.deepEqual(read({}), { globals: DEFAULT_GLOBALS, settings: {}, diagnostics: [] });
  });

  it('has defaults that its own grammars take', () => {
    for (const { key, fallback, grammar } of SETTING_OF_KEY.values()) {
      if (fallback !== '') assert.ok(grammar(fallback).ok, `${key}: ${fallback}`);
    }
  });

  it('has every key once', () => {
    assert.equal(
      SETTING_GROUPS.reduce((sum, { settings }) => sum + settings.length, 0),
      SETTING_OF_KEY.size,
    );
    assert.ok(SETTING_OF_KEY.size > 150);
  });

  it('takes the defaults of ingress-nginx without a complaint, on both proxies', () => {
    for (const proxy of ['nginx', 'haproxy']) {
      const all = Object.fromEntries([...SETTING_OF_KEY.values()].map(({ key, fallback }) => [key, fallback]));
      assert.deepEqual(read(all, { proxy }).diagnostics, []);
      const { globals, settings, diagnostics } = read({}, { proxy, defaults: 'ingress-nginx' });
      assert.deepEqual(diagnostics, []);
      assert.equal(settings.hsts, 'max-age=31536000; includeSubDomains');
      assert.equal(settings.cutTrailingSlash, true);
      assert.deepEqual([globals.annotationsRiskLevel, globals.sslRedirect], ['High', true]);
      assert.equal(settings.upstreamKeepalive, undefined);
    }
  });

  it('leaves to the flags what it does not say', () => {
    assert.deepEqual(read({ 'proxy-body-size': '8M' }).settings, { maxBodySize: '8m' });
  });

  const hostile = [
    'a\nb',
    'a;b',
    'a}b',
    'a"b',
    "a'b",
    '$a',
    '%[src]',
    '${HOME}',
    'a\u0000b',
    'a\u2028b',
    'a\rb',
    '\\',
    'x'.repeat(5000),
  ];
  /** What may hold nearly anything: each is quoted, and these variables are none. */
  const texts = new Set([
    'annotation-value-word-blocklist',
    'block-user-agents',
    'block-referers',
    'log-format-upstream',
    'gzip-disable',
  ]);
  /** Variables are for the family of external authentication to judge. */
  const mayTake = (key: string, text: string) => key.startsWith('global-auth') && /^(?:\$a|\$\{HOME\}|\\)$/.test(text);
  const isUnsupported = ({ nginx, haproxy }: Setting<unknown>) =>
    nginx.status === 'unsupported' && haproxy.status === 'unsupported';

  function takesPlainly({ grammar }: Setting<unknown>, text: string): boolean {
    const parsed = grammar(text);
    return !parsed.ok || textsIn(parsed.value).every((item) => /^[\w./:+-]*$/.test(item));
  }

  it('takes nothing that could be more than a value', () => {
    const plain = [...SETTING_OF_KEY.values()].filter((setting) => !texts.has(setting.key) && !isUnsupported(setting));
    for (const setting of plain) {
      for (const text of hostile) {
        const isFine = takesPlainly(setting, text) || mayTake(setting.key, text);
        assert.ok(isFine, `${setting.key} takes ${JSON.stringify(text)}`);
      }
    }
    for (const key of ['log-format-upstream', 'block-user-agents', 'gzip-disable']) {
      for (const text of ['a\nb', 'a\u0000b', 'a\u2028b', 'a\rb', 'x'.repeat(5000)]) {
        assert.ok(
          SETTING_OF_KEY.get(key)?.grammar(text).ok === false,
          `${key} takes ${JSON.stringify(text.slice(0, 9))}`,
        );
      }
    }
  });

  it('names the nearest key for one that it does not have', () => {
    const [diagnostic, ...more] = read({ 'proxy-bodysize': '1m' }).diagnostics;
    assert.deepEqual(more, []);
    assert.match(diagnostic?.message ?? '', /did you mean proxy-body-size\?/);
    assert.deepEqual([diagnostic?.severity, diagnostic?.code], ['warning', 'UnknownSetting']);
  });

  it('takes a wrong value for the default of ingress-nginx, so that what shall be strict never becomes lax', () => {
    const { globals, diagnostics } = read({ 'annotations-risk-level': 'Sometimes' });
    assert.equal(globals.annotationsRiskLevel, 'High');
    assert.match(diagnostics[0]?.message ?? '', /taken as High/);
  });

  it('believes headers of a proxy in front as ingress-nginx does, and the port of the PROXY protocol, only when asked', () => {
    const { settings } = read({ 'use-forwarded-headers': 'true' });
    assert.equal(settings.forwardedAsTold, true);
    assert.equal(settings.portOfProxyProtocol, undefined);
    assert.equal(read({ 'use-proxy-protocol': 'true' }).settings.portOfProxyProtocol, true);
    assert.equal(read({ 'enable-real-ip': 'true' }).settings.forwardedAsTold, undefined);
  });

  it('takes sizes, times and parameters that would keep a proxy from starting for the nearest that do not', () => {
    const { settings, diagnostics } = read({
      'ssl-session-cache-size': '1g',
      'ssl-session-timeout': '0',
      'client-header-buffer-size': '1g',
      'large-client-header-buffers': '1 1',
      'proxy-buffer-size': '0',
      'proxy-max-temp-file-size': '1',
      'worker-shutdown-timeout': '9999999d',
      'access-log-params': 'flush=1s',
    });
    assert.equal(settings.tlsSessionCacheSize, '1048576k');
    assert.equal(settings.tlsSessionTimeout, 1);
    assert.equal(settings.clientHeaderBufferSize, '16384k');
    assert.deepEqual(settings.largeHeaderBuffers, { number: 1, size: '1k' });
    assert.equal(settings.proxyBufferSize, '1k');
    assert.equal(settings.proxyMaxTempFileSize, '16k');
    assert.equal(settings.workerShutdownTimeout, 2_000_000);
    assert.equal(settings.accessLogParameters, undefined);
    assert.deepEqual(
      diagnostics.map(({ code, field }) => `${code} ${field}`),
      ['InvalidSetting data[access-log-params]'],
    );
  });

  it('takes headers out of snippets, and no other directive', () => {
    const { settings } = read({
      'http-snippet': 'more_set_headers "X-A: 1" "X-B: $host";\nmore_clear_headers X-Gone;',
      'server-snippet': '# a comment\nadd_header x-a 2 always;',
    });
    assert.deepEqual(settings.responseHeaders, [
      { name: 'x-a', value: '2' },
      { name: 'X-B', value: '${host}' },
    ]);
    assert.deepEqual(settings.hiddenHeaders, ['X-Gone']);
    for (const text of ['return 418;', 'more_set_headers "X-A: 1"; alias /etc/;', 'add_header X-A "$nobody";', 'x']) {
      const refused = read({ 'location-snippet': text });
      assert.equal(refused.settings.responseHeaders, undefined);
      assert.equal(refused.diagnostics[0]?.code, 'InvalidSetting', text);
    }
  });

  it('lets nobody in by a list of which nothing is right', () => {
    assert.deepEqual(read({ 'whitelist-source-range': 'office' }).globals.allowedSources, ['0.0.0.0/32']);
    assert.deepEqual(read({ 'whitelist-source-range': 'office, 10.1.2.3/8' }).globals.allowedSources, ['10.0.0.0/8']);
  });

  it('tells of what a proxy cannot do, once, and only when it would make a difference', () => {
    const { diagnostics } = read({ 'enable-modsecurity': 'true', 'enable-brotli': 'true', 'use-geoip2': 'false' });
    assert.deepEqual(diagnostics.map(({ code, field }) => `${code} ${field}`).sort(), [
      'SettingUnsupported data[enable-brotli]',
      'SettingUnsupported data[enable-modsecurity]',
    ]);
    assert.deepEqual(read({ 'proxy-http-version': '1.1' }, { proxy: 'haproxy' }).diagnostics, []);
    assert.equal(read({ 'proxy-http-version': '1.0' }, { proxy: 'haproxy' }).diagnostics.length, 1);
  });

  it('keeps a global authentication that cannot be honoured, so that routes are closed', () => {
    const url = { 'global-auth-url': 'https://auth.example.com/check' };
    assert.equal(read(url, { proxy: 'haproxy' }).globals.externalAuth?.url, '');
    assert.equal(read({ 'global-auth-url': 'https://a/;}' }).globals.externalAuth?.url, '');
    assert.equal(read(url).globals.externalAuth?.url, url['global-auth-url']);
  });

  it('reads headers of another ConfigMap, and leaves out what is none', () => {
    const others = [
      configMap(
        { 'X-A': '$host', 'X-B': 'a\nb', 'Transfer-Encoding': 'chunked', 'X-C': '$ssl_client_raw_cert', 'X-D': '$uri' },
        'headers',
      ),
    ];
    const { settings, diagnostics } = read({ 'add-headers': 'edge/headers' }, { others });
    assert.deepEqual(settings.responseHeaders, [{ name: 'X-A', value: '${host}' }]);
    assert.deepEqual(
      diagnostics.map(({ field }) => field),
      ['data[Transfer-Encoding]', 'data[X-B]', 'data[X-C]', 'data[X-D]'],
    );
    assert.equal(read({ 'add-headers': 'edge/none' }).diagnostics.length, 1);
  });

  it('asks a source for the objects that it names', () => {
    const options = { ...OPTIONS, configMap: { namespace: 'edge', name: 'settings' } };
    const snapshot = snapshotOf(configMap({ 'add-headers': 'edge/headers', 'ssl-dh-param': 'edge/dh' }));
    const { ConfigMap: configMaps, Secret: secrets } = new ReferenceFinder().all(snapshot, options);
    assert.deepEqual([...configMaps].sort(), ['edge/headers', 'edge/settings']);
    assert.deepEqual([...secrets], ['edge/dh']);
  });

  it('decides what an Ingress refers to, from the first snapshot that has it', () => {
    const options = { ...OPTIONS, configMap: { namespace: 'edge', name: 'settings' } };
    const annotations = {
      'nginx.ingress.kubernetes.io/auth-type': 'basic',
      'nginx.ingress.kubernetes.io/auth-secret': 'other/users',
    };
    const web = ingress('web', { annotations, rules: [rule('a.example.com', path('/'))] });
    const finder = new ReferenceFinder();
    const secretsOf = (...objects: readonly KubernetesObject[]) => {
      const snapshot = snapshotOf(web, ...objects);
      return [[...finder.of(web, snapshot, options).Secret], [...finder.all(snapshot, options).Secret]];
    };
    assert.deepEqual(secretsOf(), [[], []]);
    const settings = configMap({ 'allow-cross-namespace-resources': 'true' });
    assert.deepEqual(secretsOf(settings), [['other/users'], ['other/users']]);
    assert.deepEqual(secretsOf(), [[], []]);
  });

  it('is read again when it, or what it names, changes, and is the same value otherwise', () => {
    const translate = createTranslator();
    const options = { ...OPTIONS, configMap: { namespace: 'edge', name: 'settings' } };
    const [settings, headers] = [configMap({ 'add-headers': 'edge/headers' }), configMap({ 'X-A': '1' }, 'headers')];
    const first = translate(snapshotOf(settings, headers), options).settings;
    assert.equal(translate(snapshotOf(settings, headers), options).settings, first);
    const changed = translate(snapshotOf(settings, configMap({ 'X-A': '2' }, 'headers')), options).settings;
    assert.equal(changed.responseHeaders?.[0]?.value, '2');
  });

  it('is told of when it does not exist', () => {
    const options = { ...OPTIONS, configMap: { namespace: 'edge', name: 'settings' } };
    const { diagnostics } = createTranslator()(snapshotOf(), options);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['ConfigMapMissing'],
    );
  });
});

describe('docs/config-map.md', () => {
  it('tells of every key what the table says; npm run docs writes it', async () => {
    assert.equal(await readPage('config-map.md'), await pageOfConfigMap());
  });
});
