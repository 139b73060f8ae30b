import assert from 'node:assert/strict';
import type { Ingress } from '../../src/model/objects.ts';
import { decodeObject } from '../../src/sources/decode/decode.ts';
import { decodeValid, problemsOf } from './support.ts';

function ingress(spec: unknown): object {
  const metadata = { name: 'web', namespace: 'shop', managedFields: [{ manager: 'kubectl' }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec, status: { loadBalancer: {} } };
}

const service = { name: 'web', port: { number: 80 } };
const good = { path: '/', pathType: 'Prefix', backend: { service } };
const goodRead = { path: '/', pathType: 'Prefix', backend: { type: 'service', name: 'web', port: { number: 80 } } };

describe('decodeObject of an Ingress', () => {
  it('keeps the fields of the model and nothing else', () => {
    const spec = {
      ingressClassName: 'sluice',
      defaultBackend: { resource: { apiGroup: 'x.example', kind: 'Bucket', name: 'static' } },
      tls: [{ hosts: ['a.example'], secretName: 'a-tls' }, { hosts: ['b.example'] }, { secretName: '' }],
      rules: [{ host: 'a.example', http: { paths: [good] } }, { host: 'b.example' }, {}],
    };
    assert.deepEqual(decodeValid(ingress(spec)), {
      kind: 'Ingress',
      metadata: { namespace: 'shop', name: 'web', uid: '', creationTimestamp: '', labels: {}, annotations: {} },
      ingressClassName: 'sluice',
      defaultBackend: { type: 'resource', kind: 'Bucket', name: 'static' },
      tls: [
        { hosts: ['a.example'], secretName: 'a-tls' },
        { hosts: ['b.example'], secretName: undefined },
        { hosts: [], secretName: undefined },
      ],
      rules: [
        { host: 'a.example', paths: [goodRead] },
        { host: 'b.example', paths: [] },
        { host: '', paths: [] },
      ],
    });
  });

  const path = 'spec.rules[0].http.paths[1]';
  const badPaths: readonly { name: string; entry: unknown; field: string; message: RegExp }[] = [
    { name: 'no backend', entry: { path: '/' }, field: `${path}.backend`, message: /names no service/ },
    { name: 'an empty backend', entry: { backend: {} }, field: `${path}.backend`, message: /names no service/ },
    {
      name: 'a backend that is a string',
      entry: { backend: 'web' },
      field: `${path}.backend`,
      message: /expected a mapping, got a string/,
    },
    {
      name: 'both a service and a resource',
      entry: { backend: { service, resource: { kind: 'B', name: 'b' } } },
      field: `${path}.backend`,
      message: /both a service and a resource/,
    },
    {
      name: 'a service without name',
      entry: { backend: { service: { port: { number: 80 } } } },
      field: `${path}.backend.service.name`,
      message: /is required/,
    },
    {
      name: 'a service name that is none',
      entry: { backend: { service: { ...service, name: 'web;return 200' } } },
      field: `${path}.backend.service.name`,
      message: /DNS label/,
    },
    {
      name: 'a service without port',
      entry: { backend: { service: { name: 'web' } } },
      field: `${path}.backend.service.port`,
      message: /neither a number nor a name/,
    },
    {
      name: 'a port out of range',
      entry: { backend: { service: { name: 'web', port: { number: 65536 } } } },
      field: `${path}.backend.service.port.number`,
      message: /1 to 65535, got 65536; this path is not served$/,
    },
    {
      name: 'port 0',
      entry: { backend: { service: { name: 'web', port: { number: 0 } } } },
      field: `${path}.backend.service.port.number`,
      message: /got 0;/,
    },
    {
      name: 'half a port',
      entry: { backend: { service: { name: 'web', port: { number: 80.5 } } } },
      field: `${path}.backend.service.port.number`,
      message: /got 80\.5;/,
    },
    {
      name: 'a port number in quotes',
      entry: { backend: { service: { name: 'web', port: { number: '80' } } } },
      field: `${path}.backend.service.port.number`,
      message: /got "80";/,
    },
    {
      name: 'a port with number and name',
      entry: { backend: { service: { name: 'web', port: { number: 80, name: 'http' } } } },
      field: `${path}.backend.service.port`,
      message: /both a number and a name/,
    },
    {
      name: 'a port name that could leave its place in an identifier',
      entry: { backend: { service: { name: 'web', port: { name: 'a_b' } } } },
      field: `${path}.backend.service.port.name`,
      message: /DNS label/,
    },
    { name: 'a path that is a number', entry: { ...good, path: 1 }, field: `${path}.path`, message: /a string, got 1/ },
    {
      name: 'a path type that is a list',
      entry: { ...good, pathType: [] },
      field: `${path}.pathType`,
      message: /list/,
    },
    { name: 'a string instead of a mapping', entry: '/x', field: path, message: /expected a mapping/ },
    { name: 'nothing instead of a mapping', entry: null, field: path, message: /expected a mapping, got nothing/ },
  ];
  for (const { name, entry, field, message } of badPaths) {
    it(`drops only the path with ${name}`, () => {
      const value = ingress({ rules: [{ host: 'a.example', http: { paths: [good, entry, good] } }] });
      const { object, diagnostics } = decodeObject(value, 'default');
      assert.deepEqual((object as Ingress).rules, [{ host: 'a.example', paths: [goodRead, undefined, goodRead] }]);
      assert.deepEqual(problemsOf(diagnostics), [`InvalidField ${field}`]);
      assert.deepEqual(diagnostics[0]?.object, { kind: 'Ingress', namespace: 'shop', name: 'web' });
      assert.match(diagnostics[0].message, message);
    });
  }

  it('drops a rule whose host is no string, instead of serving it for all hosts', () => {
    const rules = [{ host: 10, http: { paths: [good] } }, { host: 'b.example' }];
    const { object, diagnostics } = decodeObject(ingress({ rules }), 'default');
    assert.deepEqual((object as Ingress).rules, [undefined, { host: 'b.example', paths: [] }]);
    assert.deepEqual(problemsOf(diagnostics), ['InvalidField spec.rules[0].host']);
  });

  it('keeps the rules when the default backend is broken', () => {
    const spec = { defaultBackend: { service: { name: 'web', port: { number: -1 } } }, rules: [{ host: 'a.example' }] };
    const { object, diagnostics } = decodeObject(ingress(spec), 'default');
    assert.equal((object as Ingress).defaultBackend, undefined);
    assert.equal((object as Ingress).rules.length, 1);
    assert.deepEqual(problemsOf(diagnostics), ['InvalidField spec.defaultBackend.service.port.number']);
  });

  it('drops a TLS entry with an impossible Secret name, and a host that is no string', () => {
    const tls = [{ secretName: '../other' }, { hosts: ['a.example', 7], secretName: 'a-tls' }];
    const { object, diagnostics } = decodeObject(ingress({ tls }), 'default');
    assert.deepEqual((object as Ingress).tls, [undefined, { hosts: ['a.example'], secretName: 'a-tls' }]);
    assert.deepEqual(problemsOf(diagnostics), [
      'InvalidField spec.tls[0].secretName',
      'InvalidField spec.tls[1].hosts[1]',
    ]);
  });

  for (const spec of [{ ingressClassName: 5 }, { rules: {} }, { tls: 'yes' }, 'none', []]) {
    it(`drops the Ingress when its spec is ${JSON.stringify(spec)}`, () => {
      const { object, diagnostics } = decodeObject(ingress(spec), 'default');
      assert.equal(object, undefined);
      assert.equal(diagnostics.length, 1);
      assert.match(diagnostics[0]?.message ?? '', /the object is not used$/);
    });
  }
});
