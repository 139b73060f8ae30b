import assert from 'node:assert/strict';
import { addressesKey, addressOf, sortAddresses } from '../../../src/report/cluster/addresses.ts';
import { publishAddresses, type PublishOptions } from '../../../src/report/cluster/publish-address.ts';
import { withScene } from './support.ts';

const NOTHING: PublishOptions = { addresses: [], service: undefined, pod: undefined, preferInternalIp: false };
const SERVICE = { namespace: 'ingress', name: 'proxy' };
const POD = { namespace: 'ingress', name: 'sluice-abc-1' };

interface ServiceRow {
  readonly name: string;
  readonly spec: object;
  readonly status?: object;
  readonly want: readonly object[] | RegExp;
}

const SERVICES: readonly ServiceRow[] = [
  {
    name: 'addresses and external IPs of a LoadBalancer, sorted, each once',
    spec: { type: 'LoadBalancer', clusterIP: '10.0.0.9', externalIPs: ['203.0.113.9', '203.0.113.1'] },
    status: {
      loadBalancer: {
        ingress: [
          { ip: '203.0.113.9', hostname: 'ignored.example', ports: [] },
          { hostname: 'LB.example.com.' },
          { ip: '2001:db8::1' },
        ],
      },
    },
    want: [{ ip: '2001:db8::1' }, { ip: '203.0.113.1' }, { ip: '203.0.113.9' }, { hostname: 'lb.example.com' }],
  },
  {
    name: 'nothing of a LoadBalancer that has no address yet',
    spec: { type: 'LoadBalancer', clusterIP: '10.0.0.9' },
    want: /Service ingress\/proxy has no address \(yet\)/,
  },
  {
    name: 'the name of an ExternalName',
    spec: { type: 'ExternalName', externalName: 'lb.example.com.' },
    want: [{ hostname: 'lb.example.com' }],
  },
  {
    name: 'an address of an ExternalName',
    spec: { type: 'ExternalName', externalName: '192.0.2.1' },
    want: [{ ip: '192.0.2.1' }],
  },
  {
    name: 'the cluster IP of a ClusterIP',
    spec: { type: 'ClusterIP', clusterIP: '10.0.0.9' },
    want: [{ ip: '10.0.0.9' }],
  },
  {
    name: 'cluster IP and external IPs of a ClusterIP',
    spec: { clusterIP: '10.0.0.9', externalIPs: ['203.0.113.1'] },
    want: [{ ip: '10.0.0.9' }, { ip: '203.0.113.1' }],
  },
  { name: 'nothing of a headless Service', spec: { clusterIP: 'None' }, want: /has no address/ },
  {
    name: 'the cluster IP of a NodePort',
    spec: { type: 'NodePort', clusterIP: '10.0.0.9' },
    want: [{ ip: '10.0.0.9' }],
  },
  {
    name: 'the external IPs of a NodePort',
    spec: { type: 'NodePort', clusterIP: '10.0.0.9', externalIPs: ['203.0.113.1'] },
    want: [{ ip: '203.0.113.1' }],
  },
];

interface PodRow {
  readonly name: string;
  readonly node?: string;
  readonly labels?: Record<string, string>;
  readonly phase?: string;
  readonly ready?: string;
}

function pod({ name, node = 'node-a', labels = {}, phase = 'Running', ready = 'True' }: PodRow): object {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { namespace: 'ingress', name, labels: { app: 'sluice', 'pod-template-hash': 'abc', ...labels } },
    spec: { nodeName: node },
    status: { phase, conditions: [{ type: 'Ready', status: ready }] },
  };
}

function node(name: string, addresses: readonly (readonly [string, string])[]): object {
  const status = { addresses: addresses.map(([type, address]) => ({ type, address })) };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status };
}

const NODES = [
  node('node-a', [
    ['Hostname', 'node-a'],
    ['InternalIP', '10.1.0.1'],
    ['ExternalIP', '198.51.100.1'],
  ]),
  node('node-b', [['InternalIP', '10.1.0.2']]),
  node('node-c', [['Hostname', 'node-c']]),
];

describe('the addresses that are published', () => {
  it('come from the flag before all else, without asking the API', () =>
    withScene(async ({ api }) => {
      const options = {
        ...NOTHING,
        addresses: ['lb.example.com', '192.0.2.1', '192.0.2.1', ' 2001:db8::1'],
        service: SERVICE,
      };
      assert.deepEqual(await publishAddresses(api, options, new AbortController().signal), {
        ok: true,
        addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }, { hostname: 'lb.example.com' }],
      });
      assert.deepEqual(api.sent, []);
    }));

  for (const { name, spec, status, want } of SERVICES) {
    it(`are ${name}`, () =>
      withScene(async ({ server, api }) => {
        server.put({ apiVersion: 'v1', kind: 'Service', metadata: SERVICE, spec, status });
        const options = { ...NOTHING, service: SERVICE, pod: POD };
        const found = await publishAddresses(api, options, new AbortController().signal);
        if (want instanceof RegExp) assert.match(found.ok ? 'found' : found.reason, want);
        else assert.deepEqual(found, { ok: true, addresses: sortAddresses(want) });
      }));
  }

  it('are not known when the Service is missing, and the reason names it', () =>
    withScene(async ({ api }) => {
      const found = await publishAddresses(api, { ...NOTHING, service: SERVICE }, new AbortController().signal);
      assert.ok(!found.ok);
      assert.equal(found.reason, 'Service ingress/proxy: HTTP 404: "services \\"proxy\\" not found"');
    }));

  it('are not known when nothing is given', () =>
    withScene(async ({ api }) => {
      const found = await publishAddresses(api, NOTHING, new AbortController().signal);
      assert.match(found.ok ? '' : found.reason, /neither an address nor a Service/);
    }));

  const nodes: readonly {
    readonly name: string;
    readonly pods: readonly PodRow[];
    readonly internal?: boolean;
    readonly want: readonly string[];
  }[] = [
    {
      name: 'external before internal, of all ready pods of any revision',
      pods: [{ name: POD.name }, { name: 'x', node: 'node-b', labels: { 'pod-template-hash': 'old' } }, { name: 'y' }],
      want: ['10.1.0.2', '198.51.100.1'],
    },
    { name: 'internal when asked for', pods: [{ name: POD.name }], internal: true, want: ['10.1.0.1'] },
    {
      name: 'not of pods that are not ready or do not run',
      pods: [
        { name: POD.name },
        { name: 'x', node: 'node-b', ready: 'False' },
        { name: 'y', node: 'node-b', phase: 'Failed' },
      ],
      want: ['198.51.100.1'],
    },
    {
      name: 'not of pods of others',
      pods: [{ name: POD.name }, { name: 'x', node: 'node-b', labels: { app: 'other' } }],
      want: ['198.51.100.1'],
    },
    {
      name: 'not of a node that is gone or has no address',
      pods: [{ name: POD.name }, { name: 'x', node: 'node-x' }, { name: 'y', node: 'node-c' }],
      want: ['198.51.100.1'],
    },
  ];
  for (const { name, pods, internal = false, want } of nodes) {
    it(`are those of nodes: ${name}`, () =>
      withScene(async ({ server, api }) => {
        for (const object of [...NODES, ...pods.map(pod)]) server.put(object);
        const options = { ...NOTHING, pod: POD, preferInternalIp: internal };
        const found = await publishAddresses(api, options, new AbortController().signal);
        assert.deepEqual(found, { ok: true, addresses: want.map((ip) => ({ ip })) });
      }));
  }

  it('are not known, rather than fewer, while a node cannot be read', () =>
    withScene(async ({ server, api }) => {
      for (const object of [...NODES, pod({ name: POD.name }), pod({ name: 'x', node: 'node-b' })]) server.put(object);
      server.deny({ resource: 'nodes', name: 'node-b' });
      const found = await publishAddresses(api, { ...NOTHING, pod: POD }, new AbortController().signal);
      assert.match(found.ok ? '' : found.reason, /^node node-b: HTTP 403/);
    }));

  it('are not known while no pod is ready', () =>
    withScene(async ({ server, api }) => {
      for (const object of [...NODES, pod({ name: POD.name, ready: 'False' })]) server.put(object);
      const found = await publishAddresses(api, { ...NOTHING, pod: POD }, new AbortController().signal);
      assert.match(found.ok ? '' : found.reason, /no pod of this controller is ready/);
    }));
});

describe('addresses', () => {
  it('are compared without regard to order, repetition and ports', () => {
    const left = [{ ip: '192.0.2.1' }, { hostname: 'a.example' }];
    const right = [
      { hostname: 'a.example', ports: [{ port: 80, protocol: 'TCP' }] },
      { ip: '192.0.2.1' },
      { ip: '192.0.2.1' },
    ];
    assert.equal(addressesKey(left), addressesKey(right));
    assert.notEqual(addressesKey([{ ip: 'a.example' }]), addressesKey([{ hostname: 'a.example' }]));
    assert.notEqual(addressesKey(left), addressesKey([]));
  });

  it('are read as the API server would take them', () => {
    assert.deepEqual(addressOf('::1'), { ip: '::1' });
    assert.deepEqual(addressOf('Node.Example.'), { hostname: 'node.example' });
    assert.equal(addressOf(''), undefined);
  });
});
