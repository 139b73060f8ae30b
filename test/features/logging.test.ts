import assert from 'node:assert/strict';
import { ask, HOSTILE } from './guards-support.ts';

describe('the family logging', () => {
  it('asks for something only where it differs from what is usual', () => {
    assert.equal(ask({ annotations: { 'enable-access-log': 'true', 'enable-rewrite-log': 'false' } }).route, undefined);
    const { route } = ask({ annotations: { 'enable-access-log': 'F', 'enable-rewrite-log': 'T' } });
    assert.deepEqual(route?.logging, { access: false, rewrite: true });
  });

  it('takes what is wrong for what is usual', () => {
    for (const text of HOSTILE) {
      assert.equal(ask({ annotations: { 'enable-access-log': text, 'enable-rewrite-log': text } }).route, undefined);
    }
  });
});
