import assert from 'node:assert/strict';
import { isRecord } from '../../../src/sources/decode/fields.ts';
import { Reflector, type ReflectorSink } from '../../../src/sources/cluster/reflector.ts';
import type { Fault } from '../../support/api-server/faults.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { waitFor } from '../../support/wait.ts';
import { apiOf, FastClock, LIMITS, TestConnection } from './support.ts';

interface Item {
  readonly key: string;
  readonly uid: string;
  readonly value: unknown;
}

/** What a reflector brought, and how. */
class Mirror implements ReflectorSink<Item> {
  readonly items = new Map<string, Item>();
  readonly calls: string[] = [];

  trim(object: unknown): Item {
    const { metadata = {}, data } = isRecord(object) ? object : {};
    const { namespace, name, uid } = isRecord(metadata) ? metadata : {};
    return { key: `${String(namespace)}/${String(name)}`, uid: String(uid), value: data };
  }

  replace(objects: readonly Item[]): void {
    this.calls.push('replace');
    this.items.clear();
    for (const item of objects) this.items.set(item.key, item);
  }

  change(item: Item): void {
    this.calls.push(`change ${item.key}`);
    this.items.set(item.key, item);
  }

  remove(item: Item): void {
    this.calls.push(`remove ${item.key}`);
    this.items.delete(item.key);
  }
}

const configMap = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: { value },
});

/** A reflector of ConfigMaps, and the server that it reads from. */
class Scene {
  readonly mirror = new Mirror();
  readonly clock = new FastClock();
  readonly failures: string[] = [];
  readonly restarts: string[] = [];
  progress = 0;
  readonly server: FakeApiServer;
  readonly connection: TestConnection;
  readonly #controller = new AbortController();
  #reflector: Reflector<Item> | undefined;

  constructor(server: FakeApiServer, token = '') {
    this.server = server;
    this.connection = new TestConnection(server.url, token);
  }

  start(labelSelector?: string): Reflector<Item> {
    this.#reflector = new Reflector(
      {
        api: apiOf(this.connection, LIMITS),
        collection: { path: '/api/v1/configmaps', labelSelector },
        sink: this.mirror,
        listener: {
          onFailure: (verb, error, failures) =>
            this.failures.push(`${verb} ${failures}: ${error instanceof Error ? error.message : String(error)}`),
          onProgress: () => (this.progress += 1),
          onRestart: (reason) => this.restarts.push(reason),
        },
        clock: this.clock,
        random: () => 0.5,
      },
      this.#controller.signal,
    );
    return this.#reflector;
  }

  /** What the server holds and what the mirror shows, to be compared. */
  get both(): readonly [unknown, unknown] {
    const held = this.server.list('ConfigMap').map(({ metadata, ...rest }) => {
      const { namespace, name, uid } = metadata;
      const data: unknown = 'data' in rest ? rest['data'] : undefined;
      return { key: `${String(namespace)}/${name}`, uid, value: data };
    });
    const shown = [...this.mirror.items.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
    return [held, shown];
  }

  async converged(): Promise<void> {
    const isEqual = () => JSON.stringify(this.both[0]) === JSON.stringify(this.both[1]);
    await waitFor(() => `the objects of the server; failures: ${this.failures.join('; ')}`, isEqual);
    const [held, shown] = this.both;
    assert.deepEqual(shown, held);
  }

  watching(): Promise<true> {
    return waitFor('an open watch', () => this.server.openWatchesOf('configmaps') > 0);
  }

  async end(): Promise<void> {
    this.#controller.abort();
    await this.#reflector?.stopped;
    await this.server.close();
    this.connection.close();
  }
}

describe('a reflector', function () {
  this.timeout(20_000);
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

  const list = { verb: 'list' } as const;
  const watch = { verb: 'watch' } as const;
  const faults: readonly { readonly name: string; readonly faults: readonly Fault[] }[] = [
    { name: 'a list that is reset', faults: [{ match: list, do: { type: 'reset' } }] },
    { name: 'a list that is reset midway', faults: [{ match: list, do: { type: 'reset-midway', afterBytes: 500 } }] },
    { name: 'a list that is cut off', faults: [{ match: list, do: { type: 'truncate', bytes: 900 } }] },
    { name: 'a list that is no JSON', faults: [{ match: list, do: { type: 'garbage' } }] },
    { name: 'a list that is never answered', faults: [{ match: list, do: { type: 'stall' } }] },
    { name: 'a slow list', faults: [{ match: list, do: { type: 'delay', ms: 200 } }] },
    { name: 'a list whose token is too old', faults: [{ match: list, do: { type: 'gone' } }] },
    { name: 'a server that is overloaded', faults: [{ match: {}, times: 3, do: { type: 'status', status: 500 } }] },
    { name: 'a server that asks for patience', faults: [{ match: watch, do: { type: 'status', status: 429 } }] },
    { name: 'a watch that is refused', faults: [{ match: watch, times: 7, do: { type: 'status', status: 504 } }] },
    { name: 'a watch that is reset', faults: [{ match: watch, times: 3, do: { type: 'reset' } }] },
    { name: 'a watch that is reset midway', faults: [{ match: watch, do: { type: 'reset-midway', afterEvents: 2 } }] },
    { name: 'a watch that is cut within an event', faults: [{ match: watch, do: { type: 'truncate', bytes: 300 } }] },
    { name: 'a watch that brings no JSON', faults: [{ match: watch, do: { type: 'garbage', afterEvents: 1 } }] },
    { name: 'a watch that falls silent', faults: [{ match: watch, do: { type: 'half-open', afterEvents: 1 } }] },
    { name: 'a watch that never begins', faults: [{ match: watch, do: { type: 'stall' } }] },
    { name: 'a watch that ends at once', faults: [{ match: watch, times: 8, do: { type: 'end' } }] },
    { name: 'events that come twice', faults: [{ match: watch, do: { type: 'duplicate' } }] },
    { name: 'an event of an unknown type', faults: [{ match: watch, do: { type: 'unknown-event', afterEvents: 1 } }] },
    { name: 'a version that is too old (by status)', faults: [{ match: watch, do: { type: 'gone' } }] },
    {
      name: 'a version that is too old (in the stream)',
      faults: [{ match: watch, do: { type: 'gone', inStream: true } }],
    },
    {
      name: 'an error in the stream',
      faults: [{ match: watch, do: { type: 'status', status: 500, message: 'etcd is away', inStream: true } }],
    },
    { name: 'a token that expired', faults: [{ match: {}, times: 2, do: { type: 'status', status: 401 } }] },
  ];
  for (const { name, faults: scripted } of faults) {
    it(`loses nothing by ${name}`, async () => {
      const { server } = await open();
      for (let index = 0; index < 20; index += 1) server.put(configMap(`item-${index}`, 'x'));
      server.faults.push(...scripted);
      scene.start();
      await waitFor('the first requests', () => server.requests.length > 1);
      for (let index = 0; index < 30; index += 1) {
        server.put(configMap(`item-${index}`, `new ${index}`));
        if (index % 3 === 0) server.remove('ConfigMap', 'shop', `item-${index}`);
        // Lets events go out one by one.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await waitFor('the faults to have happened', () => server.faults.pending === 0);
      server.put(configMap('last', '1'));
      await scene.converged();
    });
  }

  it('starts a list anew that expires between two pages', async () => {
    const { server } = await open();
    for (let index = 0; index < 700; index += 1) server.put(configMap(`item-${index}`, 'x'));
    scene.start();
    server.faults.push({ match: list, do: { type: 'delay', ms: 1 } }, { match: list, do: { type: 'gone' } });
    await scene.converged();
    assert.equal(server.requests.filter(({ verb }) => verb === 'list').length, 4);
  });
});
