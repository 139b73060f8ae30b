import assert from 'node:assert/strict';
import { PROXY } from '../../src/features/proxy.ts';
import { answerBuffers } from '../../src/features/proxy/sizes.ts';
import { ask, HOSTILE, keysOf } from './guards-support.ts';

const tuning = (annotations: Readonly<Record<string, string>>) => ask({ annotations }).route?.proxy;

describe('the family proxy', () => {
  it('reads sizes as bytes and times as seconds', () => {
    const { route, told } = ask({
      annotations: {
        'proxy-body-size': '8M',
        'client-body-buffer-size': '16k',
        'proxy-connect-timeout': '1',
        'proxy-read-timeout': ' 120 ',
        'proxy-max-temp-file-size': '2g',
        'proxy-next-upstream': 'http_502  error http_502',
        'proxy-next-upstream-tries': '0',
      },
    });
    const proxy = route?.proxy;
    assert.equal(proxy?.bodySize, 8 * 1024 ** 2);
    assert.equal(proxy.clientBodyBufferSize, 16_384);
    assert.deepEqual([proxy.connectTimeout, proxy.readTimeout], [1, 120]);
    assert.equal(proxy.maxTempFileSize, 2 * 1024 ** 3);
    assert.deepEqual(proxy.nextUpstream, ['error', 'http_502']);
    assert.equal(proxy.nextUpstreamTries, 0);
    assert.deepEqual(told, []);
  });

  it('makes buffers that nginx takes of whatever is asked for', () => {
    for (const size of [undefined, 256, 4096, 65_536]) {
      for (const count of [undefined, 2, 3, 4, 100]) {
        for (const busy of [undefined, 1, 4096, 10_000, 10_000_000]) {
          const buffers = answerBuffers({ size, count, busy });
          assert.ok(buffers.count >= 2);
          assert.ok(buffers.busy >= buffers.size, JSON.stringify(buffers));
          assert.ok(buffers.busy <= (buffers.count - 1) * buffers.size, JSON.stringify(buffers));
        }
      }
    }
    assert.deepEqual(tuning({ 'proxy-buffer-size': '8k' })?.buffers, { size: 8192, count: 4, busy: 16_384 });
  });

  it('takes what all have where an Ingress says only one of the two', () => {
    const globals = { proxyBufferSize: '16k', proxyBuffersNumber: 8 };
    const { route } = ask({ annotations: { 'proxy-busy-buffers-size': '32k' }, globals });
    assert.deepEqual(route?.proxy?.buffers, { size: 16_384, count: 8, busy: 32_768 });
  });

  it('never makes a file smaller than a buffer', () => {
    assert.equal(tuning({ 'proxy-max-temp-file-size': '1' })?.maxTempFileSize, 8192);
    assert.equal(tuning({ 'proxy-max-temp-file-size': '0' })?.maxTempFileSize, 0);
    const large = { 'proxy-max-temp-file-size': '9k', 'proxy-buffer-size': '1m' };
    assert.equal(tuning(large)?.maxTempFileSize, 1024 ** 2);
  });

  it('reads replacements', () => {
    const proxy = tuning({
      'proxy-cookie-domain': 'a.com  .b.com',
      'proxy-cookie-path': '~/x?y /',
      'proxy-redirect-from': 'http://a/',
      'proxy-redirect-to': '/b',
    });
    assert.deepEqual(proxy?.cookieDomain, { from: 'a.com', to: '.b.com' });
    assert.deepEqual(proxy.cookiePath, { from: '~/x?y', to: '/' });
    assert.deepEqual(proxy.redirect, { from: 'http://a/', to: '/b' });
    assert.equal(tuning({ 'proxy-cookie-path': 'off' })?.cookiePath, 'off');
    assert.equal(tuning({ 'proxy-redirect-from': 'default', 'proxy-redirect-to': '/b' })?.redirect, 'off');
  });

  it('says that half of a redirect is of no use', () => {
    for (const key of ['proxy-redirect-from', 'proxy-redirect-to']) {
      const { route, told } = ask({ annotations: { [key]: 'http://a/' } });
      assert.equal(route, undefined);
      assert.match(told.join('\n'), /^AnnotationIgnored: [^\n]*only work together$/);
    }
  });

  it('retries what is not idempotent only when a reason to retry is there', () => {
    assert.deepEqual(tuning({ 'proxy-next-upstream': 'non_idempotent' })?.nextUpstream, ['off']);
    assert.deepEqual(tuning({ 'proxy-next-upstream': 'error off' })?.nextUpstream, ['off']);
    const { route } = ask({ annotations: { 'proxy-next-upstream': 'error' }, globals: { retryNonIdempotent: true } });
    assert.deepEqual(route?.proxy?.nextUpstream, ['error', 'non_idempotent']);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    'proxy-body-size': ['-1', '1.5m', '10mb', '1t'],
    'proxy-connect-timeout': ['0', '-1', '5s', '15a'],
    'proxy-buffer-size': ['0', '1', '255', '1g'],
    'proxy-buffers-number': ['0', '1', '1000000'],
    'proxy-cookie-domain': ['a', 'a b c', '~ b'],
    'proxy-cookie-path': ['/a', '/a /b /c', '~?x /'],
    'proxy-redirect-from': ['~?', 'a b'],
    'proxy-next-upstream': ['http_418', 'error,timeout'],
    'proxy-http-version': ['2', '1.1;'],
    'proxy-buffering': ['ON', 'true'],
  };
  for (const key of keysOf(PROXY)) {
    it(`takes ${key} that is wrong for what holds anyway`, () => {
      for (const text of [...HOSTILE, ...(wrong[key] ?? [])]) {
        const { route, told } = ask({ annotations: { [key]: text } });
        assert.equal(route, undefined, text);
        assert.match(told.join('\n'), /^InvalidAnnotation: /, text);
      }
    });
  }
});
