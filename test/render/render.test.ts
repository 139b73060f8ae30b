import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import { formatDiagnostic } from '../../src/model/diagnostics.ts';
import { NO_HOST_FEATURES } from '../../src/model/features.ts';
import type { Host, RoutingModel } from '../../src/model/routing.ts';
import { loadPack, type Renderer } from '../../src/render/render.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, SETTINGS, snapshotOf } from '../support/objects.ts';
import { diffLines } from '../support/cases.ts';
import { nginx, nginxRenderer, shippedPack } from '../support/pack.ts';
import { backend, ingress, path, rule, service, slice } from '../translate/world.ts';
import { certificate, host, modelOf, packOf, packWith, rendererOf, route, sourceOf, upstream } from './packs.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const TWO_CERTIFICATES = [certificate('aa', PEM), certificate('bb', PEM.replace('MIIB', 'MIIC'))];

function textOf(bundle: ConfigBundle, file: string): string {
  const found = bundle.files.get(file);
  if (found === undefined) throw new Error(`there is no ${file}, only ${[...bundle.files.keys()].join(', ')}`);
  return found.text;
}

describe('the files of a bundle', () => {
  it('are those of the outputs, sorted by path, secret where the pack says so', () => {
    const outputs = [
      { path: 'z.conf', template: 'z.hbs' },
      { path: 'certs/{id}.pem', template: 'c.hbs', each: 'certificate', secret: true },
      { path: 'a.conf', template: 'a.hbs', each: 'host' },
    ];
    const pack = packWith(outputs, {
      'z.hbs': 'z',
      'c.hbs': '{{pem certificate.pem}}',
      'a.hbs': '[{{word host.kind}}]',
    });
    const { bundle } = rendererOf(pack)(
      modelOf({ hosts: [host(''), host('a')], certificates: TWO_CERTIFICATES }),
      SETTINGS,
    );
    assert.deepEqual(
      [...bundle.files.values()].map(({ path: name, text, secret }) => [name, text, secret]),
      [
        ['a.conf', '[default][exact]', false],
        ['certs/aa.pem', PEM, true],
        ['certs/bb.pem', PEM.replace('MIIB', 'MIIC'), true],
        ['z.conf', 'z', false],
      ],
    );
  });

  it('exist although there is no item for them', () => {
    const { bundle } = rendererOf(packOf('{{word upstream.id}}', {}, 'upstream'))(modelOf(), SETTINGS);
    assert.equal(textOf(bundle, 'out'), '');
  });

  it('show templates the settings, the proxy and the model', () => {
    const pack = packOf('{{word proxy.version}} {{number settings.httpPort}} {{number (count hosts)}}');
    assert.equal(textOf(rendererOf(pack, '1.30.0')(modelOf(), SETTINGS).bundle, 'out'), '1.30.0 8080 1');
  });

  it('use the partials of the pack that was loaded, not of another one', () => {
    const [one, two] = ['one', 'two'].map((text) => rendererOf(packOf('{{> part}}', { 'partials/part.hbs': text })));
    assert.equal(one && textOf(one(modelOf(), SETTINGS).bundle, 'out'), 'one');
    assert.equal(two && textOf(two(modelOf(), SETTINGS).bundle, 'out'), 'two');
  });
});

describe('the digest of a bundle', () => {
  const outputs = [
    { path: 'a.conf', template: 'a.hbs' },
    { path: 'generation', template: 'g.hbs', stamp: true },
  ];
  const templates = { 'a.hbs': '{{number settings.httpPort}}', 'g.hbs': '{{number generation}}' };
  const bundleOf = (files = templates, list: readonly object[] = outputs, settings = SETTINGS) =>
    rendererOf(packWith(list, files))(modelOf(), settings).bundle;

  it('is the same for the same texts', () => assert.equal(bundleOf().digest, bundleOf().digest));

  it('does not depend on the generation, of which only stamped files know', () => {
    const bundle = bundleOf();
    assert.deepEqual([...bundle.files.keys()], ['a.conf']);
    assert.deepEqual(bundle.stamp(7), [{ path: 'generation', text: '7' }]);
    assert.deepEqual(bundle.stamp(8), [{ path: 'generation', text: '8' }]);
  });

  const changes: readonly { readonly name: string; readonly bundle: () => ConfigBundle }[] = [
    { name: 'a text', bundle: () => bundleOf(templates, outputs, { ...SETTINGS, httpPort: 81 }) },
    {
      name: 'the template of a stamped file',
      bundle: () => bundleOf({ ...templates, 'g.hbs': 'n{{number generation}}' }),
    },
    { name: 'a path', bundle: () => bundleOf(templates, [{ path: 'b.conf', template: 'a.hbs' }, ...outputs.slice(1)]) },
    {
      name: 'what is secret',
      bundle: () => bundleOf(templates, [{ path: 'a.conf', template: 'a.hbs', secret: true }, ...outputs.slice(1)]),
    },
    { name: 'that a file is gone', bundle: () => bundleOf(templates, outputs.slice(0, 1)) },
  ];
  for (const { name, bundle } of changes) {
    it(`tells of ${name}`, () => assert.notEqual(bundle().digest, bundleOf().digest));
  }
});

describe('a file for hosts with features only', () => {
  it('passes over all others', () => {
    const outputs = [{ path: 'out', template: 'out.hbs', each: 'host', featured: true }];
    const pack = packWith(outputs, { 'out.hbs': '{{word host.name}};' });
    const hosts = [host('a'), host('b', { features: NO_HOST_FEATURES }), host('c')];
    assert.equal(textOf(rendererOf(pack)(modelOf({ hosts }), SETTINGS).bundle, 'out'), 'b;');
  });
});

describe('an item that a template cannot express', () => {
  const FAILING = '{{nginxString host.name}}\n';

  it('is left out and told, and its neighbours stay', () => {
    const hosts = [host('a'), host('b$'), host('c\n'), host('d')];
    const { bundle, diagnostics } = rendererOf(packOf(FAILING, {}, 'host'))(modelOf({ hosts }), SETTINGS);
    assert.equal(textOf(bundle, 'out'), '"a"\n"d"\n');
    assert.deepEqual(diagnostics.map(formatDiagnostic), [
      'error RenderFailed Ingress shop/b$: template out.hbs cannot express it (RangeError: nginx cannot express "$" in "b$"); it is not served',
      'error RenderFailed Ingress shop/c\n: template out.hbs cannot express it (RangeError: control character in "c\\n"); it is not served',
    ]);
  });

  it('is left out of every file when one of them cannot express it: half of a host would serve what it should not', () => {
    const outputs = [
      { path: 'names', template: 'names.hbs', each: 'host' },
      { path: 'words', template: 'words.hbs', each: 'host' },
    ];
    const templates = { 'names.hbs': '{{nginxString host.name}};', 'words.hbs': '{{word host.name}};' };
    const hosts = [host('a'), host('b c'), host('d')];
    const { bundle, diagnostics } = rendererOf(packWith(outputs, templates))(modelOf({ hosts }), SETTINGS);
    assert.deepEqual([textOf(bundle, 'names'), textOf(bundle, 'words')], ['"a";"d";', 'a;d;']);
    assert.equal(diagnostics.length, 1);
  });

  it('is left out when its template names a field that is not there', () => {
    const pack = packOf('{{#if (eq host.name "b")}}{{word host.nothing}}{{/if}}{{word host.name}};', {}, 'host');
    const { bundle, diagnostics } = rendererOf(pack)(modelOf({ hosts: [host('a'), host('b'), host('c')] }), SETTINGS);
    assert.equal(textOf(bundle, 'out'), 'a;c;');
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['RenderFailed'],
    );
  });

  it('is told every time, and rendered again when it changes', () => {
    const render = rendererOf(packOf(FAILING, {}, 'host'));
    const bad = host('b$');
    const good = host('a');
    const rounds = [1, 2].map(() => render(modelOf({ hosts: [good, bad] }), SETTINGS));
    assert.deepEqual(
      rounds.map((round) => [textOf(round.bundle, 'out'), round.diagnostics.length]),
      [
        ['"a"\n', 1],
        ['"a"\n', 1],
      ],
    );
    const { bundle, diagnostics } = render(modelOf({ hosts: [good, host('b')] }), SETTINGS);
    assert.equal(textOf(bundle, 'out'), '"a"\n"b"\n');
    assert.deepEqual(diagnostics, []);
  });

  it('that no object asked for is a defect of the pack, and thrown', () => {
    const pack = packOf('{{nginxString "$"}}', {}, 'host');
    const wanted = {
      name: 'TemplateFailure',
      message: /^RangeError: nginx cannot/,
      file: 'out.hbs',
      line: 1,
      column: 1,
    };
    assert.throws(() => rendererOf(pack)(modelOf(), SETTINGS), wanted);
  });

  it('is never let through for its control characters, whichever helper writes them', () => {
    const render = rendererOf(packOf('# {{comment host.name}}\n', {}, 'host'));
    const { bundle } = render(modelOf({ hosts: [host('a\u0001\u0002\u0003\n; }')] }), SETTINGS);
    assert.equal(textOf(bundle, 'out'), '# a????; }\n');
  });
});

describe('a renderer that is used again and again', () => {
  const someHosts = fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
    .chain((names) =>
      fc.tuple(
        ...names
          .toSorted()
          .map((name) =>
            fc
              .subarray(['/x', '/y'])
              .map((paths) => host(name, { routes: [...paths, '/'].map((text) => route(text, sourceOf(name))) })),
          ),
      ),
    );

  it('gives what a fresh one gives', async () => {
    const pack = loadPack(await shippedPack('nginx'));
    const settings = fc.constantFrom(SETTINGS, { ...SETTINGS, httpPort: 81 });
    fc.assert(
      fc.property(fc.array(fc.tuple(someHosts, settings), { minLength: 1, maxLength: 6 }), (rounds) => {
        const render = pack.rendererFor(nginx('1.22.1'));
        for (const [hosts, current] of rounds) {
          const model = modelOf({ hosts: [host(''), ...hosts] });
          assert.deepEqual(
            contentsOf(render, model, current),
            contentsOf(pack.rendererFor(nginx('1.22.1')), model, current),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does not render again what is the same value', () => {
    let reads = 0;
    const counted: Host = {
      ...host('a'),
      get name(): string {
        reads += 1;
        return 'a';
      },
    };
    const render = rendererOf(packOf('{{word host.kind}}{{#if (eq host.name "a")}}{{/if}}', {}, 'host'));
    const first = readsOf(() => render(modelOf({ hosts: [counted] }), SETTINGS));
    const second = readsOf(() => render(modelOf({ hosts: [counted] }), SETTINGS));
    const third = readsOf(() => render(modelOf({ hosts: [counted] }), { ...SETTINGS, httpPort: 81 }));
    assert.ok(first > second, 'kept');
    assert.equal(third, first, 'not kept when the settings change');

    function readsOf(run: () => void): number {
      const before = reads;
      run();
      return reads - before;
    }
  });
});

function contentsOf(render: Renderer, model: RoutingModel, settings: typeof SETTINGS): object {
  const { bundle, diagnostics } = render(model, settings);
  return { files: [...bundle.files.values()], digest: bundle.digest, stamped: bundle.stamp(1), diagnostics };
}

describe('the nginx configuration', () => {
  it('is byte for byte the same for the same objects in any order', async () => {
    const pack = loadPack(await shippedPack('nginx'));
    const objects = [
      ...['b', 'a', 'c'].map((name) =>
        ingress(name, {
          rules: [rule(`${name}.example.com`, '/', path('/x', 'Exact', backend('api'))), rule('h', `/${name}`)],
        }),
      ),
      ingress('all', { defaultBackend: backend('web') }),
      service('web'),
      service('api'),
      ...['1', '2'].map((number) => slice('web', [`10.0.0.${number}`, '10.0.1.1'], { name: `web-${number}` })),
      slice('api', ['fd00::2', 'fd00::1', 'bad']),
    ];
    const digestOf = (list: typeof objects) => {
      const { model } = createTranslator()(snapshotOf(...list), OPTIONS);
      return pack.rendererFor(nginx('1.22.1'))(model, SETTINGS).bundle.digest;
    };
    const wanted = digestOf(objects);
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (list) => {
        assert.equal(digestOf(list), wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('uses of newer versions what they have', async () => {
    const linesOf = async (version: string) => {
      const { bundle } = (await nginxRenderer(version))(modelOf({ upstreams: [upstream('shop_web_80')] }), SETTINGS);
      return [...bundle.files.values()].flatMap(({ text }) => text.split('\n'));
    };
    assert.deepEqual(diffLines(await linesOf('1.22.1'), await linesOf('1.30.0')), [
      '-    listen 127.0.0.1:8443 ssl http2 default_server;',
      '+    listen 127.0.0.1:8443 ssl default_server;',
      '-# Written by sluice for nginx 1.22.1. Do not edit: it is replaced at every change.',
      '+# Written by sluice for nginx 1.30.0. Do not edit: it is replaced at every change.',
      '+    # At a reload, an idle connection stays open so long that no client sends into one that is being closed.',
      '+    keepalive_min_timeout 2s;',
      '+    http2 on;',
    ]);
  });

  it('never holds a value that is not quoted, wherever it comes from', async () => {
    const render = await nginxRenderer('1.22.1');
    const evil = '/x"; } evil { # \\';
    const routes = [route(evil, sourceOf('a', '\n}')), route(`${evil}/`, sourceOf('b'), { match: 'exact' })];
    const { bundle } = render(
      modelOf({ hosts: [host(''), host('h"', { routes })], upstreams: [upstream('a"b_c_1')] }),
      SETTINGS,
    );
    const text = textOf(bundle, 'hosts.conf') + textOf(bundle, 'upstreams.conf');
    const unquoted = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/#.*/g, '');
    assert.doesNotMatch(unquoted, /evil/);
    assert.match(text, /location = "\/x\\"; \} evil \{ # \\\\" \{/);
  });
});
