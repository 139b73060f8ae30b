import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

const zone = (annotations: Readonly<Record<string, string>>, uid = ''): string | undefined =>
  ask({ annotations, uid }).route?.limits?.zone;

describe('the family limits', () => {
  it('reads numbers', () => {
    const { route, told } = ask({
      annotations: {
        'limit-rps': '5',
        'limit-rpm': '+60',
        'limit-connections': '10',
        'limit-burst-multiplier': '3',
        'limit-rate': '100',
        'limit-rate-after': '7',
        'limit-whitelist': '10.0.0.0/8,::1',
      },
    });
    const { zone: name, source, ...limits } = route?.limits ?? {};
    assert.match(name ?? '', /^limit_[0-9a-f]{16}$/);
    assert.deepEqual(source?.object.name, 'web');
    assert.deepEqual(limits, {
      perSecond: 5,
      perMinute: 60,
      connections: 10,
      burstMultiplier: 3,
      exempt: { v4: ['10.0.0.0/8'], v6: ['::1'] },
      rate: 100,
      rateAfter: 7,
    });
    assert.deepEqual(told, []);
  });

  for (const key of ['limit-rps', 'limit-rpm', 'limit-connections', 'limit-rate']) {
    it(`takes ${key} that is wrong for no limit`, () => {
      for (const text of [...HOSTILE, '-1', '1.5', '5r/s', '0x10', '1e3', '9999999999', '５']) {
        const { route, told } = ask({ annotations: { [key]: text } });
        assert.equal(route, undefined, text);
        assert.match(told.join('\n'), /^InvalidAnnotation: [^\n]*; taken as no limit$/);
      }
    });
  }

  it('is nothing when every limit is 0', () => {
    const annotations = {
      'limit-rps': '0',
      'limit-rate': '0',
      'limit-burst-multiplier': '2',
      'limit-whitelist': '10.0.0.1',
    };
    assert.equal(ask({ annotations }).route, undefined);
  });

  it('takes an exemption that is wrong for none', () => {
    for (const text of HOSTILE) {
      const { route } = ask({ annotations: { 'limit-rps': '1', 'limit-allowlist': text } });
      assert.equal(route?.limits?.exempt, undefined);
      assert.equal(route?.limits?.perSecond, 1);
    }
  });

  it('has another zone for other counters, and for another Ingress of the same name', () => {
    const zones = [
      zone({ 'limit-rps': '1' }),
      zone({ 'limit-rps': '2' }),
      zone({ 'limit-rpm': '1' }),
      zone({ 'limit-rps': '1', 'limit-burst-multiplier': '2' }),
      zone({ 'limit-rps': '1', 'limit-whitelist': '10.0.0.1' }),
      zone({ 'limit-rps': '1' }, 'e1c7'),
    ];
    assert.equal(new Set(zones).size, zones.length);
    assert.equal(zone({ 'limit-rps': '1' }), zone({ 'limit-rps': '1', 'limit-rate': '5' }));
  });

  it('has the rate of the ConfigMap where an Ingress has none of its own', () => {
    const globals = { limitRate: 10, limitRateAfter: 20 };
    const { route } = ask({ annotations: {}, globals });
    assert.deepEqual([route?.limits?.rate, route?.limits?.rateAfter], [10, 20]);
    assert.equal(ask({ annotations: { 'limit-rate': '5' }, globals }).route?.limits?.rate, 5);
    assert.equal(ask({ annotations: {}, globals, proxy: 'haproxy' }).route, undefined);
    assert.equal(ask({ annotations: {}, globals, proxy: 'haproxy', version: '3.2.26' }).route?.limits?.rate, 10);
  });

  it('says what HAProxy cannot do', () => {
    const annotations = { 'limit-rate': '5', 'limit-rate-after': '5' };
    const old = ask({ annotations, proxy: 'haproxy' });
    assert.equal(old.route, undefined);
    assert.equal(old.told.length, 2);
    const { route, told } = ask({ annotations, proxy: 'haproxy', version: '3.2.26' });
    assert.equal(route?.limits?.rate, 5);
    assert.match(told.join('\n'), /^AnnotationUnsupported: not honoured on haproxy: the limit of HAProxy holds/);
  });
});
