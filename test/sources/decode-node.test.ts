import assert from 'node:assert/strict';
import { isEqual } from '../../src/model/equal.ts';
import type { Node } from '../../src/model/objects.ts';
import { trimObject } from '../../src/sources/cluster/object-sink.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { decodeValid, problemsOf } from './support.ts';

const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';
const READY = { type: 'Ready', status: 'True' };

function node(status: unknown, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'one', ...metadata },
    spec: { podCIDR: '10.0.0.0/24' },
    status,
  };
}

/** As a kubelet writes it. */
function nodeOfKubelet(heartbeat: string): object {
  const times = { lastHeartbeatTime: heartbeat, lastTransitionTime: '2026-01-01T00:00:00Z' };
  const status = {
    addresses: [
      { type: 'InternalIP', address: '192.168.0.1' },
      { type: 'Hostname', address: 'one' },
    ],
    allocatable: { cpu: '4' },
    conditions: [
      { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', ...times },
      { type: 'Ready', status: 'True', reason: 'KubeletReady', ...times },
    ],
    images: [{ names: [`registry.example/app:${heartbeat}`], sizeBytes: 1 }],
    nodeInfo: { kubeletVersion: 'v1.34.0' },
  };
  const metadata = {
    creationTimestamp: '2026-01-01T00:00:00Z',
    resourceVersion: heartbeat,
    labels: { 'kubernetes.io/hostname': 'one', 'example.com/load': heartbeat, [EXCLUDE]: '' },
    annotations: { 'example.com/seen': heartbeat },
  };
  return node(status, metadata);
}

describe('decodeObject of a Node', () => {
  it('keeps addresses, readiness and the label that takes it out, in no namespace', () => {
    assert.deepEqual(decodeValid(nodeOfKubelet('2026-02-02T00:00:00Z')), {
      kind: 'Node',
      metadata: {
        namespace: '',
        name: 'one',
        uid: '',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { [EXCLUDE]: '' },
        annotations: {},
      },
      addresses: [
        { type: 'InternalIP', address: '192.168.0.1' },
        { type: 'Hostname', address: 'one' },
      ],
      ready: true,
    });
  });

  it('gives an equal object after a heartbeat of the kubelet', () => {
    const [before, after] = ['2026-02-02T00:00:00Z', '2026-02-02T00:05:00Z'].map(
      (heartbeat) => trimObject('Node', nodeOfKubelet(heartbeat)).decoded?.object,
    );
    assert.ok(before !== undefined && isEqual(before, after));
  });

  const readiness: readonly { readonly name: string; readonly conditions: unknown; readonly ready: boolean }[] = [
    { name: 'True', conditions: [READY], ready: true },
    { name: 'False', conditions: [{ type: 'Ready', status: 'False' }], ready: false },
    { name: 'Unknown', conditions: [{ type: 'Ready', status: 'Unknown' }], ready: false },
    { name: 'not told', conditions: [{ type: 'DiskPressure', status: 'True' }], ready: false },
    { name: 'without conditions', conditions: undefined, ready: false },
    { name: 'null', conditions: null, ready: false },
  ];
  for (const { name, conditions, ready } of readiness) {
    it(`takes a condition Ready that is ${name} as ${ready ? 'ready' : 'not ready'}`, () => {
      assert.equal((decodeValid(node({ conditions })) as Node).ready, ready);
    });
  }

  it('reads a Node without status, and one that is cordoned', () => {
    assert.deepEqual((decodeValid(node(undefined)) as Node).addresses, []);
    const cordoned = { ...node({ conditions: [READY] }), spec: { unschedulable: true } };
    assert.equal((decodeValid(cordoned) as Node).ready, true);
  });

  const hostile: readonly { readonly name: string; readonly status: unknown; readonly problem: string }[] = [
    { name: 'an address that is no mapping', status: { addresses: ['10.0.0.1'] }, problem: 'status.addresses[0]' },
    {
      name: 'an address of no type',
      status: { addresses: [{ address: '10.0.0.1' }] },
      problem: 'status.addresses[0].type',
    },
    {
      name: 'an address that is a number',
      status: { addresses: [{ type: 'InternalIP', address: 10 }] },
      problem: 'status.addresses[0].address',
    },
    {
      name: 'a status of a condition that is no text',
      status: { conditions: [{ type: 'Ready', status: true }] },
      problem: 'status.conditions[0].status',
    },
    {
      name: 'a type of a condition that is a list',
      status: { conditions: [{ type: ['Ready'], status: 'True' }] },
      problem: 'status.conditions[0].type',
    },
  ];
  for (const { name, status, problem } of hostile) {
    it(`leaves out ${name}, and nothing else`, () => {
      const { object, diagnostics } = decodeObject(node(status), 'default');
      assert.deepEqual(object, decodeValid(node({})));
      assert.deepEqual(problemsOf(diagnostics), [`InvalidField ${problem}`]);
    });
  }

  it('does not use a Node whose status or addresses cannot be read at all', () => {
    for (const [status, field] of [
      ['True', 'status'],
      [{ addresses: '10.0.0.1' }, 'status.addresses'],
      [{ conditions: { Ready: 'True' } }, 'status.conditions'],
    ] as const) {
      const { object, diagnostics } = decodeObject(node(status), 'default');
      assert.equal(object, undefined);
      assert.deepEqual(problemsOf(diagnostics), [`InvalidField ${field}`]);
    }
  });

  it('ignores a namespace, and refuses a name that is none', () => {
    assert.equal(decodeValid(node({}, { namespace: 'shop' })).metadata.namespace, '');
    const { object, diagnostics } = decodeObject(node({}, { name: 'one; }' }), 'default');
    assert.equal(object, undefined);
    assert.deepEqual(problemsOf(diagnostics), ['InvalidObject metadata.name']);
  });
});
