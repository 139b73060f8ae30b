import assert from 'node:assert/strict';
import { race } from './race.ts';

const HOUR = 3_600_000;
const PATH = '/apis/coordination.k8s.io/v1/namespaces/ingress/leases';

describe('leader election', () => {
  it(
    'creates the Lease, leads, and renews it every two seconds with one request',
    race(1, async (one) => {
      const a = one.join('a');
      await one.clock.advance(0);
      assert.equal(a.isLeading, true);
      assert.deepEqual(one.lease(), {
        ...{ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 },
        ...{ acquireTime: '2026-11-24T11:00:01.000000Z', renewTime: '2026-11-24T11:00:01.000000Z' },
      });
      await one.clock.advance(6_000);
      assert.deepEqual(a.api.lines(), [
        `GET ${PATH}/sluice`,
        `POST ${PATH}`,
        ...Array.from({ length: 3 }, () => `PUT ${PATH}/sluice`),
      ]);
      assert.deepEqual(one.lease(), {
        ...{ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 },
        ...{ acquireTime: '2026-11-24T11:00:01.000000Z', renewTime: '2026-11-24T11:00:07.000000Z' },
      });
    }),
  );

  it(
    'has one leader when two begin at the same moment',
    race(2, async (one) => {
      const a = one.join('a');
      const b = one.join('b');
      await one.clock.advance(60_000);
      assert.equal(Number(a.isLeading) + Number(b.isLeading), 1);
      assert.equal(a.changes.length + b.changes.length, 1);
    }),
  );

  it(
    'waits for the whole duration after a leader that died, and no longer than another try',
    race(2, async (one) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      const b = one.join('b');
      await one.clock.advance(10_000);
      a.die();
      const lastRenewal = a.api.sent.length;
      await one.clock.advance(12_000);
      assert.equal(b.isLeading, false);
      await one.clock.advance(9_000);
      assert.equal(b.isLeading, true);
      assert.ok(lastRenewal > 2);
      assert.partialDeepStrictEqual(one.lease(), { holderIdentity: 'b', leaseTransitions: 1 });
    }),
  );

  it(
    'takes over at the next try after a release',
    race(2, async (one) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      const b = one.join('b');
      await one.clock.advance(10_000);
      await a.end();
      assert.deepEqual(a.changes, [true, false]);
      assert.partialDeepStrictEqual(one.lease(), { holderIdentity: '', leaseDurationSeconds: 1 });
      await one.clock.advance(4_500);
      assert.equal(b.isLeading, true);
      assert.partialDeepStrictEqual(one.lease(), {
        holderIdentity: 'b',
        leaseDurationSeconds: 15,
        leaseTransitions: 1,
      });
    }),
  );

  for (const hours of [-5, 5]) {
    it(
      `does not take the Lease from a leader whose clock differs by ${hours} hours`,
      race(2, async (one) => {
        const a = one.join('a', { wallNow: () => new Date(Date.UTC(2026, 0) + one.clock.time + hours * HOUR) });
        await one.clock.advance(1_000);
        const b = one.join('b', { wallNow: () => new Date(Date.UTC(2026, 0) + one.clock.time) });
        await one.clock.advance(120_000);
        assert.deepEqual([a.changes, b.changes], [[true], []]);
        a.die();
        await one.clock.advance(21_000);
        assert.deepEqual(b.changes, [true]);
      }),
    );
  }

  it(
    'steps down when the API is away for ten seconds, before another may lead, and leads again later',
    race(2, async (one) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      const b = one.join('b');
      await one.clock.advance(9_000);
      a.api.fate = () => new Error('connect ECONNREFUSED 10.0.0.1:443');
      await one.clock.advance(7_000);
      assert.deepEqual(a.changes, [true]);
      await one.clock.advance(3_000);
      assert.deepEqual([a.changes, b.changes], [[true, false], []]);
      a.api.fate = () => undefined;
      b.api.fate = () => new Error('connect ECONNREFUSED 10.0.0.1:443');
      await one.clock.advance(5_000);
      assert.deepEqual(a.changes, [true, false, true]);
      assert.equal(a.entries.filter(({ level }) => level === 'warn').length, 1);
    }),
  );

  it(
    'steps down when its requests are never answered',
    race(1, async (one) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      a.api.fate = () => 'never';
      await one.clock.advance(8_900);
      assert.deepEqual(a.changes, [true]);
      await one.clock.advance(200);
      assert.deepEqual(a.changes, [true, false]);
    }),
  );

  it(
    'stops leading as soon as it sees that another holds the Lease',
    race(1, async (one, { server }) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      const lease = server.get('Lease', 'ingress', 'sluice');
      assert.ok(lease !== undefined);
      server.put({ ...lease, spec: { holderIdentity: 'z', leaseDurationSeconds: 15, leaseTransitions: 7 } });
      await one.clock.advance(2_000);
      assert.deepEqual(a.changes, [true, false]);
    }),
  );

  it(
    'creates the Lease again when somebody deletes it',
    race(1, async (one, { server }) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      server.remove('Lease', 'ingress', 'sluice');
      await one.clock.advance(2_000);
      assert.deepEqual(a.changes, [true]);
      assert.partialDeepStrictEqual(one.lease(), { holderIdentity: 'a' });
    }),
  );

  it(
    'tries again after a conflict, and takes a Lease without holder or specification',
    race(1, async (one, { server }) => {
      server.put({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace: 'ingress', name: 'sluice' },
      });
      const a = one.join('a');
      let conflicts = 0;
      a.api.fate = ({ method }) => (method === 'PUT' && conflicts++ === 0 ? { status: 409 } : undefined);
      await one.clock.advance(100);
      assert.deepEqual(a.changes, []);
      await one.clock.advance(4_400);
      assert.deepEqual(a.changes, [true]);
      assert.partialDeepStrictEqual(one.lease(), { holderIdentity: 'a', leaseTransitions: 1 });
    }),
  );

  it(
    'keeps labels, annotations and unknown fields of the Lease',
    race(1, async (one, { server }) => {
      const metadata = { namespace: 'ingress', name: 'sluice', labels: { team: 'edge' } };
      const spec = { holderIdentity: '', preferredHolder: '' };
      server.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
      one.join('a');
      await one.clock.advance(100);
      const lease = server.get('Lease', 'ingress', 'sluice');
      assert.deepEqual(lease?.metadata['labels'], { team: 'edge' });
      assert.partialDeepStrictEqual(lease['spec'], { holderIdentity: 'a', preferredHolder: '' });
    }),
  );

  it(
    'tells a missing permission once, goes on trying, and leads when it is granted',
    race(1, async (one, { server }) => {
      server.deny({ resource: 'leases' });
      const a = one.join('a');
      await one.clock.advance(60_000);
      const warnings = a.entries.filter(({ level }) => level === 'warn');
      assert.equal(warnings.length, 1);
      assert.partialDeepStrictEqual(warnings[0]?.fields, {
        permission: 'get, create, update leases.coordination.k8s.io in namespace ingress',
      });
      server.allow();
      await one.clock.advance(5_000);
      assert.deepEqual(a.changes, [true]);
    }),
  );

  for (const fate of [{ status: 500 }, { status: 200, body: 'what?' }, new Error('socket hang up')]) {
    it(
      `tries for ever after ${fate instanceof Error ? fate.message : JSON.stringify(fate)}`,
      race(1, async (one) => {
        const a = one.join('a');
        a.api.fate = () => fate;
        await one.clock.advance(300_000);
        assert.ok(a.api.sent.length > 60);
        a.api.fate = () => undefined;
        await one.clock.advance(5_000);
        assert.deepEqual(a.changes, [true]);
      }),
    );
  }

  it(
    'ends in bounded time when the release is not answered',
    race(1, async (one) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      a.api.fate = () => 'never';
      let hasEnded = false;
      const ended = a.end().then(() => (hasEnded = true));
      await one.clock.advance(2_000);
      assert.equal(hasEnded, false);
      await one.clock.advance(1_500);
      await ended;
      assert.equal(a.entries.at(-1)?.message, 'the Lease is not released');
    }),
  );

  it(
    'releases a Lease whose renewal was under way when the signal aborted',
    race(1, async (one, { server }) => {
      const a = one.join('a');
      await one.clock.advance(1_000);
      const held = server.get('Lease', 'ingress', 'sluice');
      assert.ok(held !== undefined);
      let lateRenewals = 0;
      // It arrives between the GET and the PUT of the release.
      a.api.fate = ({ method, body }) => {
        const isRelease = method === 'PUT' && JSON.stringify(body).includes('"holderIdentity":""');
        if (isRelease && lateRenewals++ === 0)
          server.put({ ...held, spec: { holderIdentity: 'a', leaseTransitions: 0 } });
        return undefined;
      };
      await a.end();
      assert.equal(lateRenewals, 2);
      assert.partialDeepStrictEqual(one.lease(), { holderIdentity: '' });
    }),
  );
});
