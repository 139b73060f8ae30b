import assert from 'node:assert/strict';
import type { EndpointPort, KubernetesObject, ServicePort } from '../../src/model/objects.ts';
import {
  addressesOf,
  endpoint,
  endpointPort,
  endpoints,
  ingress,
  port,
  problemsOf,
  rule,
  service,
  slice,
  translate,
} from './world.ts';

interface Case {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly addresses: readonly string[];
  readonly problems?: readonly string[];
}

const INGRESS = ingress('web', { rules: [rule('h', '/')] });

const SLICES: readonly Case[] = [
  {
    name: 'come from all slices of a Service, sorted and each once',
    objects: [
      slice('web', ['10.0.0.3', '10.0.0.1'], { name: 'web-b' }),
      slice('web', ['10.0.0.2', '10.0.0.1'], { name: 'web-a' }),
    ],
    addresses: ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8080'],
  },
  {
    name: 'do not come from slices of other Services or namespaces, or of none',
    objects: [
      slice('web', ['10.0.0.1']),
      slice('api', ['10.0.0.2']),
      slice('web', ['10.0.0.3'], { namespace: 'pay' }),
      slice('', ['10.0.0.4'], { name: 'web' }),
    ],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'are of both address families, IPv6 in brackets',
    objects: [slice('web', ['10.0.0.1']), slice('web', ['fd00::1'], { name: 'web-6', addressType: 'IPv6' })],
    addresses: ['10.0.0.1:8080', '[fd00::1]:8080'],
  },
  {
    name: 'in IPv6 are the same in any spelling',
    objects: [
      slice('web', ['FD00:0:0::1', 'fd00::1', 'fd00:0000:0000:0000:0000:0000:0000:0001'], { addressType: 'IPv6' }),
    ],
    addresses: ['[fd00::1]:8080'],
  },
  {
    name: 'are the ready ones only',
    objects: [
      slice('web', [
        endpoint('10.0.0.1'),
        endpoint('10.0.0.2', { ready: false, serving: false }),
        endpoint('10.0.0.3', { ready: false, serving: true, terminating: true }),
      ]),
    ],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'are those that serve while they terminate when none is ready',
    objects: [
      slice('web', [endpoint('10.0.0.1', { ready: false, serving: false, terminating: true })]),
      slice('web', [endpoint('10.0.0.2', { ready: false, serving: true, terminating: true })], { name: 'web-2' }),
    ],
    addresses: ['10.0.0.2:8080'],
  },
  {
    name: 'are none when none is ready or serves while it terminates',
    objects: [
      slice('web', [
        endpoint('10.0.0.1', { ready: false, serving: true, terminating: false }),
        endpoint('10.0.0.2', { ready: false, serving: false, terminating: true }),
      ]),
    ],
    addresses: [],
  },
  {
    name: 'are all addresses of an endpoint that has several',
    objects: [slice('web', [endpoint('', { addresses: ['10.0.0.2', '10.0.0.1'] })])],
    addresses: ['10.0.0.1:8080', '10.0.0.2:8080'],
  },
  {
    name: 'are not names of slices of type FQDN',
    objects: [slice('web', ['web.example.com'], { addressType: 'FQDN' })],
    addresses: [],
  },
  {
    name: 'are not on a port for all ports',
    objects: [slice('web', ['10.0.0.1'], { ports: [endpointPort(undefined)] })],
    addresses: [],
  },
  {
    name: 'leave out an address that is none, and say so for this Service once',
    objects: [slice('web', ['10.0.0.1', endpoint('', { addresses: ['10.0.0.2', 'localhost'] })])],
    addresses: ['10.0.0.1:8080', '10.0.0.2:8080'],
    problems: ['InvalidEndpoint EndpointSlice shop/web-1 endpoints[1].addresses[1]'],
  },
];

const ADDRESSES: readonly { readonly text: string; readonly address?: string }[] = [
  { text: '10.0.0.1', address: '10.0.0.1' },
  { text: '255.255.255.255', address: '255.255.255.255' },
  { text: '::1', address: '[::1]' },
  { text: '2001:db8::0:1', address: '[2001:db8::1]' },
  { text: '2001:DB8:0:0:1::1', address: '[2001:db8::1:0:0:1]' },
  { text: '::ffff:10.0.0.1', address: '[::ffff:a00:1]' },
  { text: '' },
  { text: '10.0.0' },
  { text: '10.0.0.256' },
  { text: '10.0.0.01' },
  { text: '0x0a.0.0.1' },
  { text: '167772161' },
  { text: '10.0.0.1.' },
  { text: '10.0.0.1\n' },
  { text: '10.0.0.1:80' },
  { text: '10.0.0.1/32' },
  { text: '10.0.0.1; } server {' },
  { text: '$host' },
  { text: 'unix:/run/docker.sock' },
  { text: 'localhost' },
  { text: '[::1]' },
  { text: 'fe80::1%eth0' },
  { text: '1::2::3' },
  { text: '12345::' },
  { text: ':::' },
];

const PORTS: readonly {
  readonly name: string;
  readonly of: ServicePort;
  readonly ports: readonly EndpointPort[];
  readonly number: number | undefined;
}[] = [
  {
    name: 'of the same name',
    of: port(80, { name: 'a' }),
    ports: [endpointPort(1, 'b'), endpointPort(2, 'a')],
    number: 2,
  },
  { name: 'without name for a port without name', of: port(80), ports: [endpointPort(8080)], number: 8080 },
  {
    name: 'of TCP where UDP has the same name',
    of: port(80, { name: 'a' }),
    ports: [endpointPort(1, 'a', 'UDP'), endpointPort(2, 'a')],
    number: 2,
  },
  {
    name: 'that the targetPort names, in slices written by hand',
    of: port(80, { name: 'a', targetPort: 'web' }),
    ports: [endpointPort(8080, 'web')],
    number: 8080,
  },
  {
    name: 'whose number is the targetPort, in slices written by hand',
    of: port(80, { name: 'a', targetPort: 8080 }),
    ports: [endpointPort(8080)],
    number: 8080,
  },
  { name: 'of the targetPort where no port is listed', of: port(80, { targetPort: 8080 }), ports: [], number: 8080 },
  {
    name: 'of nobody where others are listed',
    of: port(80, { name: 'a' }),
    ports: [endpointPort(1, 'b')],
    number: undefined,
  },
  {
    name: 'of nobody for a name where no port is listed',
    of: port(80, { targetPort: 'web' }),
    ports: [],
    number: undefined,
  },
];

const SUBSETS: readonly (Case & { readonly publish?: boolean })[] = [
  {
    name: 'come from all subsets, sorted and each once',
    objects: [endpoints('web', { addresses: ['10.0.0.2', '10.0.0.1'] }, { addresses: ['10.0.0.1', 'fd00::1'] })],
    addresses: ['10.0.0.1:8080', '10.0.0.2:8080', '[fd00::1]:8080'],
  },
  {
    name: 'are the ready ones only',
    objects: [endpoints('web', { addresses: ['10.0.0.1'], notReadyAddresses: ['10.0.0.2'] })],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'are all for a Service with publishNotReadyAddresses',
    objects: [endpoints('web', { addresses: ['10.0.0.1'], notReadyAddresses: ['10.0.0.2'] })],
    publish: true,
    addresses: ['10.0.0.1:8080', '10.0.0.2:8080'],
  },
  {
    name: 'leave out subsets without the port',
    objects: [
      endpoints('web', { addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'], ports: [endpointPort(1, 'other')] }),
    ],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'leave out an address that is none, and say so',
    objects: [endpoints('web', { addresses: ['10.0.0.1', 'x'] })],
    addresses: ['10.0.0.1:8080'],
    problems: ['InvalidEndpoint Endpoints shop/web subsets[0].addresses[1]'],
  },
];

describe('endpoints from EndpointSlices', () => {
  for (const { name, objects, addresses, problems = [] } of SLICES) {
    it(name, () => {
      const translation = translate([INGRESS, service('web'), ...objects]);
      assert.deepEqual(addressesOf(translation), addresses);
      assert.deepEqual(problemsOf(translation), problems);
    });
  }

  for (const { name, of, ports, number } of PORTS) {
    it(`are on the port ${name}`, () => {
      const objects = [service('web', { ports: [of] }), slice('web', ['10.0.0.1'], { ports })];
      const expected = number === undefined ? [] : [`10.0.0.1:${number}`];
      assert.deepEqual(addressesOf(translate([INGRESS, ...objects])), expected);
    });
  }

  for (const { text, address } of ADDRESSES) {
    it(`${address === undefined ? 'are not' : 'may be'} ${JSON.stringify(text)}`, () => {
      const translation = translate([INGRESS, service('web'), slice('web', [text])]);
      assert.deepEqual(addressesOf(translation), address === undefined ? [] : [`${address}:8080`]);
      assert.equal(translation.diagnostics.length, address === undefined ? 1 : 0);
    });
  }
});

describe('endpoints from core Endpoints', () => {
  for (const { name, objects, publish = false, addresses, problems = [] } of SUBSETS) {
    it(name, () => {
      const of = service('web', { publishNotReadyAddresses: publish });
      const translation = translate([INGRESS, of, ...objects], { endpointSource: 'endpoints' });
      assert.deepEqual(addressesOf(translation), addresses);
      assert.deepEqual(problemsOf(translation), problems);
    });
  }
});
