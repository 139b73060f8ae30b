import { ingress } from '../support/manifests.ts';
import type { BehaviourTable, Reach } from './case.ts';

async function check({ send }: Reach, host: string, want: string, tls = false): Promise<void> {
  const { status, body } = await send({ host, tls });
  const found = status === 200 ? (JSON.parse(body) as { readonly backend: string }).backend : String(status);
  if (found !== want) throw new Error(`${host}: ${found}, wanted ${want}`);
}

export const HOSTS: BehaviourTable = {
  family: 'hosts',
  cases: [
    {
      name: 'server-alias names the host again',
      keys: ['server-alias'],
      annotations: { 'server-alias': 'Bar.alias.test, a_b.alias.test' },
      run: async (reach) => {
        await check(reach, reach.host, 'alpha');
        await check(reach, 'bar.alias.test', 'alpha');
        await check(reach, 'BAR.alias.test:8080', 'alpha');
        await check(reach, 'a_b.alias.test', 'alpha');
        await check(reach, 'foo.alias.test', '404');
      },
    },
    {
      name: 'server-alias of one Ingress is for all paths of the host',
      keys: ['server-alias'],
      paths: [{ path: '/', service: 'beta' }],
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          created: '2026-02-01T00:00:00Z',
          annotations: { 'nginx.ingress.kubernetes.io/server-alias': 'two.alias.test' },
          rules: [{ host, paths: [{ path: '/b', service: 'alpha' }] }],
        }),
      ],
      run: (reach) => check(reach, 'two.alias.test', 'beta'),
    },
    {
      name: 'hosts and aliases need no dot, and the endpoint sees the name that the client asks for',
      keys: ['server-alias'],
      objects: () => [
        ingress({
          name: 'undotted',
          annotations: { 'nginx.ingress.kubernetes.io/server-alias': 'undotted-bar' },
          rules: [{ host: 'undotted-foo', paths: [{ path: '/', service: 'alpha' }] }],
        }),
      ],
      requests: ['undotted-foo', 'undotted-bar'].map((host) => ({
        host,
        want: { backend: 'alpha', upstreamHeaders: { host } },
      })),
    },
    {
      name: 'server-alias may be a regular expression, or cover all names below one',
      keys: ['server-alias'],
      annotations: { 'server-alias': '~^re-(a|b)\\d+\\.alias\\.test$,*.wild.alias.test' },
      run: async (reach) => {
        await check(reach, 're-a12.alias.test', 'alpha');
        await check(reach, 're-c12.alias.test', '404');
        await check(reach, 'x.wild.alias.test', 'alpha');
        await check(reach, 'x.y.wild.alias.test', 'alpha');
        await check(reach, 'wild.alias.test', '404');
      },
    },
    {
      name: 'server-alias that is a host of its own stays that',
      keys: ['server-alias'],
      annotations: { 'server-alias': 'own.alias.test' },
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          created: '2026-02-01T00:00:00Z',
          rules: [{ host: 'own.alias.test', paths: [{ path: '/', service: 'beta' }] }],
        }),
      ],
      run: (reach) => check(reach, 'own.alias.test', 'beta'),
    },
    {
      name: 'server-alias is served with the certificate of the host',
      keys: ['server-alias'],
      annotations: { 'server-alias': 'tls.alias.test' },
      tls: true,
      run: async (reach) => {
        const [own, other] = [
          await reach.send({ tls: true }),
          await reach.send({ host: 'tls.alias.test', tls: true, path: '/' }),
        ];
        if (other.status !== 200 || own.fingerprint !== other.fingerprint) throw new Error(`${other.status}`);
        const { status, headers } = await reach.send({ host: 'tls.alias.test', path: '/x' });
        if (status !== 308 || headers.location?.startsWith('https://tls.alias.test:') !== true)
          throw new Error(`${status} ${headers.location ?? ''}`);
      },
    },
  ],
};
