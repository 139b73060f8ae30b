import assert from 'node:assert/strict';
import { ingress } from '../support/manifests.ts';
import { waitFor } from '../support/wait.ts';
import type { BehaviourTable, CaseWorld } from './case.ts';
import { configMap } from './external-auth-support.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';
const REWRITTEN = [{ path: '/old', pathType: 'ImplementationSpecific', service: 'alpha' }];

/** Another host, whose requests are logged otherwise. */
function other({ host }: CaseWorld, annotations: Readonly<Record<string, string>>): object {
  const prefixed = Object.entries(annotations).map(([key, text]) => [`${PREFIX}/${key}`, text]);
  return ingress({
    name: `other-${host.split('.')[0] ?? ''}`,
    annotations: Object.fromEntries(prefixed) as Record<string, string>,
    rules: [{ host: `other.${host}`, paths: REWRITTEN }],
  });
}

export const LOGGING: BehaviourTable = {
  family: 'logging',
  flags: ['--access-log', 'json'],
  cases: [
    {
      name: 'requests of an Ingress are left out of the access log',
      keys: ['enable-access-log'],
      annotations: { 'enable-access-log': 'false' },
      objects: (world) => [other(world, {})],
      run: async ({ send, host, accessLog }) => {
        assert.equal((await send({})).status, 200);
        assert.equal((await send({ host: `other.${host}`, path: '/old' })).status, 200);
        await waitFor('the request that is logged', async () => (await accessLog()).includes(`"other.${host}"`));
        assert.ok(!(await accessLog()).includes(`"${host}"`));
      },
    },
    {
      name: 'rewrites are written to the error log',
      keys: ['enable-rewrite-log'],
      only: 'nginx',
      annotations: { 'enable-rewrite-log': 'true', 'rewrite-target': '/new' },
      paths: REWRITTEN,
      objects: (world) => [other(world, { 'rewrite-target': '/new' })],
      run: async ({ send, host, errorLog }) => {
        const rewrites = (of: string): readonly string[] =>
          errorLog()
            .split('\n')
            .filter((line) => line.includes('rewritten data: "/new"') && line.includes(`"${of}"`));
        for (const each of [`other.${host}`, host])
          assert.equal((await send({ host: each, path: '/old' })).status, 200);
        await waitFor('the rewrite that is logged', () => rewrites(host).length > 0);
        assert.deepEqual(rewrites(`other.${host}`), []);
      },
    },
  ],
};

/** As test/e2e/annotations/disableaccesslog.go of ingress-nginx. */
export const LOGGING_OFF: BehaviourTable = {
  family: 'logging-off',
  flags: ['--access-log', 'json', '--configmap', 'shop/quiet'],
  objects: [configMap('quiet', { 'disable-http-access-log': 'true', 'disable-stream-access-log': 'true' })],
  cases: [
    {
      name: 'nothing is logged, and everything is served',
      keys: [],
      run: async ({ send, host, accessLog }) => {
        for (let request = 0; request < 5; request++) assert.equal((await send({})).status, 200);
        assert.ok(!(await accessLog()).includes(`"${host}"`));
      },
    },
  ],
};
