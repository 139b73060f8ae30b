/** How the API server treats one kind of object. */
export interface Resource {
  /** As in messages of the API server: `ingresses.networking.k8s.io`, `services`. */
  readonly id: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** `status` is written by the subresource of that name only. */
  readonly hasStatus: boolean;
  /** Takes the place of the status of a new object; `undefined`: that one is kept. */
  readonly initialStatus: unknown;
  /** What makes `metadata.generation` go up; `none`: the kind has no generation. */
  readonly generation: 'none' | 'spec' | 'content';
  /** Paths that a field selector may name, besides name and namespace. */
  readonly fields: readonly string[];
  /** A PUT of an object that does not exist creates it. */
  readonly createOnUpdate: boolean;
  /** A PUT must say which resourceVersion it replaces. */
  readonly needsVersion: boolean;
}

type Traits = Pick<Resource, 'kind' | 'plural'> & Partial<Omit<Resource, 'id'>>;

function resource(traits: Traits): Resource {
  const { group = '', plural } = traits;
  return {
    group,
    id: group === '' ? plural : `${plural}.${group}`,
    version: 'v1',
    namespaced: true,
    hasStatus: false,
    initialStatus: undefined,
    generation: 'none',
    fields: [],
    createOnUpdate: false,
    needsVersion: false,
    ...traits,
  };
}

const EVENT_SUBJECT = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const NETWORKING = 'networking.k8s.io';
const NO_ADDRESS = { loadBalancer: {} };

/** From the `strategy.go` of each kind: https://github.com/kubernetes/kubernetes/tree/master/pkg/registry */
export const RESOURCES: readonly Resource[] = [
  resource({
    kind: 'Ingress',
    plural: 'ingresses',
    group: NETWORKING,
    hasStatus: true,
    initialStatus: NO_ADDRESS,
    generation: 'spec',
  }),
  resource({
    kind: 'IngressClass',
    plural: 'ingressclasses',
    group: NETWORKING,
    namespaced: false,
    generation: 'spec',
  }),
  resource({
    kind: 'Service',
    plural: 'services',
    hasStatus: true,
    initialStatus: NO_ADDRESS,
    fields: ['spec.clusterIP', 'spec.type'],
    createOnUpdate: true,
  }),
  resource({ kind: 'Endpoints', plural: 'endpoints', createOnUpdate: true }),
  resource({ kind: 'Secret', plural: 'secrets', fields: ['type'] }),
  resource({ kind: 'ConfigMap', plural: 'configmaps' }),
  resource({ kind: 'Node', plural: 'nodes', namespaced: false, hasStatus: true, fields: ['spec.unschedulable'] }),
  resource({ kind: 'Namespace', plural: 'namespaces', namespaced: false, hasStatus: true, fields: ['status.phase'] }),
  resource({
    kind: 'Pod',
    plural: 'pods',
    hasStatus: true,
    initialStatus: { phase: 'Pending', qosClass: 'BestEffort' },
    fields: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  }),
  resource({
    kind: 'Event',
    plural: 'events',
    fields: [...EVENT_SUBJECT.map((field) => `involvedObject.${field}`), 'reason', 'reportingComponent', 'type'],
    createOnUpdate: true,
  }),
  resource({ kind: 'EndpointSlice', plural: 'endpointslices', group: 'discovery.k8s.io', generation: 'content' }),
  resource({
    kind: 'Lease',
    plural: 'leases',
    group: 'coordination.k8s.io',
    createOnUpdate: true,
    needsVersion: true,
  }),
  resource({
    kind: 'Event',
    plural: 'events',
    group: 'events.k8s.io',
    fields: [...EVENT_SUBJECT.map((field) => `regarding.${field}`), 'reason', 'reportingController', 'type'],
    createOnUpdate: true,
  }),
];

export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** @param kind `Ingress`; `Event.events.k8s.io` where more than one group has the kind. @throws Error for others */
export function resourceOfKind(kind: string): Resource {
  const found = RESOURCES.find((one) => one.kind === kind || `${one.kind}.${one.group}` === kind);
  if (found === undefined) throw new Error(`the fake API server has no kind ${kind}`);
  return found;
}

/** @throws Error for an apiVersion that is not served */
export function resourceOfObject(apiVersion: unknown, kind: unknown): Resource {
  const found = RESOURCES.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  if (found === undefined) throw new Error(`the fake API server has no ${String(kind)} of ${String(apiVersion)}`);
  return found;
}

/** Where the object is in its resource, sorted as etcd sorts: `namespace/name`, or `name` of a cluster-scoped one. */
export function keyOf({ namespaced }: Resource, namespace: string | undefined, name: string): string {
  return namespaced ? `${namespace ?? 'default'}/${name}` : name;
}
