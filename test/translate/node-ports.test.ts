import assert from 'node:assert/strict';
import type { KubernetesObject, Service } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { Upstream } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import {
  addressesOf,
  backend,
  endpoint,
  endpointPort,
  ingress,
  node,
  path,
  port,
  problemsOf,
  routesOf,
  rule,
  service,
  slice,
  translate,
} from './world.ts';

interface Case {
  readonly name: string;
  readonly of?: Partial<Service>;
  readonly objects: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  readonly addresses: readonly string[];
  readonly problems?: readonly string[];
}

const INGRESS = ingress('web', { rules: [rule('h', '/')] });
const NODE_PORTS: Partial<Service> = { type: 'NodePort', ports: [port(80, { targetPort: 8080, nodePort: 30080 })] };
const LOCAL: Partial<Service> = { externalTrafficPolicy: 'Local' };
const ONE = node('one', ['192.168.0.1']);
const TWO = node('two', ['192.168.0.2']);
const BOTH = node('both', [
  { type: 'InternalIP', address: '192.168.0.3' },
  { type: 'ExternalIP', address: '203.0.113.3' },
]);
const OUTSIDE = node('outside', [{ type: 'ExternalIP', address: '203.0.113.4' }]);
const DUAL = node('dual', ['192.168.0.5', 'fd00::5']);

const on = (nodeName: string, conditions = {}) => endpoint('10.0.0.1', { nodeName, ...conditions });
const GONE = { ready: false, serving: false };
const DRAINING = { ready: false, serving: true, terminating: true };

const CASES: readonly Case[] = [
  { name: 'are on every node, sorted', objects: [TWO, ONE], addresses: ['192.168.0.1:30080', '192.168.0.2:30080'] },
  {
    name: 'are those of a LoadBalancer Service, too',
    of: { type: 'LoadBalancer' },
    objects: [ONE],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are on ready nodes only',
    objects: [ONE, node('two', ['192.168.0.2'], { ready: false })],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are not on nodes that a label takes out',
    objects: [ONE, node('two', ['192.168.0.2'], { excluded: true })],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are on nodes without an endpoint, and without any endpoint at all',
    objects: [ONE, slice('web', [])],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are on internal addresses, and on external ones where a node has no other',
    objects: [BOTH, OUTSIDE],
    addresses: ['192.168.0.3:30080', '203.0.113.4:30080'],
  },
  {
    name: 'are on external addresses when these are asked for, and on internal ones where a node has no other',
    objects: [BOTH, OUTSIDE, ONE],
    options: { nodeAddress: 'external' },
    addresses: ['192.168.0.1:30080', '203.0.113.3:30080', '203.0.113.4:30080'],
  },
  {
    name: 'are on the first address of a node only',
    objects: [node('one', ['192.168.0.9', '192.168.0.1']), DUAL],
    addresses: ['192.168.0.5:30080', '192.168.0.9:30080'],
  },
  {
    name: 'are on an address in a family of the Service',
    of: { ipFamilies: ['IPv6'] },
    objects: [ONE, DUAL],
    addresses: ['[fd00::5]:30080'],
  },
  {
    name: 'are on an address of the other kind when only that is in a family of the Service',
    of: { ipFamilies: ['IPv6'] },
    objects: [
      node('one', [
        { type: 'InternalIP', address: '192.168.0.1' },
        { type: 'ExternalIP', address: '2001:db8::1' },
      ]),
    ],
    addresses: ['[2001:db8::1]:30080'],
  },
  {
    name: 'are on an address once, when two nodes say that they have it',
    objects: [ONE, node('two', ['192.168.0.1'])],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are not on names of nodes',
    objects: [ONE, node('two', [{ type: 'Hostname', address: 'two' }])],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are not on an address that is none, which is told',
    objects: [ONE, node('two', ['two; } server {', '192.168.0.2'])],
    addresses: ['192.168.0.1:30080', '192.168.0.2:30080'],
    problems: ['InvalidEndpoint Node two status.addresses'],
  },
  {
    name: 'are, for Local, on nodes with a ready endpoint only',
    of: LOCAL,
    objects: [ONE, TWO, BOTH, slice('web', [on('one'), on('two', GONE), endpoint('10.0.0.9')])],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are, for Local, on nodes whose endpoints serve while they terminate when no other is ready',
    of: LOCAL,
    objects: [ONE, TWO, slice('web', [on('one', GONE), on('two', DRAINING)])],
    addresses: ['192.168.0.2:30080'],
  },
  {
    name: 'are, for Local, not on a node that is not ready itself',
    of: LOCAL,
    objects: [ONE, node('two', ['192.168.0.2'], { ready: false }), slice('web', [on('one'), on('two'), on('unknown')])],
    addresses: ['192.168.0.1:30080'],
  },
  {
    name: 'are, for Local, not on nodes whose endpoints are of another Service or port',
    of: LOCAL,
    objects: [
      ONE,
      TWO,
      slice('api', [on('one')]),
      slice('web', [on('two')], { ports: [endpointPort(9102, 'metrics')] }),
    ],
    addresses: [],
  },
  {
    name: 'are, for Local, on the address of the family that the endpoint is of',
    of: LOCAL,
    objects: [DUAL, slice('web', [endpoint('fd00::1', { nodeName: 'dual' })], { addressType: 'IPv6' })],
    addresses: ['[fd00::5]:30080'],
  },
  {
    name: 'are, for Local, nowhere without an endpoint',
    of: LOCAL,
    objects: [ONE, TWO],
    addresses: [],
  },
  { name: 'are nowhere without a Node, which is told', objects: [], addresses: [], problems: ['NodeMissing '] },
  {
    name: 'are nowhere when no Node can be used, which is told',
    objects: [node('one', []), node('two', ['192.168.0.2'], { ready: false })],
    addresses: [],
    problems: ['NodeMissing '],
  },
];

function nodePorts(objects: readonly KubernetesObject[], options: Partial<TranslateOptions> = {}) {
  return translate(objects, { endpointSource: 'node-port', ...options });
}

describe('node ports as upstream', () => {
  for (const { name, of = {}, objects, options = {}, addresses, problems = [] } of CASES) {
    it(name, () => {
      const translation = nodePorts([INGRESS, service('web', { ...NODE_PORTS, ...of }), ...objects], options);
      assert.deepEqual(addressesOf(translation), addresses);
      assert.deepEqual(problemsOf(translation), problems);
      const answer = addresses.length > 0 ? 'shop_web_80' : 'shop_web_80 (no endpoints)';
      assert.deepEqual(routesOf(translation, 'h'), [`prefix / → ${answer}`]);
    });
  }

  it('are those of the port that the Ingress names', () => {
    const ports = [port(80, { name: 'http', nodePort: 30080 }), port(90, { name: 'admin', nodePort: 30090 })];
    const item = ingress('web', { rules: [rule('h', path('/', 'Prefix', backend('web', 'admin')))] });
    const translation = nodePorts([item, ONE, service('web', { type: 'NodePort', ports })]);
    assert.deepEqual(addressesOf(translation, 'shop_web_90'), ['192.168.0.1:30090']);
  });

  it('are asked for one by one, while that no Node is known is told once', () => {
    const item = ingress('web', { rules: [rule('h', '/', path('/api', 'Prefix', backend('api')))] });
    const services = [service('web', NODE_PORTS), service('api', NODE_PORTS)];
    assert.deepEqual(problemsOf(nodePorts([item, ...services])), ['NodeMissing ']);
  });

  it('are no business of nodes when no Service needs one', () => {
    const of = service('web', { type: 'ExternalName', externalName: 'shop.example.org' });
    const translation = nodePorts([INGRESS, of], { allowExternalName: true, hasResolver: true });
    assert.deepEqual(problemsOf(translation), []);
    assert.deepEqual(problemsOf(nodePorts([])), []);
  });

  const missing: readonly { readonly name: string; readonly of: Partial<Service>; readonly fix: string }[] = [
    { name: 'of type ClusterIP', of: { type: 'ClusterIP' }, fix: 'set type: NodePort' },
    { name: 'that is headless', of: { type: 'ClusterIP', clusterIP: 'None' }, fix: 'set type: NodePort' },
    {
      name: 'whose port has none',
      of: { type: 'LoadBalancer', ports: [port(80)] },
      fix: 'give the port a nodePort',
    },
  ];
  for (const { name, of, fix } of missing) {
    it(`are missing from a Service ${name}: it answers 503, and the way out is told`, () => {
      const translation = nodePorts([INGRESS, ONE, service('web', { ...NODE_PORTS, ...of })]);
      assert.deepEqual(routesOf(translation, 'h'), ['prefix / → 503']);
      assert.deepEqual(
        translation.diagnostics.map(({ code, message }) => `${code}: ${message}`),
        [`NodePortMissing: Service shop/web has no node port for its port 80: answers 503; ${fix}`],
      );
    });
  }
});

describe('the memory of node ports', () => {
  const ITEM = ingress('web', { rules: [rule('h', '/', path('/local', 'Prefix', backend('local')))] });
  const FIXED = [
    ITEM,
    service('web', NODE_PORTS),
    service('local', { ...NODE_PORTS, ...LOCAL }),
    slice('local', [on('one')]),
  ];

  /** `web` leads to all nodes, `local` to the node `one`. */
  function follow(): (...nodes: readonly KubernetesObject[]) => readonly Upstream[] {
    const translateAgain = createTranslator();
    const options = { ...OPTIONS, endpointSource: 'node-port' } as const;
    return (...nodes) => translateAgain(snapshotOf(...FIXED, ...nodes), options).model.upstreams;
  }

  it('keeps every upstream when the nodes are the same values, in any order', () => {
    const upstreams = follow();
    const [local, web] = upstreams(ONE, TWO);
    assert.deepEqual(web?.endpoints.length, 2);
    const [sameLocal, sameWeb] = upstreams(TWO, ONE);
    assert.ok(local === sameLocal && web === sameWeb);
  });

  it('keeps every upstream when a node comes that cannot be used, or one changes in nothing that counts', () => {
    const upstreams = follow();
    const [local, web] = upstreams(ONE);
    const renewed = node('one', [...ONE.addresses, { type: 'Hostname', address: 'one' }]);
    const [sameLocal, sameWeb] = upstreams(renewed, node('two', ['192.168.0.2'], { ready: false }));
    assert.ok(local === sameLocal && web === sameWeb);
  });

  it('makes only those upstreams anew that lead to the node which came, changed or went', () => {
    const upstreams = follow();
    const [local, web] = upstreams(ONE);
    const [sameLocal, more] = upstreams(ONE, TWO);
    assert.equal(sameLocal, local);
    assert.deepEqual(more?.endpoints.length, 2);
    assert.notEqual(more, web);
    const [moved] = upstreams(node('one', ['192.168.0.11']), TWO);
    assert.deepEqual(moved?.endpoints, [{ address: '192.168.0.11', port: 30080 }]);
    assert.deepEqual(upstreams(TWO)[0]?.endpoints, []);
  });
});
