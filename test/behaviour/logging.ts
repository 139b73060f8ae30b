import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { send } from '../support/client.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';
import type { BehaviourTable, Reach } from './case.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

/** One host whose requests are logged, and one whose requests are not, with a log that can be read. */
function manifests({ backends }: Reach): string {
  const path = { path: '/old', pathType: 'ImplementationSpecific', service: 'alpha' };
  const rewrite = { [`${PREFIX}/rewrite-target`]: '/new' };
  return yaml(
    ...service('alpha', [backends.alpha.port]),
    ingress({
      name: 'loud',
      rules: [{ host: 'loud.example.com', paths: [path] }],
      annotations: { ...rewrite, [`${PREFIX}/enable-rewrite-log`]: 'true' },
    }),
    ingress({
      name: 'quiet',
      rules: [{ host: 'quiet.example.com', paths: [path] }],
      annotations: { ...rewrite, [`${PREFIX}/enable-access-log`]: 'false' },
    }),
  );
}

async function logged(reach: Reach, read: (sluice: RunningSluice) => Promise<string>): Promise<string> {
  const { proxy, version } = reach;
  const { binary } = installedProxies().find((item) => item.name === proxy && item.version === version) ?? {};
  if (binary === undefined) throw new Error(`no ${proxy} ${version}`);
  const flags = ['--access-log', 'json'];
  const files = { 'world.yaml': manifests(reach) };
  const sluice = await RunningSluice.start({
    manifests: files,
    binary,
    proxy,
    flags,
    keepOutput: true,
    patienceMs: 20_000,
  });
  try {
    for (const name of ['quiet', 'loud'])
      await send({ port: sluice.httpPort, host: `${name}.example.com`, path: '/old' });
    return await waitFor('the request that is logged', async () => {
      const text = await read(sluice);
      return text.includes('loud.example.com') && text;
    });
  } finally {
    await sluice.stop();
  }
}

function accessLog(sluice: RunningSluice): Promise<string> {
  return readFile(join(sluice.root, 'access.log'), 'utf8').catch(() => sluice.output.join('\n'));
}

export const LOGGING: BehaviourTable = {
  family: 'logging',
  cases: [
    {
      name: 'requests of an Ingress are left out of the access log',
      keys: ['enable-access-log'],
      run: async (reach) => {
        const text = await logged(reach, accessLog);
        if (text.includes('quiet.example.com')) throw new Error(text);
      },
    },
    {
      name: 'rewrites are written to the error log',
      keys: ['enable-rewrite-log'],
      only: 'nginx',
      run: async (reach) => {
        const errorLog = (sluice: RunningSluice): Promise<string> => Promise.resolve(JSON.stringify(sluice.log));
        const text = await logged(reach, errorLog);
        if (!text.includes('rewritten data')) throw new Error(text);
        if (/rewritten data[^}]*quiet\.example\.com/.test(text)) throw new Error('a rewrite that is not to be logged');
      },
    },
  ],
};
