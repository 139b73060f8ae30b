import type {
  Endpoint,
  ExternalName,
  Host,
  Route,
  RoutingModel,
  Target,
  Upstream,
} from '../../../src/model/routing.ts';
import type { Source } from '../../../src/model/refs.ts';

/** A model of the same shape whose texts are harmless words, and what each of those words stands for. */
export interface Twin {
  readonly model: RoutingModel;
  /** By word. Each word is unlike any text of a template, and none is part of another. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The words of a twin within a text. */
export const TWIN_WORD = /zz[a-z]+\d+zz/g;

/** What the templates look at stays: kinds, counts, `/`, a slash at the end, wildcards, numbers. All else becomes a word. */
export function twinOf(model: RoutingModel): Twin {
  const words = new Words();
  const twin = {
    ...model,
    hosts: model.hosts.map((host) => twinHost(host, words)),
    upstreams: model.upstreams.map((upstream) => twinUpstream(upstream, words)),
    certificates: model.certificates.map((certificate) => ({
      ...certificate,
      id: words.of('certificate', certificate.id),
      source: twinSource(certificate.source, words),
    })),
  };
  return { model: twin, texts: words.texts };
}

type Class = 'host' | 'path' | 'namespace' | 'name' | 'upstream' | 'address' | 'certificate';

class Words {
  readonly texts = new Map<string, string>();
  readonly #words = new Map<string, string>();

  /** The same word for the same text of a class. */
  of(type: Class, text: string): string {
    const key = `${type} ${text}`;
    const word = this.#words.get(key) ?? `zz${type}${this.#words.size}zz`;
    this.#words.set(key, word);
    this.texts.set(word, text);
    return word;
  }
}

function twinHost(host: Host, words: Words): Host {
  return {
    ...host,
    name: twinName(host.name, words),
    certificate: host.certificate === undefined ? undefined : words.of('certificate', host.certificate),
    routes: host.routes.map((route) => twinRoute(route, words)),
    source: host.source === undefined ? undefined : twinSource(host.source, words),
  };
}

function twinName(name: string, words: Words): string {
  if (name === '') return '';
  return name.startsWith('*.') ? `*.${words.of('host', name.slice(2))}` : words.of('host', name);
}

function twinRoute(route: Route, words: Words): Route {
  return {
    ...route,
    path: twinPath(route.path, words),
    target: twinTarget(route.target, words),
    source: route.source === undefined ? undefined : twinSource(route.source, words),
  };
}

function twinPath(path: string, words: Words): string {
  if (path === '/') return path;
  const end = path.endsWith('/') ? '/' : '';
  return `/${words.of('path', path.slice(1, path.length - end.length))}${end}`;
}

function twinTarget(target: Target, words: Words): Target {
  if (target.type === 'status') return target;
  const externalName = twinExternal(target.externalName, words);
  return { ...target, upstream: words.of('upstream', target.upstream), externalName };
}

function twinUpstream(upstream: Upstream, words: Words): Upstream {
  return {
    ...upstream,
    id: words.of('upstream', upstream.id),
    namespace: words.of('namespace', upstream.namespace),
    service: words.of('name', upstream.service),
    endpoints: upstream.endpoints.map((endpoint) => twinEndpoint(endpoint, words)),
    externalName: twinExternal(upstream.externalName, words),
    source: twinSource(upstream.source, words),
  };
}

function twinEndpoint({ address, port }: Endpoint, words: Words): Endpoint {
  return { address: words.of('address', address), port };
}

function twinExternal(external: ExternalName | undefined, words: Words): ExternalName | undefined {
  return external === undefined ? undefined : { ...external, name: words.of('host', external.name) };
}

function twinSource({ object, field }: Source, words: Words): Source {
  const namespace = words.of('namespace', object.namespace);
  return { object: { ...object, namespace, name: words.of('name', object.name) }, field };
}
