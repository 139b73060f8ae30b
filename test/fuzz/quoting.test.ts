import assert from 'node:assert/strict';
import type { Host, Route, RoutingModel, Upstream } from '../../src/model/routing.ts';
import { TemplateFailure } from '../../src/render/template-failure.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { examine } from '../support/config-tree/expected.ts';
import { FRAGMENTS } from './fragments.ts';
import { fuzzTargets, type Target } from './proxies.ts';
import { carrierOf, decodeAll, FUZZ_OPTIONS, FUZZ_SETTINGS, worldOf } from './world.ts';

/*
 * The barrier behind the grammars: models that no grammar would let through are rendered. Either the templates refuse them,
 * or the texts stay in their places.
 */

const CARRIER = carrierOf({ namespace: 'shop', host: 'shop.test' });
const { model: MODEL } = createTranslator()(worldOf(decodeAll(CARRIER).objects), FUZZ_OPTIONS);

function withHost(change: (host: Host) => Host): RoutingModel {
  return { ...MODEL, hosts: MODEL.hosts.map((host) => (host.name === 'shop.test' ? change(host) : host)) };
}

function withRoutes(change: (route: Route, index: number) => Route): RoutingModel {
  return withHost((host) => ({ ...host, routes: host.routes.map(change) }));
}

function withUpstream(change: (upstream: Upstream) => Upstream): RoutingModel {
  const upstreams = MODEL.upstreams.map((upstream) => (upstream.namespace === 'shop' ? change(upstream) : upstream));
  return { ...MODEL, upstreams };
}

function withSource(text: string, field: 'namespace' | 'name' | 'field'): RoutingModel {
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web', ...(field !== 'field' && { [field]: text }) };
  const source = { object, field: field === 'field' ? text : 'spec' };
  return withRoutes((route) => ({ ...route, source }));
}

const PLACES: Readonly<Record<string, (text: string) => RoutingModel>> = {
  'the name of a host': (text) => withHost((host) => ({ ...host, name: text })),
  'the end of the name of a host': (text) => withHost((host) => ({ ...host, name: `a${text}` })),
  'the name of a wildcard host': (text) => withHost((host) => ({ ...host, name: `*.${text}`, kind: 'wildcard' })),
  'an exact path': (text) => withRoutes((route, index) => (index === 0 ? { ...route, path: `/${text}` } : route)),
  'an exact path with a slash at its end': (text) =>
    withRoutes((route, index) => (index === 0 ? { ...route, path: `/${text}/` } : route)),
  'a prefix': (text) => withRoutes((route, index) => (index === 1 ? { ...route, path: `/in${text}` } : route)),
  'the address of an endpoint': (text) =>
    withUpstream((upstream) => ({ ...upstream, endpoints: [{ address: `10.1.2.3${text}`, port: 1 }] })),
  'the name of an upstream': (text) => withUpstream((upstream) => ({ ...upstream, id: `a${text}` })),
  'an external name': (text) =>
    withUpstream((upstream) => ({ ...upstream, externalName: { name: `a${text}`, port: 1 } })),
  'the port of an upstream': (text) => withUpstream((upstream) => ({ ...upstream, port: text })),
  'the namespace of an owner': (text) => withSource(text, 'namespace'),
  'the name of an owner': (text) => withSource(text, 'name'),
  'the field of an owner': (text) => withSource(text, 'field'),
};

/** Escapes; none when the templates refuse the model. */
function escapesOf(model: RoutingModel, { name, render }: Target): readonly string[] {
  try {
    if (render(model, FUZZ_SETTINGS).diagnostics.length > 0) return [];
    return examine(model, { proxy: name, render, settings: FUZZ_SETTINGS }).escapes;
  } catch (error) {
    if (error instanceof TemplateFailure) return [];
    throw error;
  }
}

describe('the injection corpus in a model', () => {
  let targets: readonly Target[] = [];
  before(async () => {
    // The oldest of each: templates differ little between versions.
    targets = [...Map.groupBy(await fuzzTargets(), ({ name }) => name).values()].flatMap(([oldest]) => oldest ?? []);
  });

  for (const [place, plant] of Object.entries(PLACES)) {
    it(`is refused by the templates as ${place}, or stays in its place`, () => {
      for (const target of targets) {
        for (const text of FRAGMENTS) {
          if (text !== '')
            assert.deepEqual(escapesOf(plant(text), target), [], `${target.name} ${JSON.stringify(text).slice(0, 80)}`);
        }
      }
    });
  }
});
