import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { whenTrue } from '../apply/support/wait.ts';
import type { BehaviourCase, BehaviourTable, Reach } from './case.ts';

/** How many of so many requests at once are answered 200; all others must be 503. */
async function accepted(reach: Reach, count: number, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, () => reach.send({ headers })));
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(
    statuses.filter((status) => status !== 200 && status !== 503),
    [],
  );
  return statuses.filter((status) => status === 200).length;
}

/** HAProxy compares in each of them before one of them counts. */
const THREADS = availableParallelism();

function between(count: number, least: number, most: number): void {
  assert.ok(count >= least && count <= most, `${count} requests were let in, wanted ${least} to ${most}`);
}

export const LIMITS: BehaviourTable = {
  family: 'limits',
  cases: [
    {
      name: 'limit-rps allows a burst of five times the limit',
      keys: ['limit-rps'],
      annotations: { 'limit-rps': '2' },
      run: async (reach) => {
        const begin = performance.now();
        const count = await accepted(reach, 60);
        const seconds = Math.ceil((performance.now() - begin) / 1000);
        between(count, 11, 12 * (seconds + 1));
      },
    },
    {
      name: 'limit-burst-multiplier says how much may come at once',
      keys: ['limit-burst-multiplier', 'limit-rpm'],
      annotations: { 'limit-rpm': '3', 'limit-burst-multiplier': '2' },
      run: async (reach) => {
        between(await accepted(reach, 20), 7, 9 + THREADS);
        between(await accepted(reach, 5), 0, 2);
      },
    },
    {
      name: 'no burst when the multiplier is 0',
      keys: ['limit-burst-multiplier'],
      annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '0' },
      run: async (reach) => between(await accepted(reach, 10), 1, THREADS),
    },
    {
      name: 'limit-rpm and limit-rps hold both',
      keys: ['limit-rpm', 'limit-rps'],
      annotations: { 'limit-rpm': '1', 'limit-rps': '50', 'limit-connections': '100' },
      run: async (reach) => between(await accepted(reach, 30), 5, 6 + THREADS),
    },
    {
      name: 'limits go before passwords and addresses',
      keys: ['limit-rpm'],
      annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '0', 'denylist-source-range': '127.0.0.0/8' },
      run: async (reach) => {
        assert.equal((await reach.send({})).status, 403);
        assert.equal((await reach.send({})).status, 503);
      },
    },
    {
      name: 'limit-connections holds for requests at the same time',
      keys: ['limit-connections'],
      annotations: { 'limit-connections': '2' },
      run: async (reach) => {
        const held = [hold(reach)];
        try {
          await whenTrue('room for one more', async () => (await reach.send({})).status === 200);
          // One that came while another was not quite over is refused.
          await whenTrue('the limit', async () => {
            held.push(hold(reach));
            return (await reach.send({})).status === 503;
          });
          for (const socket of held) socket.destroy();
          await whenTrue('room again', async () => (await reach.send({})).status === 200);
        } finally {
          for (const socket of held) socket.destroy();
        }
      },
    },
    {
      name: 'of 20 requests at the same time, as many are served as limit-connections allows',
      keys: ['limit-connections'],
      annotations: { 'limit-connections': '8' },
      run: async (reach) => {
        const headers = { 'x-want': JSON.stringify({ delay: 2000 }) };
        // HAProxy may refuse two that come in two threads at once where there is room for one.
        between(await accepted(reach, 20, headers), reach.proxy === 'nginx' ? 8 : 8 - (THREADS - 1), 8);
      },
    },
    {
      name: 'limit-whitelist exempts clients',
      keys: ['limit-whitelist'],
      annotations: {
        'limit-rpm': '1',
        'limit-connections': '1',
        'limit-whitelist': '10.0.0.0/8,0.0.0.0/0,2001:db8::/32',
      },
      run: async (reach) => between(await accepted(reach, 20), 20, 20),
    },
    {
      name: 'limit-allowlist exempts clients, too',
      keys: ['limit-allowlist'],
      annotations: { 'limit-rpm': '1', 'limit-allowlist': '127.0.0.0/8' },
      run: async (reach) => between(await accepted(reach, 20), 20, 20),
    },
    {
      name: 'limit-allowlist is the same annotation, and only for who is in it',
      keys: ['limit-allowlist'],
      annotations: { 'limit-rpm': '1', 'limit-allowlist': '10.0.0.0/8,::/0' },
      run: async (reach) => between(await accepted(reach, 20), 5, 6 + THREADS),
    },
    slowed('nginx'),
    slowed('haproxy', '2.7'),
    {
      name: 'limit-rate-after lets so many kilobytes through at once',
      keys: ['limit-rate-after'],
      only: 'nginx',
      annotations: { 'limit-rate': '1', 'limit-rate-after': '64' },
      run: async (reach) => {
        const took = await timeOf(reach, LONG);
        assert.ok(took < 4000, `took ${took} ms`);
      },
    },
  ],
};

function slowed(only: 'nginx' | 'haproxy', since?: string): BehaviourCase {
  return {
    name: 'limit-rate is in kilobytes each second',
    keys: ['limit-rate'],
    only,
    ...(since === undefined ? {} : { since }),
    annotations: { 'limit-rate': '4' },
    run: async (reach) => {
      const took = await timeOf(reach, LONG);
      assert.ok(took > 300, `took ${took} ms`);
    },
  };
}

/** The backend answers with it: more than six kilobytes. */
const LONG = `/${'x'.repeat(6500)}`;

/** Milliseconds. */
async function timeOf(reach: Reach, path: string): Promise<number> {
  const begin = performance.now();
  assert.equal((await reach.send({ path })).status, 200);
  return performance.now() - begin;
}

/** A request that does not end, as its body does not come. */
function hold({ host, httpPort }: Reach): Socket {
  const socket = connect(httpPort, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 5\r\n\r\n`);
  return socket;
}
