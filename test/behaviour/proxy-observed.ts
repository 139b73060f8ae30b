import assert from 'node:assert/strict';
import { service } from '../support/manifests.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';
import type { BehaviourCase, BehaviourRequest, BehaviourTable, Reach } from './case.ts';
import { configMap } from './external-auth-support.ts';
import {
  passesAnswersOnAsTheyCome,
  passesBodiesOnAsTheyCome,
  takesAnswersInAdvance,
  waitsForBodies,
  whileConnectingHangs,
  whileNothingIsRead,
} from './observers.ts';

/** Of endpoints that are there while a case runs. */
const PORT = await freePort();
/** Where nobody listens. */
const NOBODY = await freePort();

/** A route to them. */
function observed(item: Omit<BehaviourCase, 'paths' | 'objects'>): BehaviourCase {
  return { ...item, paths: [{ path: '/', service: 'observed' }], objects: () => service('observed', [PORT]) };
}

function asking(wanted: object): Readonly<Record<string, string>> {
  return { 'x-want': JSON.stringify(wanted) };
}

function refresh(given: string, want: string): BehaviourRequest {
  return { headers: asking({ headers: { refresh: given } }), want: { headers: { refresh: want } } };
}

async function speaks(version: string, { echo }: Reach): Promise<void> {
  assert.equal((await echo({})).version, version);
}

/** nginx warns that a body went to a file. */
async function isWritten({ errorLog, host }: Reach, what: string): Promise<void> {
  await waitFor(`a file for ${what}`, () =>
    errorLog()
      .split('\n')
      .some((line) => line.includes(`${what} is buffered to a temporary file`) && line.includes(`"${host}"`)),
  );
}

/** What each annotation changes, where the ConfigMap says nothing. */
export const PROXY_OBSERVED: readonly BehaviourCase[] = [
  observed({
    name: 'proxy-request-buffering off passes a body on as it comes',
    keys: ['proxy-request-buffering'],
    annotations: { 'proxy-request-buffering': 'off' },
    run: (reach) => passesBodiesOnAsTheyCome(reach, PORT),
  }),
  observed({
    name: 'proxy-request-buffering on waits for all of a body',
    keys: ['proxy-request-buffering'],
    annotations: { 'proxy-request-buffering': 'on' },
    run: (reach) => waitsForBodies(reach, PORT),
  }),
  observed({
    name: 'proxy-buffering off passes an answer on as it comes',
    keys: ['proxy-buffering'],
    annotations: { 'proxy-buffering': 'off' },
    run: (reach) => passesAnswersOnAsTheyCome(reach, PORT),
  }),
  observed({
    name: 'proxy-buffering on takes an answer before the client does',
    keys: ['proxy-buffering'],
    only: 'nginx',
    annotations: { 'proxy-buffering': 'on' },
    run: (reach) => takesAnswersInAdvance(reach, PORT),
  }),
  {
    name: 'proxy-http-version is what endpoints are spoken to in',
    keys: ['proxy-http-version'],
    only: 'nginx',
    annotations: { 'proxy-http-version': '1.0' },
    run: (reach) => speaks('1.0', reach),
  },
  observed({
    name: 'an endpoint that takes nothing is given up',
    keys: ['proxy-send-timeout'],
    only: 'nginx',
    annotations: { 'proxy-send-timeout': '1', 'proxy-body-size': '0' },
    run: (reach) =>
      whileNothingIsRead(PORT, async () => {
        assert.equal((await reach.send({ method: 'POST', body: 'x'.repeat(12_000_000) })).status, 504);
      }),
  }),
  ...[
    { from: 'https://hello.com/', to: 'https://goodbye.com/x/', after: 'https://goodbye.com/x/a?b=c' },
    { from: 'https://hello.com/', to: '/here/', after: '/here/a?b=c' },
    { from: '~hello', to: '/found', after: '/found' },
  ].map(({ from, to, after }): BehaviourCase => ({
    name: `the URL of the header Refresh is replaced, too: ${from} by ${to}`,
    keys: ['proxy-redirect-from', 'proxy-redirect-to'],
    annotations: { 'proxy-redirect-from': from, 'proxy-redirect-to': to },
    requests: [
      refresh('5; URL=https://hello.com/a?b=c', `5; URL=${after}`),
      refresh('5; url=https://other.com/', '5; url=https://other.com/'),
      refresh('5', '5'),
    ],
  })),
  {
    name: 'no other endpoint is tried when one cannot be connected to',
    keys: ['proxy-next-upstream'],
    annotations: { 'proxy-next-upstream': 'off' },
    paths: [{ path: '/', service: 'half-there' }],
    objects: ({ backends }) => service('half-there', [NOBODY, backends.alpha.port]),
    run: async ({ send }) => {
      const statuses: number[] = [];
      while (statuses.length < 6) statuses.push((await send({})).status);
      assert.deepEqual([...new Set(statuses)].sort(), [200, 502]);
    },
  },
  {
    name: 'after some time no other endpoint is tried',
    keys: ['proxy-next-upstream-timeout'],
    only: 'nginx',
    annotations: { 'proxy-next-upstream': 'http_502', 'proxy-next-upstream-timeout': '1' },
    paths: [{ path: '/', service: 'pair-late' }],
    objects: ({ backends }) => service('pair-late', [backends.alpha.port, backends.beta.port]),
    run: async ({ send }) => {
      const headers = asking({ only: 'alpha', status: 502, delay: 1200 });
      const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await send({ headers })).status));
      assert.ok(statuses.includes(502), statuses.join(' '));
    },
  },
];

/** What annotations change where the ConfigMap says something else. */
export const PROXY_OTHERWISE: BehaviourTable = {
  family: 'proxy-otherwise',
  flags: ['--configmap', 'shop/settings'],
  objects: [
    configMap('settings', {
      'proxy-buffering': 'on',
      'proxy-request-buffering': 'off',
      'proxy-max-temp-file-size': '0',
      'proxy-http-version': '1.0',
      'proxy-connect-timeout': '50',
      'proxy-read-timeout': '4',
      'proxy-send-timeout': '4',
      'error-log-level': 'warn',
    }),
  ],
  cases: [
    observed({
      name: 'an endpoint that cannot be connected to is given up',
      keys: ['proxy-connect-timeout'],
      annotations: { 'proxy-connect-timeout': '1' },
      run: (reach) =>
        whileConnectingHangs(PORT, async () => {
          assert.equal((await reach.send({})).status, reach.proxy === 'nginx' ? 504 : 502);
        }),
    }),
    ...(['proxy-read-timeout', 'proxy-send-timeout'] as const).map((key): BehaviourCase => ({
      name: `${key} lets an endpoint take longer`,
      keys: [key],
      ...(key === 'proxy-send-timeout' ? { only: 'haproxy' } : {}),
      annotations: { [key]: '20' },
      requests: [{ headers: asking({ delay: 4500 }), want: { backend: 'alpha' } }],
    })),
    observed({
      name: 'proxy-request-buffering on waits for all of a body',
      keys: ['proxy-request-buffering'],
      annotations: { 'proxy-request-buffering': 'on' },
      run: (reach) => waitsForBodies(reach, PORT),
    }),
    observed({
      name: 'proxy-buffering off passes an answer on as it comes',
      keys: ['proxy-buffering'],
      only: 'nginx',
      annotations: { 'proxy-buffering': 'off' },
      run: (reach) => passesAnswersOnAsTheyCome(reach, PORT),
    }),
    observed({
      name: 'proxy-max-temp-file-size lets an answer be taken into a file',
      keys: ['proxy-max-temp-file-size'],
      only: 'nginx',
      annotations: { 'proxy-max-temp-file-size': '1024m' },
      run: async (reach) => {
        await takesAnswersInAdvance(reach, PORT);
        await isWritten(reach, 'an upstream response');
      },
    }),
    observed({
      name: 'proxy-buffers-number lets an answer be taken into memory',
      keys: ['proxy-buffers-number', 'proxy-buffer-size'],
      only: 'nginx',
      annotations: { 'proxy-buffers-number': '1000', 'proxy-buffer-size': '64k' },
      run: (reach) => takesAnswersInAdvance(reach, PORT),
    }),
    {
      name: 'proxy-http-version is what endpoints are spoken to in',
      keys: ['proxy-http-version'],
      only: 'nginx',
      annotations: { 'proxy-http-version': '1.1' },
      run: (reach) => speaks('1.1', reach),
    },
    {
      name: 'a body larger than client-body-buffer-size goes to a file',
      keys: ['client-body-buffer-size'],
      only: 'nginx',
      annotations: { 'client-body-buffer-size': '1k', 'proxy-request-buffering': 'on' },
      run: async (reach) => {
        await reach.send({ method: 'POST', body: 'x'.repeat(5000) });
        await isWritten(reach, 'a client request body');
      },
    },
  ],
};
