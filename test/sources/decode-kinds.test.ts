import assert from 'node:assert/strict';
import type { Endpoints, EndpointSlice, Secret, Service } from '../../src/model/objects.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { decodeValid, problemsOf } from './support.ts';

const metadata = { name: 'web', namespace: 'shop' };
const trimmed = { ...metadata, uid: '', creationTimestamp: '', labels: {}, annotations: {} };

function service(spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
}

function slice(fields: object): object {
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...fields };
}

function secret(fields: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata, ...fields };
}

describe('decodeObject of a Service', () => {
  it('fills in what the API server would fill in', () => {
    assert.deepEqual(decodeValid(service({ selector: { app: 'web' }, ports: [{ port: 80 }] })), {
      kind: 'Service',
      metadata: trimmed,
      type: 'ClusterIP',
      clusterIP: '',
      externalName: undefined,
      publishNotReadyAddresses: false,
      externalTrafficPolicy: 'Cluster',
      ipFamilies: [],
      ports: [{ name: '', port: 80, protocol: 'TCP', targetPort: 80, nodePort: undefined, appProtocol: undefined }],
    });
  });

  it('keeps all that a port says', () => {
    const port = { name: 'http', port: 80, protocol: 'UDP', targetPort: 'web', nodePort: 30080, appProtocol: 'h2c' };
    assert.deepEqual((decodeValid(service({ ports: [port] })) as Service).ports, [port]);
  });

  it('keeps how it is reached from outside', () => {
    const spec = { type: 'NodePort', externalTrafficPolicy: 'Local', ipFamilies: ['IPv6', 'IPv4'], ports: [] };
    const { type, externalTrafficPolicy, ipFamilies } = decodeValid(service(spec)) as Service;
    assert.deepEqual({ type, externalTrafficPolicy, ipFamilies, ports: [] }, spec);
  });

  const badPorts: readonly { name: string; port: unknown; field: string }[] = [
    { name: 'without number', port: { name: 'x' }, field: 'spec.ports[0].port' },
    { name: 'out of range', port: { port: 70000 }, field: 'spec.ports[0].port' },
    { name: 'with a target out of range', port: { port: 80, targetPort: 65536 }, field: 'spec.ports[0].targetPort' },
    { name: 'with a target that is no name', port: { port: 80, targetPort: 'a b' }, field: 'spec.ports[0].targetPort' },
    { name: 'with a node port out of range', port: { port: 80, nodePort: 1e9 }, field: 'spec.ports[0].nodePort' },
    { name: 'with a name that is none', port: { port: 80, name: 'a_b' }, field: 'spec.ports[0].name' },
    { name: 'that is a number', port: 80, field: 'spec.ports[0]' },
  ];
  for (const { name, port, field } of badPorts) {
    it(`drops only the port ${name}`, () => {
      const { object, diagnostics } = decodeObject(service({ ports: [port, { port: 81 }] }), 'default');
      assert.deepEqual(
        (object as Service).ports.map((kept) => kept.port),
        [81],
      );
      assert.deepEqual(problemsOf(diagnostics), [`InvalidField ${field}`]);
      assert.match(diagnostics[0]?.message ?? '', /this port is not used$/);
    });
  }
});

describe('decodeObject of endpoints', () => {
  const conditions: readonly { name: string; given: unknown; taken: object }[] = [
    { name: 'no conditions', given: undefined, taken: { ready: true, serving: true, terminating: false } },
    { name: 'unknown ready', given: { ready: null }, taken: { ready: true, serving: true, terminating: false } },
    { name: 'not ready', given: { ready: false }, taken: { ready: false, serving: false, terminating: false } },
    {
      name: 'terminating but serving',
      given: { ready: false, serving: true, terminating: true },
      taken: { ready: false, serving: true, terminating: true },
    },
  ];
  for (const { name, given, taken } of conditions) {
    it(`reads an endpoint with ${name}`, () => {
      const endpoints = [{ addresses: ['10.0.0.1'], conditions: given, targetRef: { kind: 'Pod' } }];
      const object = decodeValid(slice({ addressType: 'IPv4', endpoints })) as EndpointSlice;
      assert.deepEqual(object.endpoints, [{ addresses: ['10.0.0.1'], ...taken, nodeName: undefined }]);
    });
  }

  it('takes the Service of a slice from its label, and leaves addresses as they are', () => {
    const labels = { 'kubernetes.io/service-name': 'web' };
    const value = slice({
      metadata: { ...metadata, labels },
      addressType: 'FQDN',
      endpoints: [{ addresses: ['not an address'], nodeName: 'one' }],
      ports: [{ name: 'http', port: 8080 }, { port: null }],
    });
    assert.deepEqual(decodeValid(value), {
      kind: 'EndpointSlice',
      metadata: { ...trimmed, labels },
      addressType: 'FQDN',
      serviceName: 'web',
      ports: [
        { name: 'http', port: 8080, protocol: 'TCP' },
        { name: '', port: undefined, protocol: 'TCP' },
      ],
      endpoints: [{ addresses: ['not an address'], ready: true, serving: true, terminating: false, nodeName: 'one' }],
    });
  });

  it('drops an endpoint whose readiness is no boolean, rather than sending it traffic', () => {
    const endpoints = [{ addresses: ['10.0.0.1'], conditions: { ready: 'no' } }, { addresses: ['10.0.0.2'] }];
    const { object, diagnostics } = decodeObject(slice({ endpoints, ports: [{ port: 0 }, { port: 80 }] }), 'default');
    assert.equal((object as EndpointSlice).endpoints.length, 1);
    assert.equal((object as EndpointSlice).ports.length, 1);
    assert.deepEqual(problemsOf(diagnostics), [
      'InvalidField ports[0].port',
      'InvalidField endpoints[0].conditions.ready',
    ]);
  });

  it('reads Endpoints', () => {
    const subsets = [
      {
        addresses: [{ ip: '10.0.0.1', nodeName: 'n' }, {}],
        notReadyAddresses: [{ ip: '10.0.0.2' }],
        ports: [{ port: 80 }],
      },
      {},
    ];
    const { object, diagnostics } = decodeObject({ apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }, 'default');
    assert.deepEqual((object as Endpoints).subsets, [
      { addresses: ['10.0.0.1'], notReadyAddresses: ['10.0.0.2'], ports: [{ name: '', port: 80, protocol: 'TCP' }] },
      { addresses: [], notReadyAddresses: [], ports: [] },
    ]);
    assert.deepEqual(problemsOf(diagnostics), ['InvalidField subsets[0].addresses[1].ip']);
  });
});

describe('decodeObject of a Secret or ConfigMap', () => {
  it('encodes stringData and lets it win over data', () => {
    const value = secret({ type: 'kubernetes.io/tls', data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'ü', c: '' } });
    assert.deepEqual(decodeValid(value), {
      kind: 'Secret',
      metadata: trimmed,
      type: 'kubernetes.io/tls',
      data: { a: 'YQ==', b: 'w7w=', c: '' },
    });
  });

  it('joins base64 that was wrapped into lines', () => {
    assert.deepEqual((decodeValid(secret({ data: { a: 'YWJj\nZGVm\r\n' } })) as Secret).data, { a: 'YWJjZGVm' });
  });

  const leaky: readonly { name: string; fields: object; problem: string }[] = [
    { name: 'base64', fields: { data: { a: 'hunter2!' } }, problem: 'data[a]' },
    { name: 'a string', fields: { data: { 'tls.key': { x: 'hunter2' } } }, problem: 'data[tls.key]' },
    { name: 'a string in stringData', fields: { stringData: { a: ['hunter2'] } }, problem: 'stringData[a]' },
    { name: 'a mapping', fields: { data: 'hunter2' }, problem: 'data' },
    { name: 'a mapping in stringData', fields: { stringData: 'hunter2' }, problem: 'stringData' },
  ];
  for (const { name, fields, problem } of leaky) {
    it(`names a value that is not ${name} and does not show it`, () => {
      const { object, diagnostics } = decodeObject(secret(fields), 'default');
      assert.deepEqual((object as Secret).data, {});
      assert.deepEqual(problemsOf(diagnostics), [`InvalidField ${problem}`]);
      assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2/);
    });
  }

  it('reads a ConfigMap', () => {
    const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' }, binaryData: { c: 'ZA==' } };
    assert.deepEqual(decodeValid(value), { kind: 'ConfigMap', metadata: trimmed, data: { a: 'b' } });
  });
});
