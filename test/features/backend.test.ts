import assert from 'node:assert/strict';
import { BACKEND } from '../../src/features/backend.ts';
import type { FeatureContext } from '../../src/features/family.ts';
import { DEFAULT_GLOBALS } from '../../src/features/globals.ts';
import { readFeatures } from '../../src/features/read-features.ts';
import { selectAnnotations } from '../../src/features/reader.ts';
import { makeCertificate } from '../support/certificates.ts';
import { metadata } from '../support/objects.ts';
import { ask, HOSTILE, keysOf, secret } from './guards-support.ts';

const AUTHORITY = makeCertificate({ names: [], commonName: 'clients', authority: true });
const OWN = makeCertificate({ names: [], commonName: 'proxy', issuer: AUTHORITY });
const ALL = secret('own', { 'tls.crt': OWN.certificate, 'tls.key': OWN.key, 'ca.crt': AUTHORITY.certificate });
const HTTPS = { 'backend-protocol': 'HTTPS' } as const;

describe('the protocol of endpoints', () => {
  it('is one of those that are known, in upper or lower case', () => {
    for (const [text, type] of [
      ['HTTPS', 'https'],
      ['grpc', 'grpc'],
      ['Grpcs', 'grpcs'],
      ['AUTO_HTTP', 'auto-http'],
    ] as const) {
      assert.equal(ask({ annotations: { 'backend-protocol': text } }).route?.protocol?.type, type);
    }
  });

  it('is HTTP when nothing else is known', () => {
    for (const text of ['HTTP', 'http', 'SPDY', 'HTTPS GRPC', ...HOSTILE]) {
      assert.equal(ask({ annotations: { 'backend-protocol': text } }).route, undefined, text.slice(0, 20));
    }
  });

  it('gives upstreams of their own to routes that speak another one', () => {
    const speaks = (annotations: Readonly<Record<string, string>>) =>
      ask({ annotations, secrets: [ALL] }).upstream?.speaks;
    const ids = [
      speaks({}),
      speaks(HTTPS),
      speaks({ 'backend-protocol': 'GRPC' }),
      speaks({ ...HTTPS, 'proxy-ssl-name': 'a.example.com' }),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is closed on HAProxy when it depends on the client', () => {
    const { route } = ask({ annotations: { 'backend-protocol': 'AUTO_HTTP' }, proxy: 'haproxy' });
    assert.notEqual(route?.closed, undefined);
  });
});

describe('TLS to endpoints', () => {
  const tls = (annotations: Readonly<Record<string, string>>, secrets = [ALL]) => {
    const { route, ...rest } = ask({ annotations: { ...HTTPS, ...annotations }, secrets });
    return { ...rest, closed: route?.closed, tls: route?.backendTls };
  };

  it('shows and verifies what the Secret has', () => {
    const { tls: found, files, told } = tls({ 'proxy-ssl-secret': 'shop/own', 'proxy-ssl-verify': 'on' });
    assert.deepEqual(found, {
      certificate: 'file.pem',
      authorities: 'file.pem',
      verify: true,
      verifyDepth: 1,
      ciphers: undefined,
      protocols: ['TLSv1.2', 'TLSv1.3'],
      name: undefined,
      serverName: false,
    });
    assert.deepEqual(files.map(({ text }) => text).sort(), [AUTHORITY.certificate, OWN.certificate + OWN.key].sort());
    assert.deepEqual(told, []);
  });

  it('calls endpoints by the name of their Service, unless another is given', () => {
    const { route } = ask({ annotations: { ...HTTPS, 'proxy-ssl-server-name': 'on' } });
    assert.ok(route !== undefined && BACKEND.refine !== undefined);
    const service = { namespace: 'shop', name: 'web', port: '80' };
    const facts = { host: '', path: '/', match: 'prefix', service, fallback: { type: 'status', status: 404 } } as const;
    assert.equal(BACKEND.refine(route, facts).backendTls?.name, 'web.shop.svc');
  });

  const STRANGER = makeCertificate({ names: [], commonName: 'stranger' });
  const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    nothing: {},
    'a certificate without key': { 'tls.crt': OWN.certificate },
    'the key of another one': { 'tls.crt': OWN.certificate, 'tls.key': STRANGER.key },
    'no PEM': { 'ca.crt': 'hello' },
    'a certificate that is none': { 'tls.crt': 'hello', 'tls.key': OWN.key, 'ca.crt': AUTHORITY.certificate },
  };
  for (const [what, data] of Object.entries(BROKEN)) {
    it(`closes the route when the Secret has ${what}`, () => {
      const { closed, told } = tls({ 'proxy-ssl-secret': 'shop/own' }, [secret('own', data)]);
      assert.match(closed ?? '', /^Secret shop\/own has /);
      assert.ok(!told.join().includes('PRIVATE KEY'));
    });
  }

  it('closes the route when the Secret is not there, or one of another namespace', () => {
    for (const name of ['shop/nowhere', 'other/own', '../own', 'x y']) {
      assert.notEqual(tls({ 'proxy-ssl-secret': name }).closed, undefined, name);
    }
  });

  it('closes the route when endpoints cannot be verified as asked', () => {
    assert.notEqual(tls({ 'proxy-ssl-verify': 'on' }).closed, undefined);
    for (const text of ['yes', 'ON', ...HOSTILE]) {
      assert.notEqual(tls({ 'proxy-ssl-secret': 'shop/own', 'proxy-ssl-verify': text }).closed, undefined, text);
    }
  });

  it('never has a hostile text in a value', () => {
    for (const key of keysOf(BACKEND)) {
      for (const text of HOSTILE) {
        const { tls: found } = tls({ 'proxy-ssl-secret': 'shop/own', [key]: text });
        const isPlain = /^x+$/.test(text) && key === 'proxy-ssl-secret';
        assert.ok(
          isPlain || !JSON.stringify(found ?? '').includes(JSON.stringify(text)),
          `${key} ${text.slice(0, 20)}`,
        );
      }
    }
  });

  it('takes the names of versions one by one', () => {
    for (const [text, versions] of [
      ['TLSv1.3', ['TLSv1.3']],
      ['TLSv1.3  TLSv1.2', ['TLSv1.2', 'TLSv1.3']],
      ['TLSv1.1', ['TLSv1.2', 'TLSv1.3']],
      ['SSLv3 TLSv1.2', ['TLSv1.2', 'TLSv1.3']],
    ] as const) {
      assert.deepEqual(tls({ 'proxy-ssl-protocols': text }).tls?.protocols, versions, text);
    }
  });

  it('is told to be of no use to endpoints that speak HTTP', () => {
    const { route, told } = ask({ annotations: { 'proxy-ssl-name': 'a.example.com' } });
    assert.equal(route, undefined);
    assert.match(told.join(), /^AnnotationIgnored/);
  });
});

/** What an Ingress shop/web gets for the parameters in a ConfigMap. */
function fastCgi(data: Readonly<Record<string, string>>, name = 'parameters') {
  const annotations = {
    'sluice.dev/backend-protocol': 'FCGI',
    'sluice.dev/fastcgi-index': 'index.php',
    'sluice.dev/fastcgi-params-configmap': name,
  };
  const ingress = {
    kind: 'Ingress',
    metadata: metadata('web', { annotations }),
    ingressClassName: undefined,
    defaultBackend: undefined,
    tls: [],
    rules: [],
  } as const;
  const context: FeatureContext = {
    ingress,
    globals: DEFAULT_GLOBALS,
    proxy: { name: 'nginx', version: '1.22.1', modules: [], families: ['*'] },
    hasResolver: false,
    lookup: {
      secret: () => undefined,
      configMap: (namespace, found) =>
        found === 'parameters' ? { kind: 'ConfigMap', metadata: metadata(found, { namespace }), data } : undefined,
      service: () => undefined,
      target: () => ({ type: 'status', status: 503 }),
      upstreamOfHost: () => undefined,
      addFile: () => '',
    },
  };
  return readFeatures(selectAnnotations(annotations, ['sluice.dev']), context).route;
}

describe('FastCGI', () => {
  it('has parameters with variables that say something of the request', () => {
    const data = { SCRIPT_FILENAME: '/srv$fastcgi_script_name', 'APP.ENV': 'a-${host}', EMPTY: '' };
    assert.deepEqual(fastCgi(data)?.protocol, {
      type: 'fcgi',
      index: 'index.php',
      scriptRoot: '/srv',
      parameters: [
        { name: 'APP.ENV', value: 'a-${host}' },
        { name: 'EMPTY', value: '' },
        { name: 'SCRIPT_FILENAME', value: '/srv${fastcgi_script_name}' },
      ],
    });
  });

  it('closes the route for a parameter that cannot be used', () => {
    const wrong = ['$ssl_client_raw_cert', '$http', '$', '${host', 'a b', '$sluice_host', ...HOSTILE];
    for (const text of wrong.filter((item) => item !== '$remote_addr')) {
      assert.notEqual(fastCgi({ PARAMETER: text })?.closed, undefined, text.slice(0, 20));
    }
    for (const name of ['A B', 'A;', '', 'A\nB']) {
      assert.notEqual(fastCgi({ [name]: 'x' })?.closed, undefined, name);
    }
  });

  it('closes the route when the ConfigMap is not there, or one of another namespace', () => {
    for (const name of ['nowhere', 'other/parameters']) assert.notEqual(fastCgi({}, name)?.closed, undefined, name);
  });
});
