import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

describe('the family firewall', () => {
  for (const proxy of ['nginx', 'haproxy'] as const) {
    it(`warns that requests are served without one on ${proxy}`, () => {
      const { route, told } = ask({ annotations: { 'enable-modsecurity': 'true' }, proxy });
      assert.equal(route, undefined);
      assert.match(told.join('\n'), /^AnnotationUnsupported: [^\n]*served WITHOUT the firewall/);
    });
  }

  it('says nothing about one that is turned off', () => {
    const annotations = {
      'enable-modsecurity': 'false',
      'enable-owasp-core-rules': 'true',
      'modsecurity-snippet': 'x',
    };
    assert.deepEqual(ask({ annotations }).told, []);
    assert.deepEqual(ask({ annotations: { 'enable-owasp-core-rules': 'false' } }).told, []);
  });

  it('warns whatever the text is', () => {
    for (const text of HOSTILE) {
      for (const key of ['enable-modsecurity', 'modsecurity-snippet', 'modsecurity-transaction-id']) {
        const { route, told } = ask({ annotations: { [key]: text } });
        assert.equal(route, undefined);
        assert.match(told.join('\n'), /^AnnotationUnsupported: /, text);
      }
    }
  });
});
