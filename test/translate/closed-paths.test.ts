import assert from 'node:assert/strict';
import type { Exclusions } from '../../src/model/exclusions.ts';
import type { Ingress } from '../../src/model/objects.ts';
import type { RoutingModel } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';
import { ingress, rule, WEB } from './world.ts';

const KEY = 'Ingress shop/admin';
const MAIN = ingress('main', { rules: [rule('a.example.com', '/')] });

const admin = (annotations: Readonly<Record<string, string>>, ...paths: readonly string[]): Ingress => {
  const named = Object.entries(annotations).map(
    ([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value] as const,
  );
  return ingress('admin', {
    rules: [rule('a.example.com', ...paths)],
    annotations: Object.fromEntries(named),
    creationTimestamp: '2020-01-01T00:00:00Z',
  });
};

const ALL: Exclusions = { objects: new Set([KEY]), parts: new Map(), closed: new Set([KEY]) };

function translate(exclusions: Exclusions, item: Ingress): RoutingModel {
  return createTranslator()(snapshotOf(...WEB, MAIN, item), OPTIONS, exclusions).model;
}

/** Path, match, target, and the names of the features. */
function routes({ hosts }: RoutingModel): readonly string[] {
  const host = hosts.find(({ name }) => name === 'a.example.com');
  return (host?.routes ?? []).map(({ path, match, target, features }) => {
    const to = target.type === 'status' ? target.status : target.upstream;
    const asked = Object.entries(features ?? {}).filter(([key, value]) => key !== 'id' && value !== undefined);
    const names = asked.filter(([, value]) => !(Array.isArray(value) && value.length === 0)).map(([key]) => key);
    return [match, path, to, ...names].join(' ');
  });
}

describe('what is left out and keeps requests out', () => {
  it('answers 503, and asks for nothing else', () => {
    const item = admin({ 'whitelist-source-range': '10.0.0.0/8', 'proxy-read-timeout': '5' }, '/admin');
    assert.deepEqual(routes(translate(ALL, item)), ['prefix /admin 503', 'prefix / shop_web_80']);
  });

  it('is not there when it keeps nobody out, when it is a canary, and when it shall not stay closed', () => {
    const list = { 'whitelist-source-range': '10.0.0.0/8' };
    const all = [admin({ 'proxy-read-timeout': '5' }, '/admin'), admin({ ...list, canary: 'true' }, '/')];
    for (const item of all) assert.deepEqual(routes(translate(ALL, item)), ['prefix / shop_web_80']);
    const open = { objects: ALL.objects, parts: ALL.parts };
    assert.deepEqual(routes(translate(open, admin(list, '/admin'))), ['prefix / shop_web_80']);
  });

  it('has one path closed when only that is left out, and serves the others', () => {
    const parts = new Map([[KEY, new Set(['spec.rules[0].http.paths[1]'])]]);
    const item = admin({ 'whitelist-source-range': '10.0.0.0/8' }, '/admin', '/bad');
    assert.deepEqual(routes(translate({ objects: new Set(), parts, closed: new Set([KEY]) }, item)), [
      'prefix /admin shop_web_80 access',
      'prefix /bad 503',
      'prefix / shop_web_80',
    ]);
  });

  it('stays closed where its paths are regular expressions', () => {
    const item = admin({ 'whitelist-source-range': '10.0.0.0/8', 'use-regex': 'true' }, '/admin(/|$)(.*)');
    assert.deepEqual(routes(translate(ALL, item)), ['regex /admin(/|$)(.*) 503', 'regex / shop_web_80']);
  });

  it('still asks for the certificates of clients, on which other Ingresses of the host may rely', () => {
    const item = admin({ 'auth-tls-secret': 'shop/missing' }, '/admin');
    const before = translate({ objects: new Set(), parts: new Map() }, item);
    const host = (model: RoutingModel) => model.hosts.find(({ name }) => name === 'a.example.com');
    assert.ok(host(before)?.features?.clientCertificates !== undefined);
    assert.deepEqual(
      host(translate(ALL, item))?.features?.clientCertificates,
      host(before)?.features?.clientCertificates,
    );
  });
});
