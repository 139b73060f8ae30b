import assert from 'node:assert/strict';
import { isRecord } from '../../../src/model/record.ts';
import { Contact } from '../../../src/sources/cluster/contact.ts';
import { Reflector, type ReflectorSink } from '../../../src/sources/cluster/reflector.ts';
import type { FakeApiServer } from '../../support/api-server/server.ts';
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

export const configMap = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: { value },
});

/** A reflector of ConfigMaps, and the server that it reads from. */
export class Scene {
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
        contact: new Contact(this.clock, () => 0.5),
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
