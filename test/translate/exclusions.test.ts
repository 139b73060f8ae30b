import assert from 'node:assert/strict';
import { NOTHING_EXCLUDED, type Exclusions } from '../../src/model/exclusions.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { allRoutes, backend, ingress, path, problemsOf, rule, tlsSecret, WEB } from './world.ts';

const WORLD = snapshotOf(
  ...WEB,
  tlsSecret('tls', makeCertificate({ names: ['a.example.com'] })),
  ingress('first', { creationTimestamp: '1', rules: [rule('a.example.com', path('/a'), path('/b'))] }),
  ingress('second', {
    creationTimestamp: '2',
    defaultBackend: backend(),
    tls: [{ hosts: ['a.example.com'], secretName: 'tls' }],
    rules: [rule('a.example.com', path('/a'))],
  }),
);

const objects = (...keys: readonly string[]): Exclusions => ({ objects: new Set(keys), parts: new Map() });
const parts = (key: string, ...fields: readonly string[]): Exclusions => ({
  objects: new Set(),
  parts: new Map([[key, new Set(fields)]]),
});
const ALL = ['prefix /a → shop_web_80', 'prefix /b → shop_web_80', 'prefix / → shop_web_80'];

describe('what is excluded', () => {
  const cases: readonly {
    readonly name: string;
    readonly exclusions: Exclusions;
    readonly routes: readonly string[];
  }[] = [
    { name: 'is nothing by default', exclusions: NOTHING_EXCLUDED, routes: ALL },
    {
      name: 'as an Ingress is as if it were not written: the next one has its path',
      exclusions: objects('Ingress shop/first'),
      routes: ['prefix /a → shop_web_80', 'prefix / → shop_web_80'],
    },
    {
      name: 'as a path leaves the others',
      exclusions: parts('Ingress shop/first', 'spec.rules[0].http.paths[1]'),
      routes: ['prefix /a → shop_web_80', 'prefix / → shop_web_80'],
    },
    {
      name: 'as a default backend leaves the paths',
      exclusions: parts('Ingress shop/second', 'spec.defaultBackend'),
      routes: ['prefix /a → shop_web_80', 'prefix /b → shop_web_80', 'prefix / → 404'],
    },
    {
      name: 'as a Service answers 503',
      exclusions: objects('Service shop/web'),
      routes: ['prefix /a → 503', 'prefix /b → 503', 'prefix / → 503'],
    },
  ];
  for (const { name, exclusions, routes } of cases) {
    it(name, () => {
      const translation = createTranslator()(WORLD, OPTIONS, exclusions);
      assert.deepEqual(allRoutes(translation)['a.example.com'], routes);
    });
  }

  it('as a Secret is no certificate, and told to who refers to it', () => {
    const translation = createTranslator()(WORLD, OPTIONS, objects('Secret shop/tls'));
    assert.deepEqual(translation.model.certificates, []);
    assert.ok(problemsOf(translation).includes('InvalidCertificate Ingress shop/second spec.tls[0].secretName'));
  });

  it('as a spec.tls entry presents no certificate, and redirects all the same', () => {
    const { model } = createTranslator()(WORLD, OPTIONS, parts('Ingress shop/second', 'spec.tls[0]'));
    const host = model.hosts.find(({ name }) => name === 'a.example.com');
    assert.equal(host?.certificate, undefined);
    assert.ok(host?.routes.every(({ redirectToHttps }) => redirectToHttps));
  });

  it('gives the same from a translator that was used before, and all is back afterwards', () => {
    const translate = createTranslator();
    const before = translate(WORLD, OPTIONS);
    for (const { exclusions } of cases) {
      assert.deepEqual(translate(WORLD, OPTIONS, exclusions), createTranslator()(WORLD, OPTIONS, exclusions));
    }
    assert.deepEqual(translate(WORLD, OPTIONS), before);
  });
});
