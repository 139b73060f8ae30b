/**
 * The Kubernetes objects that sluice reads, trimmed to the fields that it uses.
 *
 * Sources narrow what they receive to these types and report what does not fit; within sluice they are total. An entry of
 * a list that could not be narrowed is `undefined`, so that the index of every other entry stays what the user sees.
 * Strings have the right type but are not yet checked against any grammar: translate does that, field by field.
 */
export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  /** Empty in manifests that were never in a cluster. */
  readonly uid: string;
  /** RFC 3339 in UTC; empty in manifests that were never in a cluster, which sorts as the oldest. */
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The port of a Service as an Ingress names it. */
export type ServicePortRef = { readonly number: number } | { readonly name: string };

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/#IngressBackend */
export type IngressBackend =
  | { readonly type: 'service'; readonly name: string; readonly port: ServicePortRef }
  | { readonly type: 'resource'; readonly kind: string; readonly name: string };

export interface IngressPath {
  readonly path: string;
  /** `undefined` when the manifest has none, which the API server would have refused. */
  readonly pathType: string | undefined;
  readonly backend: IngressBackend;
}

export interface IngressRule {
  /** Empty: the rule applies to all hosts that no other rule names. */
  readonly host: string;
  readonly paths: readonly (IngressPath | undefined)[];
}

export interface IngressTls {
  readonly hosts: readonly string[];
  readonly secretName: string | undefined;
}

export interface Ingress {
  readonly kind: 'Ingress';
  readonly metadata: Metadata;
  readonly ingressClassName: string | undefined;
  readonly defaultBackend: IngressBackend | undefined;
  readonly tls: readonly (IngressTls | undefined)[];
  readonly rules: readonly (IngressRule | undefined)[];
}

export interface IngressClass {
  readonly kind: 'IngressClass';
  readonly metadata: Metadata;
  readonly controller: string;
}

export interface ServicePort {
  /** Empty when the Service has a single, unnamed port. */
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly nodePort: number | undefined;
  readonly appProtocol: string | undefined;
}

export interface Service {
  readonly kind: 'Service';
  readonly metadata: Metadata;
  readonly type: string;
  /** `None` for a headless Service, empty when not assigned. */
  readonly clusterIP: string;
  readonly externalName: string | undefined;
  readonly publishNotReadyAddresses: boolean;
  /** `Local`: a node answers on a node port only when it runs an endpoint. */
  readonly externalTrafficPolicy: string;
  /** `IPv4`, `IPv6`, or both; empty in manifests that were never in a cluster, which says nothing. */
  readonly ipFamilies: readonly string[];
  readonly ports: readonly ServicePort[];
}

export interface EndpointPort {
  readonly name: string;
  /** `undefined`: all ports, which a proxy cannot use. */
  readonly port: number | undefined;
  readonly protocol: string;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** An unknown condition counts as ready: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** `undefined` for an endpoint that is not on a node, or whose node is not told. */
  readonly nodeName: string | undefined;
}

export interface EndpointSlice {
  readonly kind: 'EndpointSlice';
  readonly metadata: Metadata;
  readonly addressType: string;
  /** Value of the label `kubernetes.io/service-name`; empty when it has none. */
  readonly serviceName: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface EndpointSubset {
  readonly addresses: readonly string[];
  readonly notReadyAddresses: readonly string[];
  readonly ports: readonly EndpointPort[];
}

/** Core v1 Endpoints, superseded by EndpointSlice but still written by hand for addresses outside of the cluster. */
export interface Endpoints {
  readonly kind: 'Endpoints';
  readonly metadata: Metadata;
  readonly subsets: readonly EndpointSubset[];
}

export interface Secret {
  readonly kind: 'Secret';
  readonly metadata: Metadata;
  readonly type: string;
  /** Values as in the manifest: base64. */
  readonly data: Readonly<Record<string, string>>;
}

export interface ConfigMap {
  readonly kind: 'ConfigMap';
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}

/** https://kubernetes.io/docs/reference/node/node-status/#addresses */
export interface NodeAddress {
  /** `InternalIP`, `ExternalIP`, or the type of a name, which no endpoint can have. */
  readonly type: string;
  readonly address: string;
}

/**
 * A machine of the cluster. Of its labels only those are kept that are read, and none of its annotations: agents on the
 * node rewrite them all the time.
 */
export interface Node {
  readonly kind: 'Node';
  readonly metadata: Metadata;
  readonly addresses: readonly NodeAddress[];
  /** The condition `Ready` is `True`. */
  readonly ready: boolean;
}

export interface ObjectByKind {
  readonly Ingress: Ingress;
  readonly IngressClass: IngressClass;
  readonly Service: Service;
  readonly EndpointSlice: EndpointSlice;
  readonly Endpoints: Endpoints;
  readonly Secret: Secret;
  readonly ConfigMap: ConfigMap;
  readonly Node: Node;
}

export type Kind = keyof ObjectByKind;
export type KubernetesObject = ObjectByKind[Kind];

/** Every kind that sluice reads, with the API group that it must come from. */
export const KINDS: Readonly<Record<Kind, string>> = {
  Ingress: 'networking.k8s.io',
  IngressClass: 'networking.k8s.io',
  Service: '',
  EndpointSlice: 'discovery.k8s.io',
  Endpoints: '',
  Secret: '',
  ConfigMap: '',
  Node: '',
};

/** Kinds whose objects are in no namespace. */
export const CLUSTER_SCOPED: ReadonlySet<Kind> = new Set(['IngressClass', 'Node']);

/** Whether sluice reads objects of a kind of this name; the group is not looked at. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(KINDS, kind);
}
