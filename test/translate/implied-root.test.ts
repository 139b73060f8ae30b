import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { Route } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { ingress, rule, WEB } from './world.ts';

const TO = { 'sluice.dev/permanent-redirect': 'https://elsewhere.example.com' };

function annotated(name: string, annotations: Readonly<Record<string, string>>, ...paths: readonly string[]) {
  return ingress(name, { annotations: { ...annotations }, rules: [rule('a.example.com', ...paths)] });
}

/** The route of the paths that no rule has. */
function lastOf(objects: readonly KubernetesObject[], translate = createTranslator()): Route | undefined {
  const options = { ...OPTIONS, snippets: [{ namespace: '*', directives: [] }] };
  const { model } = translate(snapshotOf(...objects, ...WEB), options);
  return model.hosts.find(({ name }) => name === 'a.example.com')?.routes.at(-1);
}

describe('the paths of a host that no rule has', () => {
  it('are redirected as the oldest Ingress asks, to which the route belongs', () => {
    const rules = [rule('a.example.com', '/a')];
    const old = ingress('old', { annotations: TO, creationTimestamp: '2026-01-01T00:00:00Z', rules });
    const other = { annotations: { 'sluice.dev/permanent-redirect': 'https://young.example.com' }, rules };
    const route = lastOf([old, ingress('young', { ...other, creationTimestamp: '2026-01-02T00:00:00Z' })]);
    assert.equal(route?.path, '/');
    assert.equal(route.features?.redirect?.location, 'https://elsewhere.example.com');
    assert.equal(route.source?.object.name, 'old');
  });

  it('have nothing of what keeps requests out, or says how they are passed on', () => {
    const annotations = {
      'sluice.dev/whitelist-source-range': '10.0.0.0/8',
      'sluice.dev/proxy-body-size': '1k',
      'sluice.dev/rewrite-target': '/x',
      'sluice.dev/limit-rps': '1',
      'sluice.dev/auth-url': 'nowhere',
    };
    assert.equal(lastOf([annotated('web', annotations, '/a')])?.features, undefined);
  });

  it('are plain where nothing is asked for', () => {
    const route = lastOf([annotated('web', {}, '/a')]);
    assert.deepEqual([route?.features, route?.source], [undefined, undefined]);
  });
});

describe('headers of a server-snippet', () => {
  const SNIPPET = { 'sluice.dev/server-snippet': 'more_set_headers "X: $service_name";' };

  it('are those of every route, and go when the snippet goes', () => {
    const translate = createTranslator();
    const web = annotated('web', {}, '/a', '/');
    const valuesWith = (...more: readonly KubernetesObject[]) =>
      lastOf([web, ...more], translate)?.features?.snippets?.addHeaders.map(({ value }) => value);
    assert.equal(valuesWith(), undefined);
    assert.deepEqual(valuesWith(annotated('other', SNIPPET, '/b')), ['web']);
    assert.equal(valuesWith(), undefined);
  });
});
