import assert from 'node:assert/strict';
import type { Fault } from '../../support/api-server/faults.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { waitFor } from '../../support/wait.ts';
import { configMap, Scene } from './reflector-scene.ts';

describe('a reflector that things go wrong for', function () {
  this.timeout(120_000);
  let scene: Scene;

  async function open(options: Parameters<typeof FakeApiServer.start>[0] = {}, token = ''): Promise<Scene> {
    scene = new Scene(await FakeApiServer.start({ bookmarkMs: 100, ...options }), token);
    return scene;
  }

  afterEach(() => scene.end());

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
