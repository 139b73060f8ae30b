import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { ReferenceFinder } from '../../src/translate/references.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { backend, endpoints, ingress, path, rule, service, slice, tlsSecret, translate } from '../translate/world.ts';

const HOST = 'a.example.com';
const ADDRESS = '10.0.0.66';

/** A namespace whose objects no Ingress of another may use. */
const OTHER: readonly KubernetesObject[] = [
  tlsSecret('tls', makeCertificate({ names: [HOST] }), 'other'),
  service('web', { namespace: 'other' }),
  slice('web', [ADDRESS], { namespace: 'other' }),
];

/** Ways to write the name of an object in namespace `other`, from namespace `shop`. */
const NAMES = [
  '%',
  'other/%',
  '/other/%',
  '../other/%',
  'shop/../other/%',
  './../other/%',
  'other.%',
  'other:%',
  'other_%',
  '%.other',
  '%.other.svc.cluster.local',
  'OTHER/%',
  'other\u0000%',
  'other\n%',
  'other%2F%',
  'other\\%',
  'other／%',
  '__proto__',
  'constructor',
  '',
];

describe('an Ingress', () => {
  for (const text of NAMES) {
    const [secretName, serviceName] = [text.replace('%', 'tls'), text.replace('%', 'web')];

    it(`in namespace shop does not reach namespace other by the name ${JSON.stringify(text)}`, () => {
      const evil = ingress('evil', {
        tls: [{ hosts: [HOST], secretName }],
        rules: [rule(HOST, path('/', 'Prefix', backend(serviceName)))],
        defaultBackend: backend(serviceName),
      });
      const { model, diagnostics } = translate([evil, ...OTHER]);
      assert.deepEqual(model.certificates, []);
      assert.deepEqual(
        model.upstreams.flatMap((upstream) => upstream.endpoints),
        [],
      );
      assert.ok(!JSON.stringify(model).includes(ADDRESS));
      assert.ok(diagnostics.some(({ severity }) => severity === 'error'));
      const wanted = new ReferenceFinder().all(snapshotOf(evil, ...OTHER), OPTIONS).Secret;
      assert.ok(!wanted.has('other/tls'), 'is not even asked for');
    });

    it(`does not get endpoints for the name ${JSON.stringify(text)} by objects of its own namespace`, () => {
      const victim = ingress('victim', {
        namespace: 'other',
        rules: [rule(HOST, path('/', 'Prefix', backend('web')))],
      });
      const planted = [
        { ...slice(serviceName, ['10.0.0.99']), metadata: { ...slice('x', []).metadata, name: 'planted' } },
        endpoints(serviceName, { addresses: ['10.0.0.99'] }),
      ];
      for (const endpointSource of ['slices', 'endpoints'] as const) {
        const { model } = translate([victim, ...OTHER, ...planted], { endpointSource });
        assert.ok(!JSON.stringify(model).includes('10.0.0.99'));
      }
    });
  }

  it('is served what the operator names by flags, from whatever namespace', () => {
    const plain = ingress('plain', { tls: [{ hosts: [HOST], secretName: undefined }], rules: [rule(HOST, '/')] });
    const { model } = translate([plain, ...OTHER], {
      defaultCertificate: { namespace: 'other', name: 'tls' },
      defaultBackend: { namespace: 'other', name: 'web', port: { number: 80 } },
    });
    assert.deepEqual(
      model.certificates.map(({ source }) => `${source.object.namespace}/${source.object.name}`),
      ['other/tls'],
    );
    assert.ok(model.upstreams.some(({ endpoints: found }) => found.some(({ address }) => address === ADDRESS)));
  });
});
