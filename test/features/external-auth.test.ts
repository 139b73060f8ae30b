import assert from 'node:assert/strict';
import type { FeatureContext } from '../../src/features/family.ts';
import { EXTERNAL_AUTH } from '../../src/features/external-auth.ts';
import { withWayBack } from '../../src/features/external-auth/settings.ts';
import { DEFAULT_GLOBALS, type GlobalAuth, type Globals } from '../../src/features/globals.ts';
import { featuresOfRoute, readFeatures, type IngressFeatures } from '../../src/features/read-features.ts';
import { selectAnnotations } from '../../src/features/reader.ts';
import type { RouteFeatures } from '../../src/model/features.ts';
import { metadata } from '../support/objects.ts';
import { HOSTILE } from './guards-support.ts';

const URL = 'http://auth.tools.svc.cluster.local:8080/verify';

interface World {
  readonly globals?: Partial<Globals>;
  readonly hasResolver?: boolean;
  readonly told?: Readonly<Record<string, string>>;
  readonly proxy?: 'nginx' | 'haproxy';
  readonly snippets?: FeatureContext['snippets'];
}

/** What an Ingress asks for in a cluster with the Service tools/auth, port 8080, and the ConfigMap shop/told. */
function ask(annotations: Readonly<Record<string, string>>, world: World = {}): IngressFeatures {
  const { globals = {}, hasResolver = false, told, proxy = 'nginx', snippets } = world;
  const given = Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`sluice.dev/${key}`, text]));
  const meta = metadata('web', { annotations: given });
  const ingress = { kind: 'Ingress', metadata: meta, tls: [], rules: [] } as const;
  const context: FeatureContext = {
    ingress: { ...ingress, ingressClassName: undefined, defaultBackend: undefined },
    globals: { ...DEFAULT_GLOBALS, ...globals },
    ...(snippets === undefined ? {} : { snippets }),
    proxy: { name: proxy, version: '2.6.12', modules: [], families: ['*'] },
    hasResolver,
    lookup: {
      secret: () => undefined,
      configMap: (namespace, name) =>
        told !== undefined && name === 'told'
          ? { kind: 'ConfigMap', metadata: metadata('told', { namespace }), data: told }
          : undefined,
      service: () => undefined,
      target: () => ({ type: 'status', status: 503 }),
      upstreamOfHost: (host, port) =>
        host === 'auth.tools.svc.cluster.local' && port === 8080 ? 'tools_auth_8080' : undefined,
      addFile: () => '',
    },
  };
  return readFeatures(selectAnnotations(given, ['sluice.dev']), context);
}

function route(asked: IngressFeatures, host: string, path = '/'): RouteFeatures | undefined {
  const fallback = { type: 'status', status: 404 } as const;
  return featuresOfRoute(asked, [], { host, path, match: 'prefix', service: undefined, fallback });
}

describe('the family external-auth', () => {
  it('finds the Service of a URL', () => {
    const { route: found } = ask({ 'auth-url': `${URL}?a=$arg_b` });
    const { scheme, host, port, uri, upstream } = found?.externalAuth ?? {};
    assert.deepEqual(
      { scheme, host, port, uri, upstream },
      {
        scheme: 'http',
        host: 'auth.tools.svc.cluster.local',
        port: 8080,
        uri: '/verify?a=$arg_b',
        upstream: 'tools_auth_8080',
      },
    );
  });

  it('takes addresses as they are, and other names with a DNS server only', () => {
    assert.equal(ask({ 'auth-url': 'https://192.0.2.1' }).route?.externalAuth?.port, 443);
    assert.equal(ask({ 'auth-url': 'https://192.0.2.1' }).route?.externalAuth?.uri, '/');
    assert.match(ask({ 'auth-url': 'https://auth.example.com/x' }).route?.closed ?? '', /--resolver/);
    assert.equal(ask({ 'auth-url': 'https://auth.example.com/x' }, { hasResolver: true }).route?.closed, undefined);
  });

  it('takes $host for the host of the route, and closes a route for any host', () => {
    const asked = ask({ 'auth-url': 'https://$host/auth' }, { hasResolver: true });
    assert.equal(route(asked, 'a.example.com')?.externalAuth?.host, 'a.example.com');
    assert.equal(route(asked, '*.example.com')?.externalAuth?.host, '$host');
    assert.equal(route(asked, '')?.externalAuth, undefined);
    assert.notEqual(route(asked, '')?.closed, undefined);
  });

  it('lets anybody into no-auth-locations only', () => {
    const asked = ask({ 'auth-url': URL });
    assert.equal(route(asked, 'a.example.com', '/.well-known/acme-challenge/x')?.externalAuth, undefined);
    assert.notEqual(route(asked, 'a.example.com', '/.well-known/acme')?.externalAuth, undefined);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    'auth-url': [
      'auth',
      'ftp://a/b',
      'http://',
      'http:///x',
      'http://a..b/',
      'http://a:0/',
      'http://a:65536/',
      'http://a:x/',
      'http://u@h/',
      'http://$http_x/',
      'http://a$request_uri',
      'http://10.0.0/',
      'http://10.0.0.1/$uri',
      'http://10.0.0.1/$http_x',
      'http://10.0.0.1/$',
      'http://10.0.0.1/{x}',
      'http://10.0.0.1/a b',
      'http://x.com/#;}}}\nssl_engine /proc/self/fd/1;\n#',
    ],
    'auth-signin': ['javascript:x', '//evil.example.com', 'x', 'http://a/$uri', 'http://a/$document_root'],
    'auth-signin-redirect-param': ['a&b', 'a=b', 'a b'],
    'auth-response-headers': ['X User', 'Host', 'Connection', 'X-Forwarded-For', 'a:b', '\u212a'],
    'auth-method': ['get', 'GET POST', 'GET;}', 'xGET'],
    'auth-request-redirect': ['http://a/$uri'],
    'auth-always-set-cookie': ['maybe', 'yes'],
    'auth-cache-key': ['$document_root', '$', '$ssl_client_raw_cert'],
    'auth-cache-duration': ['200', '5m 200', '200 5ms', '600 5m', '200 5m;', 'x'].filter((text) => text !== '200 5'),
    'auth-proxy-set-headers': ['../x', 'other/told', 'missing'],
    'auth-keepalive': ['x', '1.5'],
    'auth-keepalive-share-vars': ['maybe'],
    'auth-snippet': ['deny all;', 'x', 'proxy_set_header A b;'],
  };
  for (const [key, texts] of Object.entries(wrong)) {
    for (const text of [...texts, ...HOSTILE.filter((item) => key !== 'auth-cache-key' || item !== '$remote_addr')]) {
      it(`closes the route for ${key}: ${JSON.stringify(text).slice(0, 40)}`, () => {
        const told = { 'X-A': 'b' };
        if (key === 'auth-request-redirect' && text === '$remote_addr') return;
        const { route: found } = ask({ 'auth-url': URL, [key]: text }, { told });
        assert.notEqual(found?.closed, undefined);
        assert.equal(found?.externalAuth, undefined);
      });
    }
  }

  for (const value of ['a\nb', 'a\rb', 'a\0b', 'a\u2028b', '$document_root', '$uri', '$', '\u00e9', 'x'.repeat(5000)]) {
    it(`closes the route for a header ${JSON.stringify(value).slice(0, 40)}`, () => {
      const annotations = { 'auth-url': URL, 'auth-proxy-set-headers': 'told' };
      const { route: found, diagnostics } = ask(annotations, { told: { 'X-A': value } });
      assert.notEqual(found?.closed, undefined);
      assert.ok(diagnostics.every(({ message }) => !message.includes('document_root;')));
    });
  }

  const ALLOWED = { snippets: [{ namespace: 'shop', directives: [] }] } as const;
  const HEADER = '\n\t\t\t\tproxy_set_header My-Custom-Header 42;';

  it('takes headers of auth-snippet where snippets are allowed, before those of the ConfigMap', () => {
    const annotations = { 'auth-url': URL, 'auth-snippet': `${HEADER} proxy_set_header X-Ns "$namespace $host";` };
    const told = { 'auth-proxy-set-headers': 'told' };
    const found = ask({ ...annotations, ...told }, { ...ALLOWED, told: { 'x-ns': 'x', 'X-A': 'b' } }).route
      ?.externalAuth;
    assert.deepEqual(found?.requestHeaders, [
      { name: 'My-Custom-Header', value: '42' },
      { name: 'X-A', value: 'b' },
      { name: 'X-Ns', value: 'shop ${host}' },
    ]);
    const globals = { allowSnippetAnnotations: true, annotationsRiskLevel: 'Critical' } as const;
    assert.equal(ask(annotations, { globals }).route?.externalAuth?.requestHeaders.length, 2);
  });

  for (const text of [
    'proxy_set_header A b; deny all;',
    'proxy_pass http://evil;',
    'proxy_set_header A $document_root;',
    'proxy_set_header A $uri;',
    'proxy_set_header Content-Length 5;',
    'proxy_set_header Transfer-Encoding chunked;',
    'proxy_set_header A "b\nc";',
    'if ($host) { return 200; }',
  ]) {
    it(`closes the route for the auth-snippet ${JSON.stringify(text)}, also where snippets are allowed`, () => {
      const { route: found } = ask({ 'auth-url': URL, 'auth-snippet': text }, ALLOWED);
      assert.notEqual(found?.closed, undefined);
      assert.equal(found?.externalAuth, undefined);
    });
  }

  it('says that auth-snippet without auth-url asks nobody', () => {
    const { route: found, diagnostics } = ask({ 'auth-snippet': HEADER }, ALLOWED);
    assert.deepEqual([found, diagnostics.map(({ code }) => code)], [undefined, ['AnnotationIgnored']]);
  });

  it('adds the way back to a URL once', () => {
    const back = '=$pass_access_scheme://$best_http_host$escaped_request_uri';
    assert.equal(withWayBack('http://a/b', 'rd'), `http://a/b?rd${back}`);
    assert.equal(withWayBack('http://a/b?', 'rd'), `http://a/b?rd${back}`);
    assert.equal(withWayBack('http://a/b?c=d', 'rd'), `http://a/b?c=d&rd${back}`);
    assert.equal(withWayBack('http://a/b?c=d&rd=x', 'rd'), 'http://a/b?c=d&rd=x');
    assert.equal(withWayBack('http://a/b?rd=', 'rd'), `http://a/b?rd=&rd${back}`);
  });

  it('closes every route on HAProxy that asks', () => {
    assert.match(ask({ 'auth-url': URL }, { proxy: 'haproxy' }).route?.closed ?? '', /HAProxy cannot ask/);
  });

  it('says that nobody is asked without a URL', () => {
    const { route: found, diagnostics } = ask({ 'auth-signin': 'http://a/b' });
    assert.equal(found, undefined);
    assert.equal(diagnostics[0]?.code, 'AnnotationIgnored');
  });
});

describe('the global service of external-auth', () => {
  const auth: GlobalAuth = {
    url: URL,
    method: undefined,
    signin: undefined,
    signinRedirectParameter: undefined,
    responseHeaders: ['X-User'],
    requestRedirect: undefined,
    cacheKey: undefined,
    cacheDurations: [],
    alwaysSetCookie: false,
  };

  it('decides where there is no auth-url', () => {
    const globals = { externalAuth: auth };
    assert.equal(EXTERNAL_AUTH.isGlobal?.({ ...DEFAULT_GLOBALS, ...globals }), true);
    assert.deepEqual(ask({}, { globals }).route?.externalAuth?.responseHeaders, ['X-User']);
    assert.equal(ask({ 'auth-url': 'http://192.0.2.1/own' }, { globals }).route?.externalAuth?.uri, '/own');
    assert.equal(ask({ 'enable-global-auth': 'false' }, { globals }).route, undefined);
    assert.notEqual(ask({ 'enable-global-auth': 'maybe' }, { globals }).route?.externalAuth, undefined);
  });

  it('closes every route when it cannot be asked, but those that nobody has to log in for', () => {
    const at = (asked: IngressFeatures, path: string) =>
      featuresOfRoute(asked, [], {
        host: 'a.example.com',
        path,
        match: 'prefix',
        service: undefined,
        fallback: { type: 'status', status: 404 },
      });
    for (const globals of [
      { externalAuth: { ...auth, url: '' } },
      { externalAuth: { ...auth, url: 'http://nobody/' } },
      { externalAuth: { ...auth, method: 'get' } },
    ]) {
      const asked = ask({}, { globals });
      assert.notEqual(at(asked, '/')?.closed, undefined);
      assert.equal(at(asked, '/')?.externalAuth, undefined);
      assert.equal(at(asked, '/.well-known/acme-challenge/x')?.closed, undefined);
      assert.equal(asked.diagnostics[0]?.code, 'RouteClosed');
      assert.equal(ask({ 'enable-global-auth': 'false' }, { globals }).route, undefined);
    }
    const asked = ask({}, { globals: { externalAuth: auth }, proxy: 'haproxy' });
    assert.notEqual(at(asked, '/')?.closed, undefined);
    assert.equal(at(asked, '/.well-known/acme-challenge')?.closed, undefined);
    const open = ask({ 'enable-global-auth': 'false' }, { globals: { externalAuth: auth }, proxy: 'haproxy' });
    assert.equal(open.route, undefined);
  });
});
