import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

const LISTS = ['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range'] as const;

describe('the family access', () => {
  it('takes addresses and CIDRs of both families, sorted, each once', () => {
    const { route } = ask({
      annotations: { 'whitelist-source-range': ' 192.0.2.1 ,10.1.2.3/8,,2001:DB8::1/32,::1,10.0.0.0/8' },
    });
    assert.deepEqual(route?.access?.allow, { v4: ['10.0.0.0/8', '192.0.2.1'], v6: ['2001:db8::/32', '::1'] });
    assert.equal(route.access.deny, undefined);
    assert.equal(route.closed, undefined);
  });

  for (const key of LISTS) {
    for (const text of [
      ...HOSTILE,
      'all',
      '10.0.0.0/33',
      '10.1',
      '10.0.0.0/8 deny',
      '::/129',
      ',',
      'localhost',
      '-10.0.0.1',
    ]) {
      it(`closes the route for ${key}: ${JSON.stringify(text).slice(0, 40)}`, () => {
        const { route, told } = ask({ annotations: { [key]: text } });
        assert.notEqual(route?.closed, undefined);
        assert.match(told.join('\n'), /^InvalidAnnotation: /);
      });
      it(`closes the route for ${key}: 127.0.0.1,${JSON.stringify(text).slice(0, 40)}`, () => {
        if (text === ',') return;
        assert.notEqual(ask({ annotations: { [key]: `127.0.0.1,${text}` } }).route?.closed, undefined);
      });
    }
  }

  it('has the lists of the ConfigMap where an Ingress has none of its own', () => {
    const globals = { allowedSources: ['10.0.0.0/8', '::1'], deniedSources: ['10.0.0.1'] };
    const { route } = ask({ annotations: { 'whitelist-source-range': '192.0.2.1' }, globals });
    assert.deepEqual(route?.access?.allow, { v4: ['192.0.2.1'], v6: [] });
    assert.deepEqual(route.access.deny, { v4: ['10.0.0.1'], v6: [] });
    const plain = ask({ annotations: { other: 'x' }, globals });
    assert.deepEqual(plain.route?.access?.allow, { v4: ['10.0.0.0/8'], v6: ['::1'] });
  });

  it('takes no list without end', () => {
    const many = Array.from({ length: 2001 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`).join();
    assert.match(ask({ annotations: { 'denylist-source-range': many } }).route?.closed ?? '', /more than 2000/);
  });

  it('takes an empty text for none', () => {
    assert.equal(ask({ annotations: { 'whitelist-source-range': '' } }).route, undefined);
  });

  it('takes a satisfy that is wrong for the stricter of the two', () => {
    for (const text of ['Any', 'any;', 'none', ...HOSTILE]) {
      const { route, told } = ask({ annotations: { satisfy: text, 'denylist-source-range': '10.0.0.1' } });
      assert.equal(route?.access?.satisfy, undefined);
      assert.match(told[0] ?? '', /InvalidAnnotation: .*; taken as all/);
    }
  });
});
