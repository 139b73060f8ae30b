import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Applier } from '../../src/apply/apply.ts';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import type { ProxyDriver } from '../../src/proxies/driver.ts';
import { askCli } from '../../src/proxies/haproxy-cli.ts';
import { parseState } from '../../src/proxies/haproxy-master.ts';
import { haproxySockets } from '../../src/proxies/haproxy.ts';
import { killIfThere } from '../../src/proxies/process-table.ts';
import type { Renderer } from '../../src/render/render.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { rendererFor } from '../support/pack.ts';
import { freePort } from '../support/ports.ts';
import { installedHaproxy } from '../support/proxies.ts';
import { sha256 } from './support/bundles.ts';
import { HaproxySandbox } from './support/haproxy.ts';
import { worldBundle, type World } from './support/haproxy-world.ts';
import { childrenOf } from './support/nginx.ts';
import { forever, whenTrue } from './support/wait.ts';

interface SlowBackend {
  readonly port: number;
  /** Once a request is there, to what answers it. */
  readonly arrived: Promise<() => void>;
  readonly close: () => void;
}

async function startSlowBackend(): Promise<SlowBackend> {
  const { promise: arrived, resolve } = Promise.withResolvers<() => void>();
  const server = createServer((_, response) => resolve(() => response.end('slow'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, arrived, close };
}

/** Of `show servers state`. */
function serverNames(answer: string): string {
  const rows = answer.split('\n').filter((line) => /^\d+ /.test(line));
  return rows.map((row) => row.split(' ')[3]).join(' ');
}

for (const { binary, version } of installedHaproxy()) {
  describe(`endpoints of HAProxy ${version} without a reload`, function () {
    this.timeout(120_000);
    let backends: readonly Backend[];
    let render: Renderer;
    let sandbox: HaproxySandbox;
    let httpPort: number;
    let driver: ProxyDriver;
    let applier: Applier;

    before(async () => {
      backends = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => startBackend(name)));
      render = await rendererFor('haproxy', version);
    });
    after(() => Promise.all(backends.map((backend) => backend.close())));

    beforeEach(async () => {
      sandbox = await HaproxySandbox.create(binary);
      httpPort = await freePort();
      driver = sandbox.managed().driver;
      applier = await sandbox.applier(driver);
    });
    afterEach(() => sandbox.close());

    const ports = (names: string): readonly number[] =>
      names.split('').map((name) => backends.find((backend) => backend.name === name)?.port ?? 0);
    const bundle = (world: World): ConfigBundle => worldBundle(world, { sandbox, render, httpPort });
    const web = (names: string): ConfigBundle => bundle({ other: ports('a'), web: ports(names) });
    const apply = async (next: ConfigBundle): Promise<ApplyResult> => (await applier.apply(next, forever)).result;
    const cli = async (line: string): Promise<string> => {
      const request = { timeoutMs: 30_000, maxAnswer: 1_000_000, signal: forever };
      return (await askCli(haproxySockets(sandbox.runDirectory).admin, line, request)) ?? '';
    };

    async function howApplied(next: ConfigBundle): Promise<'reload' | 'runtime'> {
      const result = await apply(next);
      assert.ok(result.type === 'applied', JSON.stringify(result));
      assert.equal(await driver.runningGeneration(forever), result.generation);
      return result.by;
    }

    /** With backends.cfg as templates of a user would write it. */
    function edited(names: string, edit: (text: string) => string): ConfigBundle {
      const original = web(names);
      const file = original.files.get('backends.cfg');
      assert.ok(file);
      const text = edit(file.text);
      const files = new Map(original.files).set(file.path, { ...file, text, sha256: sha256(text) });
      return { ...original, files, digest: sha256(text) };
    }

    /** The backends that answer so many requests, each over a connection of its own. */
    async function answering(requests = 12): Promise<string> {
      const seen = new Set<string>();
      for (let sent = 0; sent < requests; sent++) {
        seen.add(echoOf(await send({ port: httpPort, host: 'web.example.com' })).backend);
      }
      return [...seen].sort().join('');
    }

    /** The master with its reloads, and the workers. */
    async function processes(): Promise<object> {
      const socket = haproxySockets(sandbox.runDirectory).master;
      const request = { timeoutMs: 30_000, maxAnswer: 64_000, signal: forever };
      const master = parseState((await askCli(socket, 'show proc', request)) ?? '');
      assert.ok(master);
      return { master, workers: await childrenOf(master.pid) };
    }

    it('come, go, are all replaced, and come back, with the same worker', async () => {
      assert.equal(await howApplied(web('ab')), 'reload');
      await whenTrue('both', async () => (await answering()) === 'ab');
      await whenTrue('one worker', async () => /"workers":\[\d+\]/.test(JSON.stringify(await processes())));
      const before = await processes();
      for (const names of ['ac', 'abc', 'abcd', 'ad', 'bc', 'de', 'abcde', 'ab']) {
        assert.equal(await howApplied(web(names)), 'runtime', names);
        assert.equal(await answering(), names);
      }
      assert.deepEqual(await processes(), before);
      assert.deepEqual(
        sandbox.logger.messages.filter((message) => message.includes('reload')),
        [],
      );
    });

    it('are the same for the one that stands alone, in several backends at once, by IPv6, too', async () => {
      await howApplied(bundle({ one: ports('a'), web: ports('b'), six: ['[::1]:1'] }));
      const next = { one: ports('c'), web: ports('a'), six: ['[0:0::2]:65535'] };
      assert.equal(await howApplied(bundle(next)), 'runtime');
      assert.equal(await answering(4), 'a');
      assert.match(await cli('show servers conn shop_six_http'), / ::2 65535 /);
    });

    it('keep the connections that come free, as those of the configuration do', async () => {
      await howApplied(web('ab'));
      assert.equal(await howApplied(web('cd')), 'runtime');
      assert.equal(await answering(20), 'cd');
      // A connection comes free after its answer has been read.
      await whenTrue('a free connection to each', async () => {
        const lines = (await cli('show servers conn shop_web_http')).split('\n');
        const isKept = (line: string) => /^shop_web_http\/\S+ \S+ \S+ \d+ - 5000 0 \d+ \d+ \d+ \d+ 32 [1-9]/.test(line);
        return lines.filter(isKept).length === 2;
      });
    });

    it('finish the requests that they have, whose connections then serve nobody else', async () => {
      const slow = await startSlowBackend();
      try {
        await howApplied(bundle({ web: [slow.port] }));
        const pending = send({ port: httpPort, host: 'web.example.com' });
        const release = await slow.arrived;
        assert.equal(await howApplied(bundle({ web: ports('a') })), 'runtime');
        assert.equal(await answering(), 'a');
        release();
        assert.equal((await pending).body, 'slow');
        // The server that is free now is given to another endpoint.
        assert.equal(await howApplied(bundle({ web: ports('b') })), 'runtime');
        assert.equal(await answering(), 'b');
        assert.equal(serverNames(await cli('show servers state shop_web_http')), 's0 s1');
      } finally {
        slow.close();
      }
    });

    it('take the servers that were left over, however often they change', async () => {
      await howApplied(web('a'));
      for (const names of ['b', 'c', 'd', 'a', 'e', 'b']) assert.equal(await howApplied(web(names)), 'runtime');
      assert.equal(await answering(), 'b');
      assert.equal(serverNames(await cli('show servers state shop_web_http')), 's0 s1');
    });

    it('are those of the files when it starts again, and so is the generation', async () => {
      await howApplied(web('ab'));
      assert.equal(await howApplied(web('cde')), 'runtime');
      const { master } = (await processes()) as { readonly master: { readonly pid: number } };
      killIfThere(master.pid, 'SIGKILL');
      await whenTrue('another one', async () => {
        const generation = await driver.runningGeneration(forever);
        return generation === 2 && !killIfThere(master.pid, 0);
      });
      await whenTrue('its answer', async () => (await answering().catch(() => '')) === 'cde');
      assert.deepEqual(await applier.verify(forever), { type: 'unchanged', generation: 2 });
      assert.equal(await howApplied(web('abc')), 'runtime');
      assert.equal(await answering(), 'abc');
    });

    it('are put right by another sluice when one was killed before it wrote them', async () => {
      await howApplied(web('ab'));
      const texts = [web('ab'), web('cd')].map((item) => item.files.get('backends.cfg')?.text ?? '');
      const [old = '', next = ''] = texts;
      const files = [{ path: 'backends.cfg', before: old, after: next }];
      const text = (path: string): string | undefined => web('cd').files.get(path)?.text;
      assert.equal((await driver.update?.({ files, text }, forever))?.type, 'updated');
      assert.equal(await answering(), 'cd');
      assert.equal(await driver.runningGeneration(forever), 0);
      applier = await sandbox.applier(sandbox.managed().driver);
      await whenTrue('the endpoints of the files', async () => (await answering()) === 'ab');
      assert.equal(await driver.runningGeneration(forever), 1);
      assert.equal(await howApplied(web('cd')), 'runtime');
    });

    it('are loaded from the files when HAProxy is started again in between', async () => {
      const restarting: ProxyDriver = {
        ...driver,
        update: async (change, signal) => {
          const update = await driver.update?.(change, signal);
          assert.ok(update?.type === 'updated');
          await driver.reload(signal);
          await whenTrue('the files', async () => (await driver.runningGeneration(signal)) === 1);
          return update;
        },
      };
      applier = await sandbox.applier(restarting);
      await howApplied(web('ab'));
      assert.equal(await howApplied(web('cd')), 'reload');
      await whenTrue('the new endpoints', async () => (await answering()) === 'cd');
    });

    describe('take a reload', () => {
      const many = (count: number): readonly string[] =>
        Array.from({ length: count }, (_, index) => `127.1.0.${index + 1}:9`);
      const cases: readonly {
        readonly name: string;
        readonly before: () => ConfigBundle;
        readonly after: () => ConfigBundle;
        readonly given?: () => Promise<unknown>;
        readonly serves: string;
      }[] = [
        {
          name: 'with a new backend',
          before: () => web('ab'),
          after: () => bundle({ web: ports('cd'), x: ports('a') }),
          serves: 'cd',
        },
        {
          name: 'when the first endpoint comes',
          before: () => bundle({ web: [] }),
          after: () => bundle({ web: ports('a') }),
          serves: 'a',
        },
        {
          name: 'when the second endpoint comes, which a request may be sent to again',
          before: () => web('a'),
          after: () => web('ab'),
          serves: 'ab',
        },
        {
          name: 'with another option of a user',
          before: () => web('ab'),
          after: () => edited('cd', (text) => text.replaceAll(/^( +server .*)$/gm, '$1 maxconn 9')),
          serves: 'cd',
        },
        {
          name: 'when somebody changed the running servers',
          before: () => web('ab'),
          after: () => web('cd'),
          given: () => cli('set server shop_web_http/s0 state maint'),
          serves: 'cd',
        },
        {
          name: 'when too many servers would be left over',
          before: () => bundle({ web: many(102) }),
          after: () => web('ab'),
          serves: 'ab',
        },
      ];
      for (const { name, before, after, given, serves } of cases) {
        it(name, async () => {
          await howApplied(before());
          await given?.();
          assert.equal(await howApplied(after()), 'reload');
          await whenTrue(serves, async () => (await answering()) === serves);
        });
      }

      it('when templates of a user keep the number elsewhere', async () => {
        const { stamp } = sandbox.bundle('');
        await howApplied({ ...web('ab'), stamp });
        assert.equal(await howApplied({ ...web('cd'), stamp }), 'reload');
        await whenTrue('the new endpoints', async () => (await answering()) === 'cd');
      });
    });

    it('come with the options that templates of a user give them', async () => {
      const limit = (text: string): string => text.replaceAll(/^( +server .*)$/gm, '$1 maxconn 9 weight 5');
      await howApplied(edited('ab', limit));
      assert.equal(await howApplied(edited('cd', limit)), 'runtime');
      assert.equal(await answering(), 'cd');
      const weights = (await cli('show stat')).split('\n').filter((line) => line.startsWith('shop_web_http,s'));
      assert.deepEqual(
        weights.map((line) => line.split(',')[18]),
        ['5', '5', '5', '5'],
      );
    });

    it('are on disk as they run', async () => {
      await howApplied(web('ab'));
      await howApplied(web('cd'));
      const text = await readFile(join(sandbox.configDir, 'current', 'backends.cfg'), 'utf8');
      for (const port of ports('cd')) assert.ok(text.includes(`127.0.0.1:${port}`));
      assert.equal(await readFile(join(sandbox.configDir, 'current', 'maps/generation.map'), 'utf8'), 'generation 2\n');
    });
  });
}
