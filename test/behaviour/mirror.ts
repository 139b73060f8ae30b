import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackend, type Echo } from '../support/backend.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';
import type { BehaviourTable, CaseRequest, Reach } from './case.ts';

const GAMMA = 'http://gamma.shop.svc.cluster.local';
const PATIENCE_MS = 5000;
/** Where nobody listens until a case does. */
const LOCAL = await freePort();

/** Sends a request, and waits for its copy, which may come after the answer. */
async function copyOf(reach: Reach, request: CaseRequest): Promise<Echo> {
  const id = `${reach.host}-${reach.proxy}-${reach.version}-${Math.random()}`;
  const echo = await reach.echo({ ...request, headers: { ...request.headers, 'x-copy': id } });
  assert.equal(echo.backend, 'alpha');
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const found = reach.backends.gamma.seen.find(({ headers }) => headers['x-copy'] === id);
    if (found !== undefined) return found;
    await sleep(10);
  }
  assert.fail('no copy came');
}

export const MIRROR: BehaviourTable = {
  family: 'mirror',
  cases: [
    {
      name: 'mirror-target gets a copy with the body, and its host as Host',
      keys: ['mirror-target', 'mirror-request-body'],
      only: 'nginx',
      annotations: { 'mirror-target': `${GAMMA}/copy$request_uri` },
      run: async (reach) => {
        const copy = await copyOf(reach, { method: 'POST', path: '/a?b=c%20d', body: 'hello' });
        assert.deepEqual([copy.method, copy.url], ['POST', '/copy/a?b=c%20d']);
        assert.equal(copy.headers['content-length'], '5');
        assert.equal(copy.headers.host, 'gamma.shop.svc.cluster.local');
      },
    },
    {
      name: 'without a path, the copy has that of the request',
      keys: ['mirror-target'],
      only: 'nginx',
      annotations: { 'mirror-target': GAMMA },
      run: async (reach) => {
        assert.equal((await copyOf(reach, { path: '/a/b?c' })).url, '/a/b?c');
      },
    },
    {
      name: 'mirror-request-body off leaves the body out',
      keys: ['mirror-request-body'],
      only: 'nginx',
      annotations: { 'mirror-target': `${GAMMA}/x`, 'mirror-request-body': 'off' },
      run: async (reach) => {
        const copy = await copyOf(reach, { method: 'POST', body: 'hello' });
        assert.equal(copy.url, '/x');
        assert.equal(copy.headers['content-length'], undefined);
        assert.equal(copy.headers['transfer-encoding'], undefined);
      },
    },
    {
      name: 'mirror-host is the host of the copy',
      keys: ['mirror-host'],
      only: 'nginx',
      annotations: { 'mirror-target': GAMMA, 'mirror-host': '$host' },
      run: async (reach) => {
        assert.equal((await copyOf(reach, {})).headers.host, reach.host);
      },
    },
    {
      name: 'a copy may go to the own machine by its name',
      keys: ['mirror-target'],
      only: 'nginx',
      annotations: { 'mirror-target': `http://localhost:${LOCAL}/mirror` },
      run: async (reach) => {
        const local = await startBackend('local', '127.0.0.1', LOCAL);
        try {
          assert.equal((await reach.echo({ path: '/a' })).backend, 'alpha');
          const copy = await waitFor('the copy', () => Promise.resolve(local.seen[0]));
          assert.deepEqual([copy.url, copy.headers.host], ['/mirror', 'localhost']);
        } finally {
          await local.close();
        }
      },
    },
    {
      name: 'a copy to a name that cannot be looked up keeps nobody from the original',
      keys: [],
      annotations: { 'mirror-target': 'https://test.env.com/$request_uri' },
      requests: [{ want: { backend: 'alpha' } }],
    },
    {
      name: 'an answer to a copy does not matter',
      keys: ['mirror-target'],
      only: 'nginx',
      annotations: { 'mirror-target': 'http://empty.shop.svc.cluster.local/' },
      requests: [{ want: { backend: 'alpha' } }],
    },
    {
      name: 'a copy that cannot be made closes nothing',
      keys: [],
      annotations: { 'mirror-target': 'http://nobody.example.com/' },
      requests: [{ want: { backend: 'alpha' } }],
    },
  ],
};
