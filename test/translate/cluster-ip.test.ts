import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { addressesOf, endpoint, ingress, port, problemsOf, rule, service, slice, translate } from './world.ts';

interface Case {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly addresses: readonly string[];
  readonly problems?: readonly string[];
}

const INGRESS = ingress('web', { rules: [rule('h', '/')] });
const READY = slice('web', ['10.0.0.1']);

const CASES: readonly Case[] = [
  {
    name: 'is the one endpoint, on the port of the Service',
    objects: [service('web', { ports: [port(80, { targetPort: 8080 })] }), READY],
    addresses: ['10.96.0.10:80'],
  },
  {
    name: 'of IPv6 is in brackets and in its shortest form',
    objects: [service('web', { clusterIP: 'FD00:0:0::10' }), READY],
    addresses: ['[fd00::10]:80'],
  },
  {
    name: 'is used when no endpoint is ready',
    objects: [service('web'), slice('web', [endpoint('10.0.0.1', { ready: false, serving: false })])],
    addresses: ['10.96.0.10:80'],
  },
  { name: 'is used when there are no slices', objects: [service('web')], addresses: ['10.96.0.10:80'] },
  {
    name: 'is used of a NodePort or LoadBalancer Service, too',
    objects: [service('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' })],
    addresses: ['10.96.0.10:80'],
  },
  {
    name: 'is none of a headless Service, whose endpoints are used',
    objects: [service('web', { clusterIP: 'None' }), READY],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'is none of a Service that was never in a cluster, whose endpoints are used',
    objects: [service('web', { clusterIP: '' }), READY],
    addresses: ['10.0.0.1:8080'],
  },
  {
    name: 'that is no address is not used, and neither are the endpoints',
    objects: [service('web', { clusterIP: '10.96.0.10; } server {' }), READY],
    addresses: [],
    problems: ['InvalidEndpoint Service shop/web spec.clusterIP'],
  },
];

describe('the cluster IP as upstream', () => {
  for (const { name, objects, addresses, problems = [] } of CASES) {
    it(name, () => {
      const translation = translate([INGRESS, ...objects], { endpointSource: 'cluster-ip' });
      assert.deepEqual(addressesOf(translation), addresses);
      assert.deepEqual(problemsOf(translation), problems);
    });
  }

  it('leaves a Service of type ExternalName to its name', () => {
    const of = service('web', { type: 'ExternalName', externalName: 'shop.example.org' });
    const options = { endpointSource: 'cluster-ip', allowExternalName: true, hasResolver: true } as const;
    const [upstream] = translate([INGRESS, of], options).model.upstreams;
    assert.deepEqual(upstream?.endpoints, []);
    assert.deepEqual(upstream.externalName, { name: 'shop.example.org', port: 8080 });
  });

  it('has nothing to do with pods that come and go', () => {
    const translateAgain = createTranslator();
    const web = service('web');
    const options = { ...OPTIONS, endpointSource: 'cluster-ip' } as const;
    const [one, two] = [['10.0.0.1'], []].map(
      (pods) => translateAgain(snapshotOf(INGRESS, web, slice('web', pods)), options).model.upstreams[0],
    );
    assert.ok(one !== undefined && one === two);
  });
});
