import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { haproxyArguments } from '../../src/proxies/haproxy.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedHaproxy } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'shop.example.com';
const HOSTILE = 'say "hi" \\ %[env(HOME)] ]';

function shop(path: string): string {
  return yaml(ingress({ name: 'web', rules: [{ host: HOST, paths: [{ path, service: 'alpha' }] }] }));
}

for (const { binary, version } of installedHaproxy()) {
  for (const format of ['json', 'combined']) {
    describe(`HAProxy ${version} that runs on its own, access log ${format}`, function () {
      this.timeout(120_000);
      const lines: string[] = [];
      let directory: string;
      let backend: Backend;
      let sluice: RunningSluice;
      let haproxy: ChildProcessByStdio<null, Readable, null>;

      before(async () => {
        backend = await startBackend('alpha');
        directory = await mkdtemp(join(tmpdir(), 'sluice-beside-'));
        const flags = ['--config-dir', directory, '--access-log', format];
        const manifests = { 'shop.yaml': shop('/'), 'services.yaml': yaml(...service('alpha', [backend.port])) };
        const started = RunningSluice.start({ manifests, proxy: 'haproxy', binary, unmanaged: true, flags });
        await waitFor('a generation', () => existsSync(join(directory, 'current', 'haproxy.cfg')));
        const runDirectory = join(directory, 'run');
        const args = haproxyArguments(directory, { runDirectory, pidFile: join(runDirectory, 'haproxy.pid') });
        haproxy = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'] });
        createInterface({ input: haproxy.stdout }).on('line', (line) => lines.push(line));
        sluice = await started;
      });

      after(async () => {
        await sluice.stop();
        haproxy.kill('SIGTERM');
        await once(haproxy, 'exit');
        await backend.close();
        await rm(directory, { recursive: true });
      });

      it('is reloaded by the socket of its master', async () => {
        await sluice.change(() => sluice.write('shop.yaml', shop('/new')));
        assert.equal(echoOf(await send({ port: sluice.httpPort, host: HOST, path: '/new' })).backend, 'alpha');
        assert.equal((await send({ port: sluice.httpPort, host: HOST, path: '/' })).status, 404);
        assert.equal(haproxy.exitCode, null);
      });

      it('tells of each request in one line that a client cannot break', async () => {
        const headers = { 'user-agent': HOSTILE, 'x-request-id': 'id-"1"' };
        await send({ port: sluice.httpPort, host: HOST, path: '/new?q="', headers });
        const line = await waitFor('the line', () => lines.find((item) => item.includes('/new?q=')));
        if (format === 'json') assertJson(JSON.parse(line) as Record<string, unknown>, backend.port);
        else
          assert.match(line, /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/new\?q=\\" HTTP\/1\.1" 200 \d+ "-" "say \\"hi\\" /);
      });
    });
  }
}

function assertJson(line: Record<string, unknown>, port: number): void {
  const { time, bytes, duration_ms: duration, upstream_duration_ms: upstreamDuration, ...rest } = line;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  for (const value of [bytes, duration, upstreamDuration]) assert.equal(typeof value, 'number');
  assert.deepEqual(rest, {
    client: '127.0.0.1',
    method: 'GET',
    scheme: 'http',
    host: HOST,
    uri: '/new?q="',
    protocol: 'HTTP/1.1',
    status: 200,
    request_id: 'id-"1"',
    ingress: 'shop/web',
    upstream: 'shop_alpha_80',
    upstream_address: `127.0.0.1:${port}`,
    referer: '-',
    user_agent: HOSTILE,
  });
}
