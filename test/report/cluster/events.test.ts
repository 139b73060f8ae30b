import assert from 'node:assert/strict';
import type { Diagnostic } from '../../../src/model/diagnostics.ts';
import type { ObjectRef } from '../../../src/model/refs.ts';
import { applied, EVENT, stage } from './event-stage.ts';
import { identityOf, ingressRef, problemOf } from './support.ts';

const MINUTE = 60_000;
const WEB = ingressRef('web');

describe('Events about what is wrong', () => {
  it(
    'are written once each while it stays wrong',
    stage(async (one, { clock }) => {
      for (let pass = 0; pass < 5; pass++) {
        await one.observe([problemOf(WEB), problemOf(WEB), problemOf(WEB, { message: 'is also wrong' })]);
        await clock.advance(10 * MINUTE);
      }
      assert.deepEqual(one.events, [
        'InvalidHost: spec.rules[0].host: is wrong',
        'InvalidHost: spec.rules[0].host: is also wrong',
      ]);
      assert.deepEqual(one.writes, ['POST', 'POST']);
      assert.deepEqual(one.written, ['Warning', 'Warning']);
    }),
  );

  it(
    'are written for every kind of object, also for cluster-scoped ones',
    stage(async (one) => {
      const kinds = ['Ingress', 'Service', 'Secret', 'EndpointSlice', 'ConfigMap'];
      const objects = [
        ...kinds.map((kind) => ({ ...WEB, kind })),
        { kind: 'IngressClass', namespace: '', name: 'sluice' },
      ];
      one.uidOf = ({ kind }) => `uid-${kind}`;
      await one.observe(objects.map((object) => problemOf(object)));
      assert.deepEqual([one.events.length, one.warnings], [6, []]);
    }),
  );

  it(
    'are not written without an object, a known kind or a uid',
    stage(async (one) => {
      one.uidOf = ({ name }) => (name === 'web' ? undefined : '');
      await one.observe([{ ...problemOf(WEB), object: undefined }, problemOf(WEB), problemOf(ingressRef('other'))]);
      one.uidOf = () => 'uid';
      await one.observe([problemOf({ ...WEB, kind: 'Widget' })]);
      assert.deepEqual(one.writes, []);
    }),
  );

  it(
    'count up when it comes back, every five minutes at most',
    stage(async (one, { clock }) => {
      for (let minute = 0; minute < 11; minute++) {
        await one.observe([problemOf(WEB)]);
        await one.observe([]);
        await clock.advance(MINUTE);
      }
      assert.deepEqual(one.writes, ['POST', 'PATCH', 'PATCH']);
      assert.deepEqual(one.events, ['InvalidHost: spec.rules[0].host: is wrong ×11']);
      assert.deepEqual(one.warnings, []);
    }),
  );

  it(
    'are written anew when the API server has deleted them meanwhile',
    stage(async (one, { server, clock }) => {
      await one.observe([problemOf(WEB)]);
      await one.observe([]);
      for (const event of server.list(EVENT)) server.remove(EVENT, 'shop', event.metadata.name);
      await clock.advance(60 * MINUTE);
      await one.observe([problemOf(WEB)]);
      assert.deepEqual(one.writes, ['POST', 'PATCH', 'POST']);
      assert.deepEqual(one.events, ['InvalidHost: spec.rules[0].host: is wrong']);
    }),
  );

  it(
    'are written anew for an object that was created again',
    stage(async (one) => {
      await one.observe([problemOf(WEB)]);
      one.uidOf = () => 'another';
      await one.observe([problemOf(WEB)]);
      assert.equal(one.events.length, 2);
    }),
  );

  it(
    'are cut to what the API server takes',
    stage(async (one) => {
      await one.observe([problemOf(ingressRef('x'.repeat(253)), { message: '😀\n'.repeat(1000) })]);
      assert.deepEqual([one.events.length, one.warnings], [1, []]);
    }),
  );
});

describe('Events and the leadership', () => {
  it(
    'are not written by a follower, and once it leads only for what still holds',
    stage(async (one, { clock }) => {
      one.writer.setLeading(false);
      await one.observe([problemOf(WEB), problemOf(WEB, { message: 'is gone soon' })]);
      await one.observe([problemOf(WEB)]);
      assert.deepEqual(one.writes, []);
      one.writer.setLeading(true);
      await clock.advance(0);
      assert.deepEqual(one.events, ['InvalidHost: spec.rules[0].host: is wrong']);
    }),
  );

  it(
    'are not doubled by the next leader',
    stage(async (one, { clock }) => {
      const next = one.newWriter();
      const outcome = { result: applied(3), diagnostics: [problemOf(WEB)], ingresses: [identityOf('other')] };
      one.writer.observe(outcome);
      next.observe(outcome);
      await clock.advance(10 * MINUTE);
      one.writer.setLeading(false);
      next.setLeading(true);
      await clock.advance(0);
      assert.equal(one.events.length, 2);
      assert.deepEqual([one.writes, one.warnings], [['POST', 'POST', 'POST'], []]);
    }),
  );

  it(
    'tell what became right just before this process led',
    stage(async (one, { clock }) => {
      one.writer.setLeading(false);
      await one.observe([], [identityOf('web')], applied(7));
      await clock.advance(20_000);
      one.writer.setLeading(true);
      await clock.advance(0);
      assert.deepEqual(one.events, ['Synced: the proxy serves it, as of generation 7']);
    }),
  );
});

describe('too many Events', () => {
  const many = (count: number, of: (index: number) => ObjectRef): readonly Diagnostic[] =>
    Array.from({ length: count }, (_, index) => problemOf(of(index), { message: `is wrong in way ${index}` }));

  it(
    'about one object are dropped and counted, and one more is let in after five minutes',
    stage(async (one, { clock }) => {
      await one.observe(many(40, () => WEB));
      assert.deepEqual([one.events.length, one.dropped.length, one.dropped[0]], [25, 15, 'object']);
      await clock.advance(5 * MINUTE);
      await one.observe([problemOf(WEB, { message: 'is new' }), problemOf(WEB, { message: 'is newer' })]);
      assert.deepEqual([one.events.length, one.dropped.length], [26, 16]);
    }),
  );

  it(
    'at once wait for their turn, and beyond a thousand are dropped and counted',
    stage(async (one, { clock }) => {
      await one.observe(many(1_200, (index) => ingressRef(`i${index}`)));
      assert.deepEqual([one.events.length, one.dropped.length, one.dropped[0]], [100, 200, 'queue']);
      await clock.advance(10_000);
      assert.equal(one.events.length, 300);
      await clock.advance(35_000);
      assert.equal(one.events.length, 1_000);
    }),
  ).timeout(120_000);
});

describe('an Event that cannot be written', () => {
  it(
    'is dropped when the permission is missing, which is told once',
    stage(async (one, { server, clock }) => {
      server.deny({ resource: 'events' });
      await one.observe([problemOf(WEB), problemOf(ingressRef('b'))]);
      await clock.advance(MINUTE);
      assert.deepEqual(
        [one.writes, one.dropped],
        [
          ['POST', 'POST'],
          ['failed', 'failed'],
        ],
      );
      assert.equal(one.warnings.length, 1);
      assert.partialDeepStrictEqual(one.warnings[0], { permission: 'create, patch events.events.k8s.io' });
    }),
  );

  for (const fate of [{ status: 503, retryAfterMs: 5_000 }, new Error('socket hang up'), 'never'] as const) {
    it(
      `is tried a few times after ${fate instanceof Error ? fate.message : JSON.stringify(fate)}`,
      stage(async (one, { api, clock }) => {
        api.fate = () => fate;
        await one.observe([problemOf(WEB)]);
        await clock.advance(5 * MINUTE);
        assert.deepEqual([one.writes.length, one.dropped, one.warnings.length], [4, ['failed'], 1]);
        api.fate = () => (api.sent.length === 5 ? { status: 500 } : undefined);
        await one.observe([problemOf(WEB, { message: 'is new' })]);
        await clock.advance(MINUTE);
        assert.deepEqual(one.events, ['InvalidHost: spec.rules[0].host: is new']);
      }),
    );
  }

  it(
    'does not outlive the shutdown',
    stage(async (one, { api, stop }) => {
      api.fate = () => 'never';
      await one.observe([problemOf(WEB)]);
      await stop();
      assert.deepEqual(one.dropped, []);
    }),
  );
});
