import assert from 'node:assert/strict';
import type { Route } from '../../src/model/routing.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, problemsOf, rule, tlsSecret, translate, WEB } from '../translate/world.ts';

const KEY = 'nginx.ingress.kubernetes.io';
const HOST = 'a.example.com';

function world(annotations: Readonly<Record<string, string>>, hasTls = false, host = HOST) {
  const prefixed = Object.entries(annotations).map(([key, value]) => [`${KEY}/${key}`, value] as const);
  const tls = hasTls ? [{ hosts: [host], secretName: 'gone' }] : [];
  const web = ingress('web', { annotations: Object.fromEntries(prefixed), rules: [rule(host, '/')], tls });
  return [web, ...WEB];
}

function routeOf(...parameters: Parameters<typeof world>): Route {
  const route = translate(world(...parameters)).model.hosts.find(({ name }) => name === HOST)?.routes[0];
  assert.ok(route !== undefined);
  return route;
}

const CODES: readonly (readonly [key: string, text: string, status: number])[] = [
  ['permanent', '300', 300],
  ['permanent', '308', 308],
  ['permanent', '309', 301],
  ['permanent', '299', 301],
  ['permanent', 'x', 301],
  ['permanent', '', 301],
  ['temporal', '307', 307],
  ['temporal', '308', 302],
  ['temporal', '-302', 302],
];

const LOCATIONS: readonly (readonly [key: string, text: string, isTaken: boolean])[] = [
  ['permanent', 'https://new.example.com/a?b=c&d', true],
  ['permanent', '/relative', true],
  ['permanent', 'https://x.com/;} location /e { alias /; } #', false],
  ['permanent', 'http://something.com/#;\nournewinjection', false],
  ['permanent', 'http://x.com/\rSet-Cookie:a', false],
  ['permanent', 'http://x.com/$request_uri', false],
  ['permanent', 'http://x.com/%[env(PATH)]', false],
  ['permanent', 'http://x.com/"', false],
  ['permanent', `http://x.com/${'a'.repeat(2000)}`, false],
  ['permanent', 'http://x.com/\u2028a', false],
  ['temporal', 'http://new.example.com', true],
  ['temporal', 'HTTPS://new.example.com', true],
  ['temporal', '/relative', false],
  ['temporal', 'javascript:alert', false],
];

describe('redirects', () => {
  for (const [key, text, status] of CODES) {
    it(`${key}-redirect-code ${JSON.stringify(text)} is ${status}`, () => {
      const route = routeOf({ [`${key}-redirect`]: 'https://b.example.com', [`${key}-redirect-code`]: text });
      assert.equal(route.features?.redirect?.status, status);
    });
  }

  for (const [key, text, isTaken] of LOCATIONS) {
    it(`${key}-redirect ${isTaken ? 'takes' : 'refuses'} ${JSON.stringify(text)}`, () => {
      const annotations = { [`${key}-redirect`]: text };
      assert.equal(routeOf(annotations).features?.redirect?.location, isTaken ? text : undefined);
      const problems = isTaken
        ? []
        : [`InvalidAnnotation Ingress shop/web metadata.annotations[${KEY}/${key}-redirect]`];
      assert.deepEqual(problemsOf(translate(world(annotations))), problems);
    });
  }
});

const HTTPS: readonly (readonly [annotations: Readonly<Record<string, string>>, hasTls: boolean, want: string])[] = [
  [{ 'ssl-redirect': 'false' }, true, 'no, plain'],
  [{ 'ssl-redirect': 'true' }, true, 'yes, cut'],
  [{ 'ssl-redirect': 'true' }, false, 'no, plain'],
  [{ 'ssl-redirect': 'maybe' }, true, 'yes, plain'],
  [{ 'ssl-redirect': 'false', 'force-ssl-redirect': 'true' }, false, 'yes, cut'],
  [{ 'force-ssl-redirect': '1' }, false, 'yes, cut'],
  [{ 'force-ssl-redirect': 'false' }, true, 'yes, cut'],
  [{ 'preserve-trailing-slash': 'true' }, true, 'yes, whole'],
  [{ 'preserve-trailing-slash': 'true' }, false, 'no, plain'],
];

describe('the redirect to https', () => {
  for (const [annotations, hasTls, want] of HTTPS) {
    it(`with ${JSON.stringify(annotations)} on a host ${hasTls ? 'with' : 'without'} TLS: ${want}`, () => {
      const { redirectToHttps, features } = routeOf(annotations, hasTls);
      const redirect = features?.httpsRedirect;
      const how = redirect === undefined ? 'plain' : redirect.keepTrailingSlash ? 'whole' : 'cut';
      assert.equal(`${redirectToHttps ? 'yes' : 'no'}, ${how}`, want);
      if (how === 'plain') assert.equal(features, undefined);
    });
  }

  it('is on for one Ingress where it is off for all', () => {
    const options = { redirectToHttps: false };
    const routes = (annotations: Readonly<Record<string, string>>) =>
      translate(world(annotations, true), options).model.hosts.find(({ name }) => name === HOST)?.routes[0];
    assert.equal(routes({ 'ssl-redirect': 'true' })?.redirectToHttps, true);
    assert.equal(routes({})?.redirectToHttps, false);
  });
});

describe('from-to-www-redirect', () => {
  const twinOf = (objects: ReturnType<typeof world>, host = HOST) =>
    translate(objects).model.hosts.find(({ name }) => name === host)?.features?.redirectFrom;
  const ON = { 'from-to-www-redirect': 'true' };

  it('takes www away, or puts it in front', () => {
    assert.deepEqual(twinOf(world(ON)), { name: 'www.a.example.com', certificate: undefined });
    const www = 'www.example.com';
    assert.deepEqual(twinOf(world(ON, false, www), www), { name: 'example.com', certificate: undefined });
  });

  it('leaves hosts and other names of hosts alone', () => {
    const own = ingress('own', { rules: [rule('www.a.example.com', '/')] });
    assert.equal(twinOf([...world(ON), own]), undefined);
    const annotations = { [`${KEY}/server-alias`]: 'www.a.example.com' };
    const alias = ingress('alias', { annotations, rules: [rule('z.example.com', '/')] });
    assert.equal(twinOf([...world(ON), alias]), undefined);
  });

  it('has no effect on a wildcard', () => {
    assert.equal(twinOf(world(ON, false, '*.example.com'), '*.example.com'), undefined);
  });

  it('presents the certificate of the host when it covers the twin, too', () => {
    const covering = tlsSecret('gone', makeCertificate({ names: [HOST, 'www.a.example.com'] }));
    const other = tlsSecret('gone', makeCertificate({ names: [HOST] }));
    assert.match(twinOf([...world(ON, true), covering])?.certificate ?? '', /^[0-9a-f]{32}$/);
    assert.equal(twinOf([...world(ON, true), other])?.certificate, undefined);
  });
});

describe('app-root', () => {
  for (const [text, want] of [
    ['/foo', '/foo'],
    ['foo', undefined],
    ['/$host', undefined],
    ['/a;}', undefined],
    ['//evil\n', '//evil'],
  ] as const) {
    it(`makes ${want ?? 'nothing'} of ${JSON.stringify(text)}`, () => {
      const { model } = translate(world({ 'app-root': text }));
      assert.equal(model.hosts.find(({ name }) => name === HOST)?.features?.appRoot, want);
    });
  }
});
