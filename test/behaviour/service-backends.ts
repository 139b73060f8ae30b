import type { BehaviourCase, BehaviourTable } from './case.ts';

/* After test/e2e/servicebackend and test/e2e/ssl of ingress-nginx. */

const RESOURCE = { apiGroup: 'otherobj.testingress.com', kind: 'Anything', name: 'mytest' };

function ofResource(host: string): object {
  const path = { path: '/', pathType: 'Prefix', backend: { resource: RESOURCE } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'nil-backend', namespace: 'shop' },
    spec: { ingressClassName: 'sluice', rules: [{ host, http: { paths: [path] } }] },
  };
}

function nameOf(host: string): string {
  return `external-${host.split('.')[0]}`;
}

const CASES: readonly BehaviourCase[] = [
  {
    name: 'a Service that does not exist, or has no endpoint, is 503',
    keys: [],
    paths: [
      { path: '/missing', service: 'nonexistent-svc' },
      { path: '/empty', service: 'empty' },
    ],
    requests: [
      { path: '/missing', want: { status: 503 } },
      { path: '/empty', want: { status: 503 } },
    ],
  },
  {
    name: 'a backend that is no Service is 404, and harms nobody else',
    keys: [],
    objects: ({ host }) => [ofResource(`resource.${host}`)],
    run: async ({ send, echo, host }) => {
      const { status } = await send({ host: `resource.${host}` });
      if (status !== 404) throw new Error(`${status}`);
      await echo({});
    },
  },
  {
    name: 'an ExternalName that nobody knows is an error of the server',
    keys: [],
    paths: [{ path: '/get', service: 'external-name' }],
    objects: () => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'external-name', namespace: 'shop' },
        spec: { type: 'ExternalName', externalName: 'invalid.hostname' },
      },
    ],
    requests: [{ path: '/get', want: { status: [500, 502, 503, 504] } }],
  },
];

/** With the defaults of ingress-nginx, the redirect is cut. */
const REDIRECT: BehaviourCase = {
  name: 'a host whose Secret is missing is redirected to https, without the slash at the end',
  keys: [],
  objects: ({ host }) => [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: nameOf(host), namespace: 'shop' },
      spec: {
        ingressClassName: 'sluice',
        tls: [{ hosts: [`secure.${host}`], secretName: 'not-there' }],
        rules: [
          {
            host: `secure.${host}`,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'alpha', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ],
  run: async ({ send, host }) => {
    const { status, headers } = await send({ host: `secure.${host}` });
    // The port is that of the test, which is not 443.
    if (status !== 308 || headers.location?.replace(/:\d+$/, '') !== `https://secure.${host}`) {
      throw new Error(`${status} ${headers.location ?? ''}`);
    }
  },
};

export const SERVICE_BACKENDS: BehaviourTable = { family: 'service-backends', cases: CASES };

export const SERVICE_BACKENDS_COMPAT: BehaviourTable = {
  family: 'service-backends-compat',
  flags: ['--compat', 'ingress-nginx', '--ingress-class=sluice', '--watch-ingress-without-class'],
  cases: [...CASES, REDIRECT],
};
