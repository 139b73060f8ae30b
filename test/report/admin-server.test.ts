import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { adminRoutes, startAdminServer, type AdminRoute, type AdminServer } from '../../src/report/admin-server.ts';
import { Health } from '../../src/report/health.ts';
import { createMetrics } from '../../src/report/metrics.ts';
import { recordingLogger } from '../apply/support/logger.ts';
import { outcomeOf } from './support.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly host?: string;
  readonly body?: string;
  readonly agent?: Agent;
}

async function ask({ port, path, method = 'GET', host = '127.0.0.1', body = '', agent }: Asked): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest({ host, port, path, method, agent: agent ?? false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
  });
  request.on('error', reject).end(body);
  return promise;
}

async function hello(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('the admin server', () => {
  let abort: AbortController;
  const logger = recordingLogger();
  const servers: AdminServer[] = [];

  beforeEach(() => {
    abort = new AbortController();
    logger.messages.length = 0;
  });
  afterEach(async () => {
    abort.abort();
    await Promise.all(servers.splice(0).map(({ stopped }) => stopped));
  });

  async function start(routes: Readonly<Record<string, AdminRoute>>, address = '127.0.0.1', port = 0): Promise<number> {
    const server = await startAdminServer({ address, port, routes, logger }, abort.signal);
    servers.push(server);
    return server.port;
  }

  const routes: Readonly<Record<string, AdminRoute>> = {
    '/a': () => ({ status: 200, body: 'ä\n' }),
    '/b': () => Promise.resolve({ status: 503, body: 'b\n', contentType: 'text/html' }),
    '/throws': () => {
      throw new Error('the reason');
    },
    '/rejects': () => Promise.reject(new Error('the reason')),
  };

  const answers: readonly {
    readonly path: string;
    readonly method?: string;
    readonly status: number;
    readonly body: string;
  }[] = [
    { path: '/a', status: 200, body: 'ä\n' },
    { path: '/a?verbose', status: 200, body: 'ä\n' },
    { path: '/b', status: 503, body: 'b\n' },
    { path: '/a', method: 'HEAD', status: 200, body: '' },
    { path: '/', status: 404, body: 'not found; there are:\n/a\n/b\n/rejects\n/throws\n' },
    { path: '/a/', status: 404, body: 'not found; there are:\n/a\n/b\n/rejects\n/throws\n' },
    { path: '/__proto__', status: 404, body: 'not found; there are:\n/a\n/b\n/rejects\n/throws\n' },
    { path: '/a', method: 'POST', status: 405, body: 'only GET and HEAD\n' },
    { path: '/nowhere', method: 'OPTIONS', status: 405, body: 'only GET and HEAD\n' },
    { path: '/throws', status: 500, body: 'cannot answer; the log says why\n' },
    { path: '/rejects', status: 500, body: 'cannot answer; the log says why\n' },
  ];
  for (const { path, method = 'GET', status, body } of answers) {
    it(`answers ${status} to ${method} ${path}`, async () => {
      const answer = await ask({ port: await start(routes), path, method });
      assert.deepEqual({ status: answer.status, body: answer.body }, { status, body });
    });
  }

  it('sends plain text that nobody may keep, and no permission for other origins', async () => {
    const { headers } = await ask({ port: await start(routes), path: '/a', method: 'HEAD' });
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['content-length'], '3');
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  it('says which methods there are, and does not read what comes with another', async () => {
    const port = await start(routes);
    const { headers } = await ask({ port, path: '/a', method: 'PUT', body: 'x'.repeat(10) });
    assert.equal(headers.allow, 'GET, HEAD');
    assert.equal(headers.connection, 'close');
  });

  it('logs a failure and goes on', async () => {
    const port = await start(routes);
    await ask({ port, path: '/rejects' });
    assert.deepEqual(logger.messages, ['the admin server cannot answer']);
    assert.equal((await ask({ port, path: '/a' })).status, 200);
  });

  it('lives through clients that speak something else', async () => {
    const port = await start(routes);
    const socket = await hello(port);
    socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
    await once(socket.resume(), 'close');
    assert.equal((await ask({ port, path: '/a' })).status, 200);
  });

  for (const address of ['::1', '[::1]']) {
    it(`listens on ${address}`, async () => {
      const port = await start(routes, address);
      assert.equal((await ask({ port, path: '/a', host: '::1' })).status, 200);
    });
  }

  it('says which address is in use, and which flags change it', async () => {
    const port = await start(routes);
    await assert.rejects(
      start(routes, '127.0.0.1', port),
      new RegExp(
        `cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use; see --admin-address and --admin-port`,
      ),
    );
  });

  it('says that the machine has no such address', async () => {
    await assert.rejects(start(routes, '2001:db8::1'), /cannot listen on \[2001:db8::1\]:0: /);
  });

  it('ends on abort with whatever connections it has', async () => {
    const { promise: asked, resolve: wasAsked } = Promise.withResolvers<undefined>();
    const hanging = { ...routes, '/hangs': () => (wasAsked(undefined), new Promise<never>(() => undefined)) };
    const port = await start(hanging);
    const agent = new Agent({ keepAlive: true });
    await ask({ port, path: '/a', agent });
    const silent = await hello(port);
    const cut = assert.rejects(ask({ port, path: '/hangs' }), /socket hang up|ECONNRESET/);
    await asked;
    abort.abort();
    await Promise.all([cut, once(silent.resume(), 'close'), ...servers.map(({ stopped }) => stopped)]);
    await assert.rejects(ask({ port, path: '/a' }), /ECONNREFUSED/);
    agent.destroy();
  });

  it('does not start after an abort', async () => {
    abort.abort(new Error('enough'));
    await assert.rejects(start(routes), /enough/);
  });

  it('serves health and metrics', async () => {
    const health = new Health({ now: () => 0, beatLimitMs: 1 });
    const proxy = { name: 'nginx', version: '1.22.1', modules: [] };
    const metrics = createMetrics({ version: '0.1.0', proxy, drainingWorkers: () => Promise.resolve(3) });
    const port = await start(adminRoutes({ health, metrics }));
    const statuses = async () =>
      Promise.all(['/healthz', '/readyz', '/startz'].map(async (path) => (await ask({ port, path })).status));
    assert.deepEqual(await statuses(), [200, 503, 503]);
    health.observe(outcomeOf({}));
    assert.deepEqual(await statuses(), [200, 200, 200]);
    const { body, headers } = await ask({ port, path: '/metrics' });
    assert.match(body, /^sluice_draining_workers 3$/m);
    assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  });
});
