import { KINDS, type Kind } from '../../model/objects.ts';

/** How a kind is read from the API server, and with which permissions. */
export interface Resource {
  readonly kind: Kind;
  readonly group: string;
  readonly version: string;
  /** As in URLs and in RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /**
   * `always`: all of them are watched. `referenced`: those that other objects name. `option`: all, when an option asks for
   * the kind.
   */
  readonly read: 'always' | 'referenced' | 'option';
}

function resource(kind: Kind, plural: string, read: Resource['read'], namespaced = true): Resource {
  const group = KINDS[kind];
  return { kind, group, version: 'v1', plural, namespaced, read };
}

/** Every kind that the cluster source can read; the RBAC rules in docker/kubernetes are checked against it. */
export const RESOURCES: Readonly<Record<Kind, Resource>> = {
  Ingress: resource('Ingress', 'ingresses', 'always'),
  IngressClass: resource('IngressClass', 'ingressclasses', 'always', false),
  Service: resource('Service', 'services', 'always'),
  EndpointSlice: resource('EndpointSlice', 'endpointslices', 'always'),
  Endpoints: resource('Endpoints', 'endpoints', 'option'),
  Secret: resource('Secret', 'secrets', 'referenced'),
  ConfigMap: resource('ConfigMap', 'configmaps', 'referenced'),
  Node: resource('Node', 'nodes', 'option', false),
};

/** Enough of a resource to build a path. */
export interface Collectable extends Pick<Resource, 'group' | 'version' | 'plural'> {
  readonly kind: string;
}

/** As in the field `apiVersion` of its objects. */
export function apiVersionOf({ group, version }: Pick<Collectable, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** As error messages of the API server name it: `ingresses.networking.k8s.io`. */
export function qualifiedName({ group, plural }: Pick<Collectable, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath(resource: Collectable, namespace: string | undefined): string {
  const { group, plural } = resource;
  const root = `/${group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}
