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
};
/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath({ group, version, plural }: Resource, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}
