import assert from 'node:assert/strict';
import { cutNote, eventBody, eventName, noticeOf } from '../../../src/report/cluster/event-body.ts';
import { ingressRef, problemOf } from './support.ts';

const REPORTER = { controller: 'sluice.dev/ingress-controller', instance: 'sluice-1' };
const NOW = new Date(Date.UTC(2026, 10, 24, 11, 0, 0, 7));

function noticeAbout(name: string): ReturnType<typeof noticeOf> {
  const object = ingressRef(name);
  return noticeOf(problemOf(object), object, 'uid-1');
}

describe('the note of an Event', () => {
  const rows: readonly { readonly name: string; readonly text: string; readonly want: string }[] = [
    { name: 'stays as it is when it fits', text: 'é'.repeat(512), want: 'é'.repeat(512) },
    {
      name: 'is cut before a character that does not fit',
      text: `${'x'.repeat(1020)}ééé`,
      want: `${'x'.repeat(1020)}…`,
    },
    { name: 'is not cut within a character outside of the BMP', text: '😀'.repeat(300), want: `${'😀'.repeat(255)}…` },
    { name: 'has no control characters', text: 'a\u0000\r\nb\u001b[31m\u0085c\u2028d', want: 'a b [31m c d' },
    { name: 'has no lone surrogates', text: 'a\ud800b', want: 'a\ufffdb' },
  ];
  for (const { name, text, want } of rows) {
    it(name, () => {
      assert.equal(cutNote(text), want);
      assert.ok(Buffer.byteLength(cutNote(text)) <= 1024);
    });
  }
});

describe('an Event', () => {
  it('regards the object, and says what, where and by whom', () => {
    const body = eventBody(noticeAbout('web'), REPORTER, NOW);
    assert.deepEqual(body, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'shop', name: eventName(noticeAbout('web')) },
      eventTime: '2026-11-24T11:00:00.007000Z',
      reportingController: 'sluice.dev/ingress-controller',
      reportingInstance: 'sluice-1',
      regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'web', uid: 'uid-1' },
      type: 'Warning',
      reason: 'InvalidHost',
      action: 'Translate',
      note: 'spec.rules[0].host: is wrong',
    });
  });

  it('has a name of at most 253 characters that the API server takes', () => {
    assert.match(eventName(noticeAbout('web')), /^web\.[0-9a-f]{16}$/);
    const long = eventName(noticeAbout(`${'x'.repeat(235)}-${'y'.repeat(17)}`));
    assert.match(long, /^x{235}\.[0-9a-f]{16}$/);
    assert.ok(eventName(noticeAbout('x'.repeat(253))).length === 253);
  });

  it('has another name for another object, field or message, and the same for the same', () => {
    const object = ingressRef('web');
    const names = [
      eventName(noticeOf(problemOf(object), object, 'uid-1')),
      eventName(noticeOf(problemOf(object), object, 'uid-2')),
      eventName(noticeOf(problemOf(object, { field: 'spec.rules[1].host' }), object, 'uid-1')),
      eventName(noticeOf(problemOf(object, { message: 'is worse' }), object, 'uid-1')),
      eventName(noticeOf(problemOf(object, { code: 'InvalidPath' }), object, 'uid-1')),
    ];
    assert.equal(new Set(names).size, names.length);
    assert.equal(names[0], eventName(noticeAbout('web')));
  });

  it('about a cluster-scoped object stands in the namespace default', () => {
    const object = { kind: 'IngressClass', namespace: '', name: 'sluice' };
    assert.partialDeepStrictEqual(eventBody(noticeOf(problemOf(object), object, 'uid-1'), REPORTER, NOW), {
      metadata: { namespace: 'default' },
      regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name: 'sluice', uid: 'uid-1' },
    });
  });

  it('names its reporter with 128 characters at most', () => {
    const body = eventBody(noticeAbout('web'), { ...REPORTER, instance: 'x'.repeat(253) }, NOW);
    assert.partialDeepStrictEqual(body, { reportingInstance: 'x'.repeat(128) });
  });
});
