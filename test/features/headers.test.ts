import assert from 'node:assert/strict';
import { HEADERS } from '../../src/features/headers.ts';
import type { RouteFacts } from '../../src/features/family.ts';
import { NO_ROUTE_FEATURES } from '../../src/model/features.ts';
import type { ConfigMap } from '../../src/model/objects.ts';
import type { RequestHeaders } from '../../src/model/route-features/headers.ts';
import { metadata } from '../support/objects.ts';
import { ask, HOSTILE, type Answered } from './guards-support.ts';

const FACTS: RouteFacts = {
  host: 'a.example.com',
  path: '/',
  match: 'regex',
  service: { namespace: 'shop', name: 'web', port: '80' },
  fallback: { type: 'status', status: 404 },
};

function refined(requestHeaders: RequestHeaders, facts: Partial<RouteFacts> = {}): RequestHeaders | undefined {
  return HEADERS.refine?.({ ...NO_ROUTE_FEATURES, requestHeaders }, { ...FACTS, ...facts }).requestHeaders;
}

function custom(data: Readonly<Record<string, string>>, name = 'extra', allowed = ['x-one', 'x-two']): Answered {
  const map: ConfigMap = { kind: 'ConfigMap', metadata: metadata('extra'), data };
  const lookup = {
    configMap: (namespace: string, wanted: string) => (`${namespace}/${wanted}` === 'shop/extra' ? map : undefined),
  };
  return ask({ annotations: { 'custom-headers': name }, globals: { allowedResponseHeaders: allowed }, lookup });
}

describe('the family headers', () => {
  it('fills in what it knows of a host, and leaves what the request says', () => {
    const { route, told } = ask({ annotations: { 'upstream-vhost': '$service_name.$namespace:${service_port}' } });
    assert.equal(route?.requestHeaders?.host, '${service_name}.shop:${service_port}');
    assert.deepEqual(told, []);
    const usual = { forwardedPrefix: undefined, connection: undefined };
    const host = '${service_name}.shop:${service_port}';
    assert.equal(refined({ ...usual, host })?.host, 'web.shop:80');
    assert.equal(refined({ ...usual, host: 'x-${host}' })?.host, 'x-${host}');
    assert.equal(refined({ ...usual, host }, { service: undefined })?.host, '.shop:');
  });

  it('refuses hosts with other variables and other characters', () => {
    const wrong = ['$uri', '$ssl_client_cert', '$', 'a$', '${host', '{}', '$1', 'a b', 'a/b?'];
    for (const text of [...HOSTILE.filter((item) => item !== '$remote_addr'), ...wrong]) {
      const { route, told } = ask({ annotations: { 'upstream-vhost': text } });
      assert.equal(route, undefined, text);
      assert.match(told.join('\n'), /^InvalidAnnotation: /, text);
    }
  });

  it('refuses prefixes with variables, and connections of other kinds', () => {
    for (const text of [...HOSTILE, '/$0', '/$x', '/${1}', '/a$']) {
      assert.equal(ask({ annotations: { 'x-forwarded-prefix': text } }).route, undefined, text);
    }
    for (const text of [...HOSTILE, 'Close', 'upgrade', 'a;}']) {
      assert.equal(ask({ annotations: { 'connection-proxy-header': text } }).route, undefined, text);
    }
  });

  it('drops a prefix where nothing is rewritten', () => {
    assert.equal(refined({ host: undefined, forwardedPrefix: '/x', connection: undefined }), undefined);
  });

  it('reads headers by name', () => {
    const { route, told } = custom({ 'X-Two': ' b ', 'X-One': '$5 "100%"' });
    assert.deepEqual(route?.responseHeaders, {
      set: [
        { name: 'X-One', value: '$5 "100%"' },
        { name: 'X-Two', value: 'b' },
      ],
      pushPreload: false,
    });
    assert.deepEqual(told, []);
  });

  const closing: readonly (readonly [string, Answered, RegExp])[] = [
    ['is not there', custom({}, 'other'), /shop\/other does not exist/],
    ['is in another namespace', custom({}, 'kube-system/extra'), /another namespace/],
    ['sets a header that is not allowed', custom({ 'X-Three': 'c' }), /sets X-Three, which global/],
    [
      'sets one that says how a message is sent',
      custom({ 'Content-Length': '1' }, 'extra', ['content-length']),
      /belongs/,
    ],
    ['has a name that is none', custom({ 'X One': '1' }), /no name of a header/],
    ['has a line break in a value', custom({ 'X-One': 'a\nb' }), /no value/],
    ['has a value beyond ASCII', custom({ 'X-One': 'é' }), /no value/],
    ['has an empty value', custom({ 'X-One': '' }), /no value/],
  ];
  for (const [what, answered, reason] of closing) {
    it(`closes the route when the ConfigMap ${what}`, () => {
      assert.match(answered.route?.closed ?? '', reason);
      assert.equal(answered.route?.responseHeaders, undefined);
      assert.match(answered.told.join('\n'), /^RouteClosed: /);
    });
  }

  it('closes the route when the name of the ConfigMap is wrong', () => {
    for (const text of HOSTILE)
      assert.notEqual(ask({ annotations: { 'custom-headers': text } }).route?.closed, undefined);
  });
});
