import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Fault } from '../support/api-server/faults.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service } from '../support/manifests.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { Random } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';

const HOSTS = 24;
const SERVICES = ['alpha', 'beta', 'gamma'] as const;
/** Set to repeat a run: it is printed with every run. */
const SEED = Number(process.env['SLUICE_FAULT_SEED'] ?? Date.now() % 1_000_000);
/** Megabytes of objects that the process may hold: what is not let go of would end it long before the last fault. */
const HEAP = '--max-old-space-size=64';
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** Each has watches of its own: many things go wrong at once. */
const NAMESPACES = ['north', 'east', 'south', 'west'] as const;
const RESOURCES = ['ingresses', 'services', 'endpointslices'] as const;
const COLLECTIONS = NAMESPACES.flatMap((namespace) => RESOURCES.map((resource) => ({ namespace, resource })));

/** One thing that goes wrong, of every kind that there is. */
function fault(random: Random, collection: (typeof COLLECTIONS)[number]): Fault {
  const events = random.below(4);
  const actions: readonly (readonly [verb: string | undefined, action: Action])[] = [
    ['watch', { type: 'reset' }],
    ['watch', { type: 'reset-midway', afterEvents: events }],
    ['watch', { type: 'half-open', afterEvents: events }],
    ['watch', { type: 'truncate', bytes: 200 + random.below(2000) }],
    ['watch', { type: 'garbage', afterEvents: events }],
    ['watch', { type: 'duplicate' }],
    ['watch', { type: 'end', afterEvents: events }],
    ['watch', { type: 'unknown-event', afterEvents: events }],
    ['watch', { type: 'old-events', afterEvents: events }],
    ['watch', { type: 'gone' }],
    ['watch', { type: 'gone', inStream: true }],
    ['watch', { type: 'status', status: 500, inStream: true }],
    ['list', { type: 'reset-midway', afterBytes: random.below(3000) }],
    ['list', { type: 'truncate', bytes: random.below(3000) }],
    ['list', { type: 'garbage' }],
    ['list', { type: 'gone' }],
    ['list', { type: 'delay', ms: random.below(30) }],
    [undefined, { type: 'status', status: random.pick([500, 502, 503, 504, 403, 401]) }],
    [undefined, { type: 'status', status: 429, retryAfterSeconds: 0 }],
    [undefined, { type: 'reset' }],
  ];
  const [verb, action] = random.pick(actions);
  return { match: { ...collection, ...(verb === undefined ? {} : { verb }) }, do: action };
}

/** The newest of each. What is tested is the same for all: most of the faults befall the first. */
const NEWEST = [
  { ...installedNginx().at(-1), faults: 1_000 },
  { ...installedHaproxy().at(-1), faults: 200 },
];

for (const { name: proxy = '', binary = '', version = '', faults } of NEWEST) {
  describe(`an unreliable API server with ${proxy} ${version}`, function () {
    this.timeout(300_000);
    const random = new Random(SEED);
    const backends = new Map<string, Backend>();
    /** What the API server holds: the backend of each host. */
    const world = new Map<string, string>();
    let cluster: RunningCluster;
    let ticks = 0;

    const portOf = (name: string) => backends.get(name)?.port ?? 0;
    const hostOf = (index: number) => `host-${index}.example.com`;
    const namespaceOf = (index: number) => NAMESPACES[index % NAMESPACES.length] ?? 'north';

    function putIngress(index: number, to: string): void {
      const paths = [{ path: '/', service: to }];
      cluster.api.put(
        ingress({ name: `host-${index}`, namespace: namespaceOf(index), rules: [{ host: hostOf(index), paths }] }),
      );
      world.set(hostOf(index), to);
    }

    /** One change of what the API server holds. */
    function change(): void {
      const { api } = cluster;
      const index = random.below(HOSTS);
      switch (random.below(7)) {
        case 0:
        case 1:
          api.remove('Ingress', namespaceOf(index), `host-${index}`);
          world.delete(hostOf(index));
          return;
        case 2:
          // Another object under the same name.
          api.remove('Ingress', namespaceOf(index), `host-${index}`);
          putIngress(index, random.pick(SERVICES));
          return;
        case 3: {
          const name = random.pick(SERVICES);
          api.remove('EndpointSlice', namespaceOf(index), `${name}-0`);
          for (const object of service(name, [portOf(name)], namespaceOf(index))) api.put(object);
          return;
        }
        case 4:
          api.sendBookmarks();
          return;
        default:
          putIngress(index, random.pick(SERVICES));
      }
    }

    const waitsFor = ({ resource, namespace }: (typeof COLLECTIONS)[number]) =>
      cluster.api.faults.waiting.some(({ match }) => match.resource === resource && match.namespace === namespace);

    /**
     * Faults wait for a request. A watch that is fine makes none, and one that goes on needs no list. One that ends without
     * having brought anything is a failure of its own, with a pause: so each brings something first.
     */
    function provoke(): void {
      const { api } = cluster;
      for (const { match } of api.faults.waiting) {
        const { verb, resource = '', namespace = '' } = match;
        if (api.openWatchesOf(resource, namespace) === 0) continue;
        ticks += 1;
        for (const object of anchors(namespace)) api.put(object);
        api.endWatches(resource, namespace);
        if (verb === 'list') api.compact();
      }
      if (random.below(100) === 0) api.dropConnections();
    }

    /** An object of each kind that nothing is routed by, with a label that changes. */
    function anchors(namespace: string): readonly object[] {
      const objects = [ingress({ name: 'anchor', namespace }), ...service('anchor', [1], namespace)];
      return objects.map((object) => {
        const metadata = 'metadata' in object ? object.metadata : {};
        return { ...object, metadata: { ...Object(metadata), annotations: { tick: `${ticks}` } } as object };
      });
    }

    /** What the proxy answers for every host. */
    async function served(): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      for (let index = 0; index < HOSTS; index += 1) {
        const answer = await send({ port: cluster.sluice.httpPort, host: hostOf(index) });
        if (answer.status !== 404)
          found.set(hostOf(index), answer.status === 200 ? echoOf(answer).backend : `${answer.status}`);
      }
      return found;
    }

    const sorted = (map: ReadonlyMap<string, string>) => [...map].sort();

    before(async () => {
      for (const name of SERVICES) backends.set(name, await startBackend(name));
      const objects = NAMESPACES.flatMap((place) => SERVICES.flatMap((name) => service(name, [portOf(name)], place)));
      // Silence of a second counts as a broken connection: bookmarks come five times as often.
      const often = ['--watch-idle-limit', '1s', '--reload-interval', '200ms'];
      const flags = [...often, '--namespaces', NAMESPACES.join(), '--events=false', '--log-level', 'info'];
      const program = [HEAP, MAIN];
      cluster = await RunningCluster.start({ objects, proxy, binary, flags, program, server: { bookmarkMs: 200 } });
      for (let index = 0; index < HOSTS; index += 1) putIngress(index, random.pick(SERVICES));
    });

    after(async () => {
      await cluster.stop();
      for (const backend of backends.values()) await backend.close();
    });

    it(`ends with what it holds being served, after ${faults} faults (seed ${SEED})`, async () => {
      console.log(`      seed ${SEED}: set SLUICE_FAULT_SEED to repeat it`);
      const { api, sluice } = cluster;
      await waitFor('the first hosts', async () => (await served()).size === HOSTS);
      let scripted = 0;
      while (scripted < faults || api.faults.pending > 0) {
        for (const collection of COLLECTIONS) {
          if (scripted === faults || waitsFor(collection)) continue;
          api.faults.push(fault(random, collection));
          scripted += 1;
        }
        change();
        provoke();
        await sleep(20);
      }
      const hold = () => JSON.stringify(sorted(world));
      await waitFor(
        `all hosts as the API server has them (seed ${SEED})`,
        async () => JSON.stringify(sorted(await served())) === hold(),
        60_000,
      );
      assert.deepEqual(sorted(await served()), sorted(world));
      console.log(`      ${proxy} ${version}: ${api.requests.length} requests`);
      assert.equal((await sluice.admin('/readyz')).status, 200);
    });
  });
}
