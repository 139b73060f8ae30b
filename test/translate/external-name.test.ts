import assert from 'node:assert/strict';
import type { ServicePort } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { Target } from '../../src/model/routing.ts';
import { backend, ingress, path, port, rule, service, translate } from './world.ts';

const ALLOWED: Partial<TranslateOptions> = { allowExternalName: true, hasResolver: true };

interface Case {
  readonly name: string;
  readonly externalName?: string | undefined;
  readonly wanted?: number | string;
  readonly ports?: readonly ServicePort[];
  readonly options?: Partial<TranslateOptions>;
  readonly target?: { readonly name: string; readonly port: number };
  readonly problem?: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'is resolved by the proxy, at the number in the Ingress',
    wanted: 443,
    target: { name: 'example.com', port: 443 },
  },
  {
    name: 'is reached at the port of the Service when that has a name',
    wanted: 'https',
    ports: [port(443, { name: 'https', targetPort: 'tls' })],
    target: { name: 'example.com', port: 443 },
  },
  {
    name: 'is reached at the targetPort when that is a number',
    wanted: 'https',
    ports: [port(443, { name: 'https', targetPort: 8443 })],
    target: { name: 'example.com', port: 8443 },
  },
  {
    name: 'may not be spelled with letters that only become ASCII in lower case',
    externalName: '\u212aubernetes.example.com',
    problem: /unusable name/,
  },
  {
    name: 'may be in upper case and end in a dot',
    externalName: 'Example.COM.',
    target: { name: 'example.com', port: 80 },
  },
  { name: 'is refused when it is not turned on', options: { hasResolver: true }, problem: /which is off/ },
  { name: 'is refused without a DNS server', options: { allowExternalName: true }, problem: /no DNS server is known/ },
  { name: 'must be there', externalName: undefined, problem: /unusable name ""/ },
  { name: 'must not be the own machine', externalName: 'localhost', problem: /unusable name "localhost"/ },
  { name: 'must not be below localhost', externalName: 'a.LocalHost.', problem: /unusable name "a\.LocalHost\."/ },
  { name: 'must not be an IPv4 address', externalName: '169.254.169.254', problem: /unusable name/ },
  { name: 'must not be an IPv6 address', externalName: '::1', problem: /unusable name/ },
  { name: 'must not be a wildcard', externalName: '*.example.com', problem: /unusable name/ },
  { name: 'must not hold a port', externalName: 'example.com:22', problem: /unusable name/ },
  { name: 'must not hold configuration', externalName: 'example.com resolve;}', problem: /unusable name/ },
  { name: 'must not hold variables', externalName: '$host', problem: /unusable name/ },
  { name: 'must not hold line feeds', externalName: 'example.com\n', problem: /unusable name/ },
];

/** Where the route leads: to the upstream of the name, or to 503. */
function targetOf({ wanted = 80, target }: Case): Target {
  if (target === undefined) return { type: 'status', status: 503 };
  const upstream = `shop_web_${wanted === 'https' ? 443 : wanted}`;
  return { type: 'upstream', upstream, available: true, externalName: target };
}

describe('the name of an ExternalName Service', () => {
  for (const item of CASES) {
    const { name, wanted = 80, ports = [], options = ALLOWED, problem } = item;
    it(name, () => {
      const externalName = 'externalName' in item ? item.externalName : 'example.com';
      const objects = [
        ingress('web', { rules: [rule('h', path('/', 'Prefix', backend('web', wanted)))] }),
        service('web', { type: 'ExternalName', clusterIP: '', externalName, ports }),
      ];
      const { model, diagnostics } = translate(objects, options);
      assert.deepEqual(model.hosts[1]?.routes[0]?.target, targetOf(item));
      assert.deepEqual(model.upstreams[0]?.externalName, item.target);
      assert.equal(diagnostics.length, problem === undefined ? 0 : 1);
      assert.match(diagnostics[0]?.message ?? '', problem ?? /^$/);
    });
  }
});
