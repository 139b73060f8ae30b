import { RESOURCES, type Resource } from './resources.ts';
import { selectedName } from './selectors.ts';
import { Failure, methodNotAllowed, unknownPath } from './status.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What the path of a request names. */
export interface Place {
  readonly resource: Resource;
  /** Of a namespaced resource; `undefined`: all. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export interface Route {
  /** `undefined`: no path of a resource. */
  readonly place: Place | undefined;
  readonly verb: Verb;
  readonly path: string;
  readonly query: URLSearchParams;
}

export function routeOf(method: string, url: string): Route {
  const { pathname: path, searchParams: query } = new URL(url, 'http://server');
  const place = placeOf(path);
  return { place, verb: verbOf(method, place, query), path, query };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
function verbOf(method: string, place: Place | undefined, query: URLSearchParams): Verb {
  const isCollection = place !== undefined && place.name === undefined;
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isCollection ? 'deletecollection' : 'delete';
    default:
      if (!isCollection) return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
  }
}

/** As the API server reads booleans of a query. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function placeOf(path: string): Place | undefined {
  const segments = path.split('/').slice(1);
  if (segments[0] === 'api') return placeIn('', segments.slice(1));
  return segments[0] === 'apis' ? placeIn(segments[1] ?? '', segments.slice(2)) : undefined;
}

function placeIn(group: string, [version, ...encoded]: readonly string[]): Place | undefined {
  const segments = encoded.map(decode);
  const [first, namespace, below] = segments;
  const inNamespace = first === 'namespaces' && below !== undefined && below !== 'status';
  const [plural, name = '', subresource, ...more] = inNamespace ? segments.slice(2) : segments;
  const found = RESOURCES.filter((one) => one.group === group && one.version === version && one.plural === plural);
  // An object of a namespaced resource has no path without namespace, a cluster-scoped one none with it.
  const resource = found.find(({ namespaced }) => (namespaced ? inNamespace || name === '' : !inNamespace));
  if (resource === undefined || more.length > 0) return undefined;
  return {
    resource,
    namespace: inNamespace ? namespace : undefined,
    name: name === '' ? undefined : name,
    subresource,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * The place, when this verb can be done there.
 *
 * @throws Failure 404 or 405
 */
export function servedPlace({ place, verb }: Route): Place {
  if (place === undefined) throw unknownPath();
  const { resource, namespace, name, subresource } = place;
  if (subresource !== undefined && !(subresource === 'status' && resource.hasStatus)) throw unknownPath();
  const served = name === undefined ? collectionVerbs(resource.namespaced && namespace === undefined) : OBJECT_VERBS;
  if (!served.includes(verb)) throw methodNotAllowed();
  if (subresource !== undefined && verb === 'delete') throw methodNotAllowed();
  return place;
}

const OBJECT_VERBS: readonly Verb[] = ['get', 'update', 'patch', 'delete'];

function collectionVerbs(ofAllNamespaces: boolean): readonly Verb[] {
  return ofAllNamespaces ? ['list', 'watch'] : ['list', 'watch', 'create'];
}

/** A request as authorization and faults see it, and as tests find it in `api.requests`. */
export interface RequestRecord {
  /** In words of RBAC. */
  readonly verb: Verb;
  /** Empty for the core group, and for paths of no resource. */
  readonly group: string;
  /** Plural; empty for paths of no resource. */
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  /** Of the path; of a list or watch, what its field selector admits. */
  readonly name: string | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of the answer; 0: none yet, or none at all. */
  status: number;
  /** Parsed, of a write that was not refused before. */
  body: unknown;
  /** Milliseconds, of `performance.now()`. */
  readonly at: number;
}

export function recordOf(route: Route): RequestRecord {
  const { place, verb, path, query } = route;
  return {
    verb,
    group: place?.resource.group ?? '',
    resource: place?.resource.plural ?? '',
    subresource: place?.subresource,
    ...scopeOfRecord(route),
    path,
    query: Object.fromEntries(query),
    status: 0,
    body: undefined,
    at: performance.now(),
  };
}

function scopeOfRecord({ place, query }: Route): Pick<RequestRecord, 'namespace' | 'name'> {
  if (place === undefined) return { namespace: undefined, name: undefined };
  const { resource, namespace, name } = place;
  // A Namespace is in itself, for RBAC.
  return {
    namespace: resource.plural === 'namespaces' ? name : namespace,
    name: name ?? nameInSelector(query),
  };
}

/** A selector that cannot be read is refused later. */
function nameInSelector(query: URLSearchParams): string | undefined {
  try {
    return selectedName(query.get('fieldSelector') ?? '');
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
