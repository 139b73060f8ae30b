import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { installedNginx, installedProxies } from '../support/proxies.ts';
import { ProxyBeside } from '../support/proxy-beside.ts';
import { RunningSluice, type LogLine } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

/** nginx tries a port that is taken for two and a half seconds before it gives up. */
const PATIENCE = ['--acknowledge-timeout', '4s'];
const NEIGHBOUR_MS = 50;

/** Templates that listen on a port that a path names. */
const LISTENING = {
  nginx: {
    'partials/http.hbs': `{{#each hosts}}{{#each routes}}{{#if (startsWith path "/listen/")}}
{{#owner source}}
    server { listen 127.0.0.1:{{word (slice path 8)}}; return 204; }
{{/owner}}
{{/if}}{{/each}}{{/each}}
`,
  },
  haproxy: {
    'partials/defaults.hbs': `{{#each hosts}}{{#each routes}}{{#if (startsWith path "/listen/")}}
{{#owner source}}
frontend {{word (concat "extra_" (slice path 8))}}
    bind {{word (concat "127.0.0.1:" (slice path 8))}}
    http-request return status 204
{{/owner}}
{{/if}}{{/each}}{{/each}}
`,
  },
} as const;

/** Templates that make a path the key of a zone that is there whatever the key. */
const KEYED = {
  'partials/http.hbs': `{{#each hosts}}{{#each routes}}{{#if (startsWith path "/key/")}}
{{#owner source}}
    limit_req_zone \${{word (slice path 5)}} zone=same:1m rate=9r/s;
{{/owner}}
{{/if}}{{/each}}{{/each}}
`,
};

const one = (name: string, path: string) =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path, service: 'alpha' }] }] });

/** Takes a port until it is closed. */
async function take(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a configuration that the checker accepts and the proxy does not take over', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let folder: string;
  let sluice: RunningSluice | undefined;
  let taken: Server | undefined;
  let over: AbortController;

  before(async () => {
    alpha = await startBackend('alpha');
    folder = await mkdtemp(join(tmpdir(), 'sluice-reload-'));
    await chmod(folder, 0o755);
  });

  beforeEach(() => {
    over = new AbortController();
  });

  afterEach(async () => {
    over.abort();
    taken?.close();
    taken = undefined;
    await sluice?.stop();
    sluice = undefined;
  });

  after(async () => {
    await Promise.all([alpha.close(), rm(folder, { recursive: true })]);
  });

  async function templates(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), text);
    }
    return join(folder, name);
  }

  const world = (...manifests: readonly object[]) =>
    yaml(...service('alpha', [alpha.port]), one('neighbour', '/'), ...manifests);

  const status = async (port: number, name: string, path: string) =>
    (await send({ port, host: `${name}.example.com`, path }).catch(() => undefined))?.status;

  /** Asks the neighbour all the time; the answers that were not its own, and how many there were. */
  async function watchNeighbour({ httpPort }: RunningSluice): Promise<{ bad: unknown[]; asked: number }> {
    const seen = { bad: [] as unknown[], asked: 0 };
    while (!over.signal.aborted) {
      seen.asked += 1;
      const answer = await send({ port: httpPort, host: 'neighbour.example.com' }).catch((error: unknown) => error);
      if (!(answer instanceof Object && 'status' in answer && answer.status === 200)) seen.bad.push(answer);
      await sleep(NEIGHBOUR_MS);
    }
    return seen;
  }

  /** HAProxy itself has the old process stop listening for up to two seconds, while the new one tries a port that is taken. */
  async function wasServed(watched: ReturnType<typeof watchNeighbour>, proxy: string): Promise<void> {
    over.abort();
    const { bad, asked } = await watched;
    const shown = (item: unknown) => (item instanceof Error ? String(item) : JSON.stringify(item));
    if (proxy === 'nginx') assert.deepEqual(bad.map(shown), []);
    // Refused, or reset in the kernel's queue: not a connection that HAProxy had accepted.
    const isRefused = (item: unknown) => item instanceof Error && 'syscall' in item && item.syscall === 'connect';
    assert.deepEqual(bad.filter((item) => !isRefused(item)).map(shown), []);
    assert.ok(asked > 10, `asked only ${asked} times`);
  }

  const told = (code: string) => (line: LogLine) => line['code'] === code && line['reason'] !== undefined;
  const quarantined = ({ log }: RunningSluice) => log.filter(told('Quarantined'));
  const reloads = ({ log }: RunningSluice) => log.find((line) => line.msg === 'that search is over')?.['reloads'];

  for (const { name: proxy, binary, version } of installedProxies()) {
    describe(`${proxy} ${version}`, () => {
      it('because of a port that one Ingress wants and another process has: it is left out, and served when the port is free', async () => {
        const port = await freePort();
        taken = await take(port);
        const flags = ['--templates', await templates(`listening-${proxy}`, LISTENING[proxy]), ...PATIENCE];
        const running = await RunningSluice.start({ manifests: { 'all.yaml': world() }, proxy, binary, flags });
        sluice = running;
        const watched = watchNeighbour(running);
        await running.write('all.yaml', world(one('extra', `/listen/${port}`)));
        const isLeftOut = () => quarantined(running).length > 0;
        await waitFor(() => `quarantine; log: ${JSON.stringify(running.log.slice(-5))}`, isLeftOut, 60_000);
        const [line] = quarantined(running);
        assert.equal(line?.['object'], 'Ingress shop/extra');
        const reason = String(line['reason']);
        assert.match(reason, /reloads fail with it, and not without it \(2 tried\): /);
        // HAProxy 2.6 tells nobody but its standard error.
        const words = {
          nginx: /it says: \[emerg\] bind\(\) to .* failed/,
          haproxy: /cannot bind socket|standard error/,
        };
        assert.match(reason, words[proxy]);
        assert.ok(version.startsWith('2.6') || reason.includes(`127.0.0.1:${port}`), reason);
        await waitFor('readiness', async () => (await running.admin('/readyz')).status === 200);
        await running.write('all.yaml', world(one('extra', `/listen/${port}`), one('later', '/')));
        const isServed = async () => (await status(running.httpPort, 'later', '/')) === 200;
        await waitFor('another Ingress', isServed, 60_000);
        taken.close();
        const isBack = async () => (await status(port, 'extra', '/')) === 204;
        await waitFor(() => `the port; log: ${JSON.stringify(running.log.slice(-5))}`, isBack, 90_000);
        await wasServed(watched, proxy);
        await running.logged(
          'the end of it',
          (item) => item.msg === 'no longer wrong' && item['code'] === 'Quarantined',
        );
        assert.equal(quarantined(running).length, 1);
        console.log(`      ${String(reloads(running))} reloads`);
      });

      it('because of a port of its own that another process has at the first start: it is served when the port is free', async () => {
        const running = await RunningSluice.prepare({
          manifests: { 'all.yaml': world() },
          proxy,
          binary,
          flags: PATIENCE,
        });
        sluice = running;
        taken = await take(running.httpPort);
        running.launch();
        await running.logged('no answer', (line) => line['type'] === 'unacknowledged');
        assert.equal((await running.admin('/readyz')).status, 503);
        taken.close();
        const isServed = async () => (await status(running.httpPort, 'neighbour', '/')) === 200;
        await waitFor(() => `an answer; log: ${JSON.stringify(running.log.slice(-5))}`, isServed, 60_000);
        assert.deepEqual(quarantined(running), []);
      });

      it('because of an Ingress that came while it was away: that one is left out, and the other one is served', async () => {
        const port = await freePort();
        const flags = ['--templates', await templates(`listening-${proxy}`, LISTENING[proxy]), ...PATIENCE];
        const running = await RunningSluice.start({ manifests: { 'all.yaml': world() }, proxy, binary, flags });
        sluice = running;
        await running.kill('SIGKILL');
        const watched = watchNeighbour(running);
        taken = await take(port);
        await running.write('all.yaml', world(one('extra', `/listen/${port}`), one('later', '/')));
        running.launch();
        const isServed = async () => (await status(running.httpPort, 'later', '/')) === 200;
        await waitFor(() => `the other; log: ${JSON.stringify(running.log.slice(-5))}`, isServed, 60_000);
        await waitFor('quarantine', () => quarantined(running).length > 0, 60_000);
        assert.deepEqual(
          quarantined(running).map((line) => line['object']),
          ['Ingress shop/extra'],
        );
        await wasServed(watched, proxy);
        console.log(`      ${String(reloads(running))} reloads`);
      });

      it('because of a port that its templates want since it was away: nobody is blamed, and it is served when the port is free', async () => {
        const port = await freePort();
        const before = await templates(`restart-${proxy}-${version}`, LISTENING[proxy]);
        const flags = ['--templates', before, ...PATIENCE];
        const running = await RunningSluice.start({ manifests: { 'all.yaml': world() }, proxy, binary, flags });
        sluice = running;
        await running.kill('SIGKILL');
        const watched = watchNeighbour(running);
        taken = await take(port);
        await templates(`restart-${proxy}-${version}`, ownListener(proxy, port));
        running.launch();
        const line = await waitFor('ConfigRefused', () => running.log.find(told('ConfigRefused')), 60_000);
        assert.match(
          String(line['reason']),
          /does not take it over: .*no Ingress has changed, so that no Ingress is blamed/,
        );
        taken.close();
        await waitFor('the port', async () => (await status(port, 'any', '/')) === 204, 90_000);
        await wasServed(watched, proxy);
        await running.logged(
          'the end of it',
          (item) => item.msg === 'no longer wrong' && item['code'] === 'ConfigRefused',
        );
        assert.deepEqual(quarantined(running), []);
      });
    });
  }

  for (const nginx of installedNginx()) {
    describe(`nginx ${nginx.version}`, () => {
      it('because of another key of a zone, which is the only change: it is served, by a reload without it in between', async () => {
        const flags = ['--templates', await templates('keyed', KEYED), '--acknowledge-timeout', '1s'];
        const manifests = { 'all.yaml': world(one('keyed', '/key/uri')) };
        const running = await RunningSluice.start({ manifests, binary: nginx.binary, flags });
        sluice = running;
        const watched = watchNeighbour(running);
        await running.write('all.yaml', world(one('keyed', '/key/binary_remote_addr')));
        const isServed = async () => (await status(running.httpPort, 'keyed', '/key/binary_remote_addr')) === 200;
        await waitFor(() => `the new key; log: ${JSON.stringify(running.log.slice(-5))}`, isServed, 60_000);
        assert.equal(await status(running.httpPort, 'keyed', '/key/uri'), 404);
        await wasServed(watched, 'nginx');
        await running.logged('the end of the search', (line) => line.msg === 'that search is over');
        assert.equal(reloads(running), 2);
        assert.equal(running.log.filter((line) => line['type'] === 'rolled-back').length, 2);
        assert.deepEqual(quarantined(running), []);
      });

      it('because of another key of a zone since it was away: it is served, by a reload without it in between', async () => {
        const flags = ['--templates', await templates('keyed', KEYED), '--acknowledge-timeout', '1s'];
        const manifests = { 'all.yaml': world(one('keyed', '/key/uri')) };
        const running = await RunningSluice.start({ manifests, binary: nginx.binary, flags });
        sluice = running;
        await running.kill('SIGKILL');
        const watched = watchNeighbour(running);
        await running.write('all.yaml', world(one('keyed', '/key/binary_remote_addr')));
        running.launch();
        const isServed = async () => (await status(running.httpPort, 'keyed', '/key/binary_remote_addr')) === 200;
        await waitFor(() => `the new key; log: ${JSON.stringify(running.log.slice(-5))}`, isServed, 60_000);
        await wasServed(watched, 'nginx');
        await running.logged('the end of the search', (line) => line.msg === 'that search is over');
        assert.deepEqual([reloads(running), quarantined(running)], [2, []]);
      });

      it('whoever is in it: nobody is blamed, what ran before stays, and it is tried until it goes well', async () => {
        const lock = join(folder, `lock-${nginx.version}`);
        const script = join(folder, `reload-${nginx.version}`);
        const flags = ['--acknowledge-timeout', '1s', '--reload-command', script];
        const running = await RunningSluice.prepare({
          manifests: { 'all.yaml': world() },
          binary: nginx.binary,
          unmanaged: true,
          flags,
        });
        sluice = running;
        const pidFile = join(running.configDir, 'run', 'nginx.pid');
        const refuse = `if [ -e ${lock} ]; then echo 'out of memory'; exit 1; fi`;
        await writeFile(script, `#!/bin/sh\n${refuse}\nkill -HUP "$(cat ${pidFile})"\n`, { mode: 0o755 });
        running.launch();
        const beside = new ProxyBeside(nginx, running);
        await beside.start();
        try {
          await running.generation((generation) => generation > 0);
          const watched = watchNeighbour(running);
          await writeFile(lock, '');
          await running.write('all.yaml', world(one('later', '/')));
          const line = await waitFor('ConfigRefused', () => running.log.find(told('ConfigRefused')), 30_000);
          assert.match(String(line['reason']), /out of memory.*nor the same without the Ingresses that changed/);
          assert.match((await running.admin('/readyz')).body, /did not take the newest configuration over/);
          assert.equal(reloads(running), 1);
          await rm(lock);
          const isServed = async () =>
            (await send({ port: running.httpPort, host: 'later.example.com' })).status === 200;
          await waitFor(() => `it; log: ${JSON.stringify(running.log.slice(-5))}`, isServed, 60_000);
          await wasServed(watched, 'nginx');
          await running.logged('the end of it', (item) => item.msg === 'no longer wrong');
          assert.deepEqual(quarantined(running), []);
          const answer = await send({ port: running.httpPort, host: 'later.example.com' });
          assert.equal(echoOf(answer).backend, 'alpha');
        } finally {
          await beside.kill();
        }
      });
    });
  }
});

function ownListener(proxy: 'nginx' | 'haproxy', port: number): Readonly<Record<string, string>> {
  if (proxy === 'nginx') return { 'partials/http.hbs': `    server { listen 127.0.0.1:${port}; return 204; }\n` };
  const frontend = `frontend extra\n    bind 127.0.0.1:${port}\n    http-request return status 204\n`;
  return { 'partials/defaults.hbs': frontend };
}
