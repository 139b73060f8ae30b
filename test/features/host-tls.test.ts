import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

describe('TLS of a host', () => {
  it('has ciphers of its own', () => {
    for (const text of ['HIGH:!aNULL', 'ECDHE-RSA-AES256-GCM-SHA384', 'DEFAULT:@SECLEVEL=2', '!aNULL:HIGH:@STRENGTH']) {
      assert.equal(ask({ annotations: { 'ssl-ciphers': text } }).host?.tls?.ciphers, text);
    }
  });

  it('takes nothing for a list of ciphers that is none', () => {
    const wrong = ['HIGH ALL', 'HIGH;ALL', '@SECLEVEL=9', 'A]B', `${'A'.repeat(50_000)}@`, ...HOSTILE];
    for (const text of wrong.filter((item) => !/^x+$/.test(item))) {
      const { host, told } = ask({ annotations: { 'ssl-ciphers': text } });
      assert.equal(host, undefined, text.slice(0, 20));
      assert.match(told.join(), /^InvalidAnnotation/);
    }
  });

  it('chooses among ciphers on nginx', () => {
    const annotations = { 'ssl-prefer-server-ciphers': 'true' };
    assert.equal(ask({ annotations }).host?.tls?.preferServerCiphers, true);
    const haproxy = ask({ annotations, proxy: 'haproxy' });
    assert.equal(haproxy.host, undefined);
    assert.match(haproxy.told.join(), /^AnnotationUnsupported/);
  });

  it('is never ended where it is to be passed through', () => {
    for (const proxy of ['nginx', 'haproxy'] as const) {
      for (const text of ['true', '1', 'yes', 'a;b']) {
        const { route } = ask({ annotations: { 'ssl-passthrough': text }, proxy });
        assert.notEqual(route?.closed, undefined, `${proxy} ${text}`);
      }
      const { route, told } = ask({ annotations: { 'ssl-passthrough': 'false' }, proxy });
      assert.equal(route, undefined);
      assert.deepEqual(told, []);
    }
  });
});
