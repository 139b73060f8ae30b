import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

const ON = { 'enable-cors': 'true' } as const;

describe('the family cors', () => {
  it('has the defaults of ingress-nginx', () => {
    const { route, told } = ask({ annotations: ON });
    const { id, ...cors } = route?.cors ?? {};
    assert.match(id ?? '', /^[0-9a-f]{16}$/);
    assert.deepEqual(cors, {
      origins: '*',
      methods: 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
      headers:
        'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
      exposeHeaders: undefined,
      credentials: true,
      maxAge: 1_728_000,
    });
    assert.deepEqual(told, []);
  });

  it('is nothing unless enable-cors is true', () => {
    for (const value of ['false', 'yes', '']) {
      assert.equal(ask({ annotations: { 'enable-cors': value, 'cors-allow-origin': '*' } }).route, undefined);
    }
  });

  it('makes expressions of origins', () => {
    const text = ' https://b.com , http://*.a.com:8080,null,,https://b.com';
    const { route, told } = ask({ annotations: { ...ON, 'cors-allow-origin': text } });
    assert.deepEqual(route?.cors?.origins, ['http://[A-Za-z0-9-]+\\.a\\.com:8080', 'https://b\\.com', 'null']);
    assert.deepEqual(told, []);
  });

  it('leaves out what is no origin, and says so', () => {
    const text = 'https://b.com,b.com,HTTP://c.com,https://a.*.com,https://*,ftp://d.com:x';
    const { route, told } = ask({ annotations: { ...ON, 'cors-allow-origin': text } });
    assert.deepEqual(route?.cors?.origins, ['https://b\\.com']);
    assert.match(told.join('\n'), /^AnnotationIgnored: "b\.com", "HTTP:[^\n]*no origin/);
  });

  it('never takes a list that is wrong for *', () => {
    for (const text of [...HOSTILE, 'b.com', '**', 'https://(.*)', 'https://a.com|https://b.com']) {
      const { route, told } = ask({ annotations: { ...ON, 'cors-allow-origin': text } });
      assert.equal(route, undefined, text);
      assert.notDeepEqual(told, [], text);
    }
  });

  it('takes * among others for all', () => {
    assert.equal(ask({ annotations: { ...ON, 'cors-allow-origin': 'https://a.com,*' } }).route?.cors?.origins, '*');
  });

  for (const key of ['cors-allow-methods', 'cors-allow-headers', 'cors-expose-headers', 'cors-max-age'] as const) {
    it(`takes ${key} that is wrong for its default`, () => {
      const usual = ask({ annotations: ON }).route?.cors;
      for (const text of [...HOSTILE, 'GET; drop']) {
        const { route, told } = ask({ annotations: { ...ON, [key]: text } });
        assert.deepEqual(route?.cors, usual, text);
        assert.match(told.join('\n'), /^InvalidAnnotation: /, text);
      }
    });
  }

  it('takes a long list of methods in no time', () => {
    const before = performance.now();
    ask({ annotations: { ...ON, 'cors-allow-methods': `${'a'.repeat(3000)}!` } });
    assert.ok(performance.now() - before < 1000);
  });
});
