import assert from 'node:assert/strict';
import { ask } from './guards-support.ts';

const ALL = {
  'enable-opentelemetry': 'true',
  'opentelemetry-trust-incoming-span': 'true',
  'opentelemetry-operation-name': 'shop',
};

describe('the family tracing', () => {
  for (const proxy of ['nginx', 'haproxy'] as const) {
    it(`says for each key that ${proxy} does not trace`, () => {
      const { route, told } = ask({ annotations: ALL, proxy });
      assert.equal(route, undefined);
      assert.equal(told.length, 3);
      for (const line of told) assert.match(line, /^AnnotationUnsupported: /);
    });
  }

  it('says nothing about spans that are turned off', () => {
    assert.deepEqual(ask({ annotations: { ...ALL, 'enable-opentelemetry': 'false' } }).told, []);
  });
});
