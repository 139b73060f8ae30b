import assert from 'node:assert/strict';
import { stage, THEIRS, type Stage } from './status-stage.ts';

const POD = { namespace: 'ingress', name: 'sluice-1' };

describe('the status on shutdown', () => {
  const own = {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { ...POD, labels: { app: 'sluice' } },
    status: { phase: 'Running' },
  };

  /** Written, then stopped: the moment at which `remove` is called. */
  async function written(one: Stage): Promise<void> {
    one.scene.server.put(own);
    one.add('a', 'b');
    one.observe('a', 'b');
    await one.lead();
    await one.scene.stop();
  }

  it(
    'loses the addresses that are ours, and no others',
    stage(
      async (one) => {
        await written(one);
        one.set('b', THEIRS);
        assert.equal(await one.writer.remove(5_000), 1);
        assert.deepEqual([one.status('a'), one.status('b')], [[], THEIRS]);
      },
      { pod: POD },
    ),
  );

  it(
    'loses addresses that the watch has yet to show',
    stage(
      async (one) => {
        one.shown = new Map([
          ['a', []],
          ['b', []],
        ]);
        await written(one);
        assert.equal(await one.writer.remove(5_000), 2);
        assert.deepEqual(one.status('a'), []);
      },
      { pod: POD },
    ),
  );

  const others = [
    { name: 'runs', metadata: {}, phase: 'Running', removed: 0 },
    { name: 'is about to start', metadata: {}, phase: 'Pending', removed: 0 },
    {
      name: 'is of another revision',
      metadata: { labels: { app: 'sluice', 'pod-template-hash': 'x' } },
      phase: 'Running',
      removed: 0,
    },
    { name: 'has failed', metadata: {}, phase: 'Failed', removed: 2 },
    { name: 'is of another application', metadata: { labels: { app: 'other' } }, phase: 'Running', removed: 2 },
  ];
  for (const { name, metadata, phase, removed } of others) {
    it(
      `${removed === 0 ? 'stays' : 'loses them'} when another pod ${name}`,
      stage(
        async (one, { server }) => {
          server.put({ ...own, metadata: { ...own.metadata, name: 'sluice-2', ...metadata }, status: { phase } });
          await written(one);
          assert.equal(await one.writer.remove(5_000), removed);
        },
        { pod: POD },
      ),
    );
  }

  it(
    'loses them when another pod is being deleted, too',
    stage(
      async (one, { server, api }) => {
        server.put({ ...own, metadata: { ...own.metadata, name: 'sluice-2', finalizers: ['example.com/slow'] } });
        const path = '/api/v1/namespaces/ingress/pods/sluice-2';
        await api.request({ method: 'DELETE', path }, new AbortController().signal);
        await written(one);
        assert.equal(await one.writer.remove(5_000), 2);
      },
      { pod: POD },
    ),
  );

  it(
    'stays when this process does not lead',
    stage(async (one) => {
      await written(one);
      one.writer.setLeading(false);
      assert.equal(await one.writer.remove(5_000), 0);
    }),
  );

  it(
    'stays when it is not known whether others run',
    stage(
      async (one, { server, entries }) => {
        await written(one);
        server.deny({ resource: 'pods' });
        assert.equal(await one.writer.remove(5_000), 0);
        assert.match(
          JSON.stringify(entries.at(-1)?.fields),
          /whether other replicas run is not known: pod .* HTTP 403/,
        );
      },
      { pod: POD },
    ),
  );

  it(
    'is left alone after the given time',
    stage(async (one, { api, clock }) => {
      await written(one);
      api.fate = () => 'never';
      const removal = one.writer.remove(5_000);
      await clock.advance(5_000);
      assert.equal(await removal, 0);
    }),
  );
});
