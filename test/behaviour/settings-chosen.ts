import assert from 'node:assert/strict';
import { startBackend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import type { BehaviourTable, CaseWorld } from './case.ts';
import { configMap } from './external-auth-support.ts';
import { COMPAT } from './settings-compat.ts';
import { logged, tally, wanting } from './settings-mixed.ts';
import { isResumed, shake } from './tls-sessions.ts';

/** Cluster IPs of this world are of nobody. */
const OWN_ENDPOINTS = { 'service-upstream': 'false' };

const RSA = ['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-SHA'].join(':');

function withRsa({ host }: CaseWorld): readonly object[] {
  const rules = [{ host: `rsa.${host}`, paths: [{ path: '/', service: 'alpha' }] }];
  const pair = makeCertificate({ names: [`rsa.${host}`], key: 'rsa' });
  return [
    tlsSecret('rsa', pair),
    ingress({
      name: 'rsa',
      rules,
      annotations: { 'nginx.ingress.kubernetes.io/service-upstream': 'false' },
      tls: [{ hosts: [`rsa.${host}`], secretName: 'rsa' }],
    }),
  ];
}

const [ADDRESS, PORT] = ['127.0.0.78', 18_978] as const;

/** A Service whose cluster IP is on loopback; a second Ingress asks for its endpoints. */
function clustered({ host, backends }: CaseWorld): readonly object[] {
  const ports = [{ name: 'http', port: PORT, targetPort: backends.alpha.port }];
  const slices = service('global-clustered', [backends.alpha.port]).slice(1);
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'global-clustered', namespace: 'shop' },
      spec: { type: 'ClusterIP', clusterIP: ADDRESS, ports },
    },
    ...slices,
    ingress({
      name: 'own-upstream',
      annotations: { 'nginx.ingress.kubernetes.io/service-upstream': 'false' },
      rules: [{ host: `own.${host}`, paths: [{ path: '/', service: 'global-clustered', port: PORT }] }],
    }),
  ];
}

/** Of test/e2e/settings/{tls,gzip,global_service_upstream}.go, test/e2e/loadbalance, test/e2e/defaultbackend. */
export const CHOSEN: BehaviourTable = {
  family: 'settings-chosen',
  flags: [...COMPAT, '--default-backend-service=shop/gamma', '--default-ssl-certificate=shop/my-custom-cert'],
  objects: [
    tlsSecret('my-custom-cert', makeCertificate({ names: ['*.default.example.com'], key: 'rsa' })),
    configMap('settings', {
      'ssl-ciphers': RSA,
      'ssl-protocols': 'TLSv1.2',
      'ssl-session-cache': 'false',
      'hsts-max-age': '86400',
      'hsts-include-subdomains': 'false',
      'hsts-preload': 'true',
      'use-gzip': 'true',
      'gzip-min-length': '100',
      'gzip-types': 'application/octet-stream',
      'load-balance': 'ewma',
      'worker-processes': '2',
      'service-upstream': 'true',
      'enable-access-log-for-default-backend': 'true',
    }),
  ],
  cases: [
    {
      name: 'ciphers and versions of TLS are those of the ConfigMap, sessions are not kept, and HSTS is as it says',
      keys: [],
      objects: withRsa,
      run: async (reach) => {
        const secured = { ...reach, host: `rsa.${reach.host}` };
        const { protocol, cipher } = await shake(secured);
        assert.equal(`${protocol} ${cipher}`, 'TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384');
        assert.equal(await isResumed(secured), false);
        const asked = { tls: true, host: secured.host, headers: wanting({ 'strict-transport-security': 'max-age=3' }) };
        const { status, headers } = await reach.send(asked);
        assert.equal(status, 200);
        assert.equal(headers['strict-transport-security'], 'max-age=86400; preload');
      },
    },
    {
      name: 'the default certificate is for hosts of nobody, and for a host whose certificate is for another one',
      keys: [],
      objects: ({ host }) => [
        tlsSecret('not-foo', makeCertificate({ names: ['not.foo'], key: 'rsa' })),
        ingress({
          name: 'not-foo',
          tls: [{ hosts: [`foo.${host}`], secretName: 'not-foo' }],
          annotations: { 'nginx.ingress.kubernetes.io/service-upstream': 'false' },
          rules: [{ host: `foo.${host}`, paths: [{ path: '/', service: 'alpha' }] }],
        }),
      ],
      run: async (reach) => {
        const foo = `foo.${reach.host}`;
        assert.equal((await reach.echo({ host: foo, tls: true })).backend, 'alpha');
        for (const host of [foo, 'nobody.example.com']) {
          assert.equal((await shake({ ...reach, host })).subject, '*.default.example.com');
        }
      },
    },
    {
      name: 'only answers of some length and type are compressed',
      keys: [],
      annotations: OWN_ENDPOINTS,
      run: async ({ send, proxy, version }) => {
        const encodingOf = async (bytes: number, type: string): Promise<string | undefined> => {
          const headers = { 'accept-encoding': 'gzip', ...wanting({ 'content-type': type }, bytes) };
          return (await send({ headers })).headers['content-encoding'];
        };
        assert.equal(await encodingOf(100, 'application/octet-stream'), 'gzip');
        assert.equal(await encodingOf(100, 'application/xml'), undefined);
        assert.equal(await encodingOf(100, 'text/html'), 'gzip');
        if (proxy === 'haproxy' && version.startsWith('2.')) return;
        assert.equal(await encodingOf(99, 'application/octet-stream'), undefined);
      },
    },
    {
      name: 'the default backend answers for hosts of nobody, and it is logged',
      keys: [],
      requests: [
        { host: 'nobody.example.com', path: '/somethingOne', want: { backend: 'gamma', url: '/somethingOne' } },
      ],
      run: (reach) => logged(reach, '/somethingOne'),
    },
    {
      name: 'with service-upstream for all, requests go to the cluster IP, unless an annotation says otherwise',
      keys: ['service-upstream'],
      paths: [{ path: '/', service: 'global-clustered', port: PORT }],
      objects: clustered,
      run: async (reach) => {
        const backend = await startBackend('cluster', ADDRESS, PORT);
        try {
          assert.equal((await reach.echo({})).backend, 'cluster');
          assert.equal((await reach.echo({ host: `own.${reach.host}` })).backend, 'alpha');
        } finally {
          await backend.close();
        }
      },
    },
    {
      name: 'with load-balance ewma for all, no request fails',
      keys: [],
      annotations: OWN_ENDPOINTS,
      paths: [{ path: '/', service: 'global-replicas' }],
      objects: ({ backends: { alpha, beta, gamma } }) =>
        service('global-replicas', [alpha.port, beta.port, gamma.port]),
      run: async (reach) => {
        const counts = await tally(reach, 60);
        assert.deepEqual(Object.keys(counts).sort(), ['alpha', 'beta', 'gamma']);
      },
    },
  ],
};
