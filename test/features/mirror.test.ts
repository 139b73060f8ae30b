import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

const TARGET = 'http://192.0.2.1/copy';

describe('the family mirror', () => {
  it('takes a URL, with its host as the host of the copy', () => {
    const { route } = ask({ annotations: { 'mirror-target': `${TARGET}$request_uri` } });
    const { uri, hostHeader, withBody } = route?.mirror ?? {};
    assert.deepEqual(
      { uri, hostHeader, withBody },
      { uri: '/copy$request_uri', hostHeader: '192.0.2.1', withBody: true },
    );
  });

  it('copies the path of the request where the URL has none', () => {
    assert.equal(ask({ annotations: { 'mirror-target': 'http://192.0.2.1' } }).route?.mirror?.uri, '$request_uri');
  });

  for (const text of [
    ...HOSTILE,
    'copy',
    'http://',
    'http://a..b',
    'http://$http_x/',
    'http://192.0.2.1/$uri',
    'http://copy.example.com/',
  ]) {
    it(`makes no copy for ${JSON.stringify(text).slice(0, 40)}, and closes nothing`, () => {
      const { route, told } = ask({ annotations: { 'mirror-target': text } });
      assert.equal(route, undefined);
      assert.match(told[0] ?? '', /^InvalidAnnotation: /);
    });
  }

  for (const text of HOSTILE.filter((item) => item !== '$remote_addr')) {
    it(`takes no host ${JSON.stringify(text).slice(0, 40)}`, () => {
      const { route, told } = ask({ annotations: { 'mirror-target': TARGET, 'mirror-host': text } });
      assert.equal(route?.mirror?.hostHeader, '192.0.2.1');
      assert.match(told[0] ?? '', /^InvalidAnnotation: /);
    });
  }

  it('cannot be honoured on HAProxy, and closes nothing', () => {
    const { route, told } = ask({ annotations: { 'mirror-target': TARGET }, proxy: 'haproxy' });
    assert.equal(route, undefined);
    assert.match(told[0] ?? '', /^AnnotationUnsupported: /);
  });
});
