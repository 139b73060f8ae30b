import assert from 'node:assert/strict';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { waitFor } from '../../support/wait.ts';
import { configMap, Scene } from './reflector-scene.ts';

describe('a reflector', function () {
  this.timeout(120_000);
  let scene: Scene;

  async function open(options: Parameters<typeof FakeApiServer.start>[0] = {}, token = ''): Promise<Scene> {
    scene = new Scene(await FakeApiServer.start({ bookmarkMs: 100, ...options }), token);
    return scene;
  }

  afterEach(() => scene.end());

  it('lists page by page, then watches from there', async () => {
    const { server } = await open();
    for (let index = 0; index < 1203; index += 1) server.put(configMap(`item-${index}`, 'x'));
    await scene.start().synced;
    assert.equal(scene.mirror.items.size, 1203);
    await scene.watching();
    const [first, second, third, watch] = server.requests;
    assert.deepEqual(
      [first?.query['limit'], second?.query['continue'] !== undefined, third?.verb, watch?.verb],
      ['500', true, 'list', 'watch'],
    );
    assert.equal(watch?.query['allowWatchBookmarks'], 'true');
    const seconds = Number(watch.query['timeoutSeconds']);
    assert.ok(seconds >= 240 && seconds <= 300, `${seconds}`);
  });

  it('sees what is added, changed and deleted', async () => {
    const { server } = await open();
    server.put(configMap('old', '1'));
    await scene.start().synced;
    await scene.watching();
    server.put(configMap('new', '1'));
    server.put(configMap('old', '2'));
    server.remove('ConfigMap', 'shop', 'new');
    await waitFor('three events', () => scene.mirror.calls.length >= 4);
    assert.deepEqual(scene.mirror.calls, ['replace', 'change shop/new', 'change shop/old', 'remove shop/new']);
    await scene.converged();
  });

  it('follows only what a selector picks', async () => {
    const { server } = await open();
    const labelled = (name: string, team: string) => {
      const object = configMap(name, team);
      return { ...object, metadata: { ...object.metadata, labels: { team } } };
    };
    server.put(labelled('mine', 'web'));
    server.put(labelled('other', 'db'));
    await scene.start('team=web').synced;
    assert.deepEqual([...scene.mirror.items.keys()], ['shop/mine']);
    await scene.watching();
    server.put(labelled('mine', 'db'));
    server.put(labelled('other', 'web'));
    await waitFor('the other one', () => scene.mirror.items.has('shop/other') && !scene.mirror.items.has('shop/mine'));
  });

  it('goes on from the last bookmark when the server ends the watch', async () => {
    const { server } = await open();
    server.faults.push({ match: { verb: 'watch' }, do: { type: 'end', afterEvents: 1 } });
    await scene.start().synced;
    await scene.watching();
    server.put(configMap('one', '1'));
    await waitFor('a second watch', () => server.requests.filter(({ verb }) => verb === 'watch').length > 1);
    server.put(configMap('two', '1'));
    await scene.converged();
    assert.equal(server.requests.filter(({ verb }) => verb === 'list').length, 1);
    assert.deepEqual([scene.restarts, scene.failures], [['ended'], []]);
  });

  it('keeps up with the version by bookmarks while nothing happens to its own objects', async () => {
    const { server } = await open();
    await scene.start().synced;
    await scene.watching();
    for (let index = 0; index < 20; index += 1) {
      server.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `s-${index}`, namespace: 'shop' } });
    }
    server.sendBookmarks();
    // What came before the bookmark is forgotten: only a watch that goes on from it is not too old.
    const bookmarked = server.resourceVersion;
    server.compact();
    server.put(configMap('after', '1'));
    await scene.converged();
    server.dropConnections();
    const next = await waitFor('the next watch', () =>
      server.requests
        .filter(({ verb }) => verb === 'watch')
        .find(({ query }) => Number(query['resourceVersion']) >= Number(bookmarked)),
    );
    assert.equal(next.status, 200);
    assert.equal(server.requests.filter(({ verb }) => verb === 'list').length, 1);
  });

  it('takes an object that was deleted and made anew for another one', async () => {
    const { server } = await open();
    server.put(configMap('twin', '1'));
    await scene.start().synced;
    const uid = scene.mirror.items.get('shop/twin')?.uid;
    await scene.watching();
    server.pause();
    server.remove('ConfigMap', 'shop', 'twin');
    server.put(configMap('twin', '1'));
    server.compact();
    server.resume();
    await waitFor('the new one', () => scene.mirror.items.get('shop/twin')?.uid !== uid);
    await scene.converged();
  });

  it('forgets what was deleted while it could not watch', async () => {
    const { server } = await open();
    server.put(configMap('gone', '1'));
    await scene.start().synced;
    await scene.watching();
    server.pause();
    server.remove('ConfigMap', 'shop', 'gone');
    server.compact();
    server.resume();
    await scene.converged();
    assert.ok(server.requests.filter(({ verb }) => verb === 'list').length > 1);
  });

  for (const inStream of [true, false]) {
    it(`lists anew at once when its version is too old, told ${inStream ? 'in the stream' : 'by the status'}`, async () => {
      const { server } = await open({ expiredWatch: inStream ? 'in-stream' : 'http-status' });
      await scene.start().synced;
      await scene.watching();
      server.endWatches('configmaps', undefined);
      server.compact();
      server.put(configMap('after', '1'));
      await scene.converged();
      assert.deepEqual(server.requests.map(({ verb }) => verb).slice(0, 4), ['list', 'watch', 'watch', 'list']);
      assert.ok(scene.restarts.includes('expired'));
    });
  }

  it('does not listen to events that it has seen already', async () => {
    const { server } = await open();
    server.faults.push({ match: { verb: 'watch' }, do: { type: 'old-events', afterEvents: 3 } });
    await scene.start().synced;
    await scene.watching();
    for (const value of ['1', '2', '3']) server.put(configMap('one', value));
    server.put(configMap('two', '1'));
    await scene.converged();
    assert.deepEqual(scene.mirror.calls.filter((call) => call.endsWith('/one')).length, 3);
  });

  it('reads the token again when it is refused', async () => {
    const { server, connection } = await open({ tokens: ['first'] }, 'first');
    server.put(configMap('one', '1'));
    await scene.start().synced;
    await scene.watching();
    connection.rotate('second');
    server.tokens.clear();
    server.tokens.add('second');
    server.dropConnections();
    server.put(configMap('two', '1'));
    await scene.converged();
    assert.equal(connection.renewals > 0, true);
  });

  it('waits as long as the server asks for', async () => {
    const { server, clock } = await open();
    const tooMany = { type: 'status', status: 429, retryAfterSeconds: 7 } as const;
    server.faults.push({ match: { verb: 'list' }, do: tooMany });
    await scene.start().synced;
    assert.equal(clock.pauses[0], 7000);
  });

  it('tries for ever, with growing pauses', async () => {
    const { server, clock } = await open();
    server.faults.push({ match: { verb: 'list' }, times: 12, do: { type: 'status', status: 503 } });
    await scene.start().synced;
    assert.deepEqual(clock.pauses.slice(0, 8), [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    assert.equal(scene.failures.length, 12);
    assert.match(scene.failures[0] ?? '', /^list 1: HTTP 503/);
  });

  it('does not ask without a pause where every version is too old', async () => {
    const { server, clock } = await open();
    server.faults.push({ match: { verb: 'watch' }, times: 8, do: { type: 'gone' } });
    await scene.start().synced;
    await waitFor('the faults to have happened', () => server.faults.pending === 0);
    await scene.watching();
    assert.ok(clock.pauses.length >= 7, clock.pauses.join());
    assert.ok((clock.pauses.at(-1) ?? 0) > 5000, clock.pauses.join());
  });

  it('does not open a watch after the end, and ends although the server does not answer', async () => {
    const { server } = await open();
    server.faults.push({ match: { verb: 'list' }, do: { type: 'stall' } });
    scene.start();
    await waitFor('a request', () => server.requests.length > 0);
    await scene.end();
    assert.deepEqual(
      server.requests.map(({ verb }) => verb),
      ['list'],
    );
  });
});
