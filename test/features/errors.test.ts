import assert from 'node:assert/strict';
import { ERRORS } from '../../src/features/errors.ts';
import { NO_ROUTE_FEATURES } from '../../src/model/features.ts';
import type { Service } from '../../src/model/objects.ts';
import type { Target } from '../../src/model/routing.ts';
import { metadata } from '../support/objects.ts';
import { ask, HOSTILE, type Answered } from './guards-support.ts';

const PORT = { name: 'http', port: 8080, protocol: 'TCP', targetPort: 80, nodePort: undefined, appProtocol: undefined };
const UPSTREAM: Target = { type: 'upstream', upstream: 'shop_pages_8080', available: true, externalName: undefined };
const FALLBACK: Target = { type: 'status', status: 404 };

function pages(annotations: Readonly<Record<string, string>>, target: Target = UPSTREAM, ports = [PORT]): Answered {
  const service: Service = {
    kind: 'Service',
    metadata: metadata('pages'),
    type: 'ClusterIP',
    clusterIP: '10.0.0.1',
    ports,
  } as unknown as Service;
  const lookup = {
    service: (_: string, name: string) => (name === 'pages' ? service : undefined),
    target: () => target,
  };
  return ask({ annotations, lookup });
}

function refined({ route }: Answered) {
  const facts = { host: 'a', path: '/', match: 'prefix', service: undefined, fallback: FALLBACK } as const;
  return ERRORS.refine?.({ ...NO_ROUTE_FEATURES, ...route }, facts).errors;
}

describe('the family errors', () => {
  it('reads codes, sorted, each once', () => {
    const answered = pages({ 'custom-http-errors': '503, 404,404,499,' });
    assert.deepEqual(answered.route?.errors?.codes, [404, 503]);
    assert.deepEqual(refined(answered)?.backend, FALLBACK);
    assert.deepEqual(answered.told, []);
  });

  it('takes the first port of the default backend', () => {
    const errors = refined(pages({ 'custom-http-errors': '404', 'default-backend': 'pages' }));
    assert.equal(errors?.backend, UPSTREAM);
    assert.equal(errors.standIn, UPSTREAM);
  });

  it('uses no default backend that has no endpoint', () => {
    const empty: Target = { ...UPSTREAM, available: false };
    const annotations = { 'custom-http-errors': '404', 'default-backend': 'pages' };
    assert.deepEqual(refined(pages(annotations, empty))?.backend, FALLBACK);
    assert.equal(pages({ 'default-backend': 'pages' }, empty).route, undefined);
  });

  it('says when there is no such Service, or it has no port', () => {
    for (const answered of [
      pages({ 'default-backend': 'none' }),
      pages({ 'default-backend': 'pages' }, UPSTREAM, []),
    ]) {
      assert.equal(answered.route, undefined);
      assert.match(answered.told.join('\n'), /^InvalidAnnotation: [^\n]*Service with a port/);
    }
  });

  it('takes what is wrong for nothing', () => {
    for (const text of [...HOSTILE, '200', '404;', '40', '600', '4040', ',', '404 or 500']) {
      for (const key of ['custom-http-errors', 'default-backend']) {
        const { route, told } = pages({ [key]: text });
        assert.equal(route, undefined, text);
        assert.match(told.join('\n'), /^InvalidAnnotation: /, text);
      }
    }
  });

  it('replaces for all what the ConfigMap lists, and for one what it lists itself', () => {
    const globals = { customHttpErrors: [500], disableProxyInterceptErrors: true };
    const all = ask({ annotations: {}, globals }).route?.errors;
    assert.deepEqual([all?.codes, all?.ownErrorsOnly], [[500], true]);
    const own = { 'custom-http-errors': '404', 'disable-proxy-intercept-errors': 'false' };
    const one = ask({ annotations: own, globals }).route?.errors;
    assert.deepEqual([one?.codes, one?.ownErrorsOnly], [[404], false]);
    assert.equal(ask({ annotations: {}, globals, proxy: 'haproxy' }).route, undefined);
  });
});
