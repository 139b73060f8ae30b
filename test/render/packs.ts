import type { Source } from '../../src/model/refs.ts';
import { EMPTY_MODEL } from '../../src/model/routing.ts';
import type { Certificate, Host, Route, RoutingModel, Target, Upstream } from '../../src/model/routing.ts';
import type { PackFiles } from '../../src/render/pack.ts';
import { loadPack, type Renderer } from '../../src/render/render.ts';
import { nginx } from '../support/pack.ts';

/*
 * Small packs and models: just enough to see one thing.
 */

/** A pack whose only output is `out`, from one template; `more` adds partials. */
export function packOf(template: string, more: Readonly<Record<string, string>> = {}, each = 'once'): PackFiles {
  const outputs = [{ path: 'out', template: 'out.hbs', each }];
  return packWith(outputs, { 'out.hbs': template, ...more });
}

export function packWith(outputs: readonly object[], files: Readonly<Record<string, string>>): PackFiles {
  const manifest = JSON.stringify({ format: 1, proxy: 'test', outputs });
  return new Map([['pack.json', manifest], ...Object.entries(files)]);
}

export function rendererOf(files: PackFiles, version = '1.22.1'): Renderer {
  return loadPack(files).rendererFor(nginx(version));
}

export function sourceOf(name: string, field = ''): Source {
  return { object: { kind: 'Ingress', namespace: 'shop', name }, field };
}

const NOT_FOUND: Target = { type: 'status', status: 404 };

const PLAIN = { features: undefined, featured: undefined };

export function route(path: string, source: Source | undefined, fields: Partial<Route> = {}): Route {
  return {
    path,
    match: 'prefix',
    exactTwin: false,
    target: NOT_FOUND,
    redirectToHttps: false,
    ...PLAIN,
    source,
    ...fields,
  };
}

export function host(name: string, fields: Partial<Host> = {}): Host {
  const kind = name === '' ? 'default' : name.startsWith('*.') ? 'wildcard' : 'exact';
  const source = name === '' ? undefined : sourceOf(name);
  return {
    name,
    kind,
    certificate: undefined,
    features: undefined,
    routes: [route('/', undefined)],
    source,
    ...fields,
  };
}

export function upstream(id: string, fields: Partial<Upstream> = {}): Upstream {
  const [namespace = '', service = '', port = ''] = id.split('_');
  const endpoints = [{ address: '10.0.0.1', port: 8080 }];
  const source = { object: { kind: 'Service', namespace, name: service }, field: '' };
  return {
    id,
    namespace,
    service,
    port,
    endpoints,
    externalName: undefined,
    balance: undefined,
    direct: true,
    source,
    ...fields,
  };
}

export function certificate(id: string, pem: string): Certificate {
  return {
    id,
    pem,
    names: [],
    notAfter: 0,
    source: { object: { kind: 'Secret', namespace: 'shop', name: id }, field: '' },
  };
}

export function modelOf(fields: Partial<RoutingModel> = {}): RoutingModel {
  return { ...EMPTY_MODEL, hosts: [host('')], ...fields };
}
