import assert from 'node:assert/strict';
import { noAnswer } from '../../../src/report/cluster/api.ts';
import { OURS, stage, THEIRS } from './status-stage.ts';
import { identityOf } from './support.ts';

describe('the status of Ingresses', () => {
  it(
    'is written by the leader where it differs, as a merge patch of the status',
    stage(async (one, { api }) => {
      one.add('a', 'b');
      one.set('c', THEIRS);
      one.observe('a', 'c');
      await one.lead();
      assert.deepEqual([one.status('a'), one.status('b'), one.status('c')], [OURS, [], OURS]);
      assert.deepEqual(api.sent[0], {
        method: 'PATCH',
        path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/a/status',
        body: { status: { loadBalancer: { ingress: OURS } } },
        contentType: 'application/merge-patch+json',
      });
      assert.deepEqual(one.writes, ['written', 'written']);
    }),
  );

  it(
    'is not written where it is equal in another order',
    stage(async (one) => {
      one.set('a', OURS.toReversed());
      one.observe('a');
      await one.lead();
      assert.equal(one.resolved, 1);
      assert.deepEqual(one.patches, []);
    }),
  );

  it(
    'is not written by a follower, and not after the leadership is lost',
    stage(async (one, { clock }) => {
      one.add('a', 'b');
      one.observe('a');
      await one.lead();
      one.writer.setLeading(false);
      one.observe('a', 'b');
      await clock.advance(300_000);
      assert.deepEqual(one.patches, ['a']);
      one.writer.setLeading(true);
      await clock.advance(0);
      assert.deepEqual(one.patches, ['a', 'b']);
    }),
  );

  it(
    'is not written again while the watch has yet to show it, and again when it never does',
    stage(async (one, { clock }) => {
      one.add('a');
      one.shown = new Map([['a', []]]);
      one.observe('a');
      await one.lead();
      for (let pass = 0; pass < 5; pass++) {
        one.observe('a');
        await clock.advance(10_000);
      }
      assert.deepEqual(one.patches, ['a']);
      await clock.advance(10_000);
      assert.deepEqual(one.patches, ['a', 'a']);
    }),
  );

  it(
    'is written again when somebody else overwrites it, every ten seconds at most',
    stage(async (one, { clock }) => {
      one.add('a');
      one.observe('a');
      await one.lead();
      for (let second = 0; second < 29; second++) {
        one.set('a', [{ ip: `203.0.113.${second}` }]);
        one.observe('a');
        await clock.advance(1_000);
      }
      assert.equal(one.patches.length, 3);
      await clock.advance(10_000);
      assert.deepEqual(one.status('a'), OURS);
    }),
  );

  it(
    'follows the addresses, which are looked up every minute',
    stage(async (one, { clock }) => {
      one.add('a');
      one.observe('a');
      await one.lead();
      one.published = { ok: true, addresses: THEIRS };
      await clock.advance(59_000);
      assert.deepEqual([one.status('a'), one.resolved], [OURS, 1]);
      await clock.advance(1_000);
      assert.deepEqual([one.status('a'), one.resolved], [THEIRS, 2]);
    }),
  );

  it(
    'stays when no address is found any more, and the reason is told once',
    stage(async (one, { clock }) => {
      one.add('a');
      one.observe('a');
      await one.lead();
      one.published = noAnswer('no pod is ready');
      await clock.advance(300_000);
      assert.deepEqual(one.status('a'), OURS);
      const message = 'no address to publish in the status of Ingresses; what is there stays';
      assert.deepEqual(one.warnings, [{ reason: 'no pod is ready', message }]);
    }),
  );

  it(
    'is written soon after the first address is found',
    stage(async (one, { clock }) => {
      one.add('a');
      one.observe('a');
      one.published = noAnswer('no pod is ready');
      await one.lead();
      one.published = { ok: true, addresses: OURS };
      await clock.advance(5_000);
      assert.deepEqual(one.status('a'), OURS);
    }),
  );

  it(
    'is cleared where it is exactly ours when an Ingress is no longer ours',
    stage(async (one, { clock }) => {
      one.add('a', 'b', 'c', 'gone');
      one.observe('a', 'b', 'c', 'gone');
      await one.lead();
      one.set('b', [...OURS, ...THEIRS]);
      one.scene.server.remove('Ingress', 'shop', 'gone');
      one.observe('c');
      await clock.advance(0);
      assert.deepEqual([one.status('a'), one.status('b'), one.status('c')], [[], [...OURS, ...THEIRS], OURS]);
      assert.deepEqual(one.patches.slice(4), ['a']);
      one.observe('a', 'c');
      await clock.advance(0);
      assert.deepEqual(one.status('a'), OURS);
    }),
  );

  it(
    'is written anew for an Ingress that was deleted and created again',
    stage(async (one, { clock }) => {
      one.add('a');
      one.observe('a');
      await one.lead();
      one.scene.server.remove('Ingress', 'shop', 'a');
      one.add('a');
      one.writer.observe({ ingresses: [{ ...identityOf('a'), uid: 'another' }] });
      await clock.advance(0);
      assert.deepEqual(one.patches, ['a', 'a']);
    }),
  );

  it(
    'is written to many in time, ten at once, and not all in a burst',
    stage(async (one, { api, clock }) => {
      const names = Array.from({ length: 200 }, (_, index) => `i${index}`);
      one.add(...names);
      one.observe(...names);
      await one.lead();
      assert.equal(one.patches.length, 50);
      await clock.advance(7_500);
      assert.equal(one.patches.length, 200);
      assert.ok(names.every((name) => one.status(name)?.length === 2));
      assert.equal(api.mostUnderWay, 10);
    }),
  );
});

describe('a status that cannot be written', () => {
  it(
    'is forgotten when there is no such Ingress',
    stage(async (one, { clock }) => {
      one.shown = new Map([['a', []]]);
      one.observe('a');
      await one.lead();
      one.observe('a');
      await clock.advance(60_000);
      assert.deepEqual([one.patches, one.warnings], [['a'], []]);
    }),
  );

  it(
    'is tried again at once after a conflict, which is not told',
    stage(async (one, { api, clock }) => {
      one.add('a');
      one.observe('a');
      api.fate = () => (api.sent.length < 3 ? { status: 409 } : undefined);
      await one.lead();
      await clock.advance(500);
      assert.deepEqual([one.status('a'), one.warnings], [OURS, []]);
    }),
  );

  for (const status of [429, 503]) {
    it(
      `rests with all others as long as the server asks for with ${status}`,
      stage(async (one, { api, clock }) => {
        one.add('a', 'b');
        one.observe('a');
        api.fate = () => (api.sent.length === 1 ? { status, retryAfterMs: 7_000 } : undefined);
        await one.lead();
        one.observe('a', 'b');
        await clock.advance(6_900);
        assert.deepEqual(one.patches, ['a']);
        await clock.advance(200);
        assert.deepEqual([one.status('a'), one.status('b')], [OURS, OURS]);
      }),
    );
  }

  it(
    'is told once as a missing permission, tried rarely, and holds up no other namespace',
    stage(async (one, { server, clock }) => {
      one.add('a', 'b');
      server.deny({ resource: 'ingresses/status' });
      one.observe('a', 'b');
      await one.lead();
      await clock.advance(59_000);
      assert.equal(one.patches.length, 2);
      assert.equal(one.warnings.length, 1);
      assert.partialDeepStrictEqual(one.warnings[0], { permission: 'patch ingresses/status' });
      server.allow();
      await clock.advance(120_000);
      assert.deepEqual([one.status('a'), one.status('b'), one.warnings.length], [OURS, OURS, 1]);
    }),
  );

  for (const fate of [{ status: 500 }, new Error('socket hang up'), 'never'] as const) {
    it(
      `is tried again with back-off after ${fate instanceof Error ? fate.message : JSON.stringify(fate)}`,
      stage(async (one, { api, clock }) => {
        one.add('a');
        one.observe('a');
        api.fate = () => fate;
        await one.lead();
        await clock.advance(120_000);
        assert.ok(api.sent.length >= 4 && api.sent.length < 10, `${api.sent.length} tries`);
        assert.equal(one.warnings.length, 1);
        api.fate = () => undefined;
        await clock.advance(120_000);
        assert.deepEqual(one.status('a'), OURS);
      }),
    );
  }
});
