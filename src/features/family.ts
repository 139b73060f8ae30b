import type { Canary } from '../model/route-features/canary.ts';
import type { Balance } from '../model/route-features/balance.ts';
import type { FeatureFile, HostFeatures, RouteFeatures } from '../model/features.ts';
import type { ConfigMap, Ingress, IngressBackend, Secret, Service } from '../model/objects.ts';
import type { TargetProxy } from '../model/options.ts';
import type { Source } from '../model/refs.ts';
import type { SnippetPolicy } from '../model/snippet-policy.ts';
import type { Target } from '../model/routing.ts';
import type { Annotation } from './annotation.ts';
import type { Globals } from './globals.ts';
import type { AnnotationReader } from './reader.ts';

/** Route features before they have an id. */
export type Features = Omit<RouteFeatures, 'id'>;

/** How the upstream of a backend is made, where it is not the usual way. */
export interface UpstreamOptions {
  readonly balance: Balance | undefined;
  /** The cluster IP of the Service in place of its endpoints. */
  readonly viaClusterIp: boolean;
  /** What is spoken to the endpoints, where it is not HTTP: connections that are kept are no use to other routes. */
  readonly speaks?: string;
}

/** What an Ingress asks for on its hosts. */
export type AskedOfHost = Partial<HostFeatures> & {
  /** Redirect the host's twin, which has `www.` in front or lacks it. */
  readonly wwwTwin?: boolean;
};

/** What makes requests go to a canary, before its backend is known. */
export type CanaryRule = Omit<Canary, 'target' | 'featured' | 'upTo' | 'source'>;

/** What the annotations of one family ask for; of several families that ask for the same field, the last one has it. */
export interface Asked {
  readonly route?: Partial<Features>;
  readonly host?: AskedOfHost;
  readonly upstream?: Partial<UpstreamOptions>;
  /** The Ingress is a canary: it makes no hosts and no paths, but takes requests from those of others. */
  readonly canary?: CanaryRule;
}

/** The part of the world that an Ingress may look at. What it looks at is remembered: it decides anew when that changes. */
export interface Lookup {
  secret(namespace: string, name: string): Secret | undefined;
  configMap(namespace: string, name: string): ConfigMap | undefined;
  service(namespace: string, name: string): Service | undefined;
  /** Where a backend leads; what is missing is told with `source`. */
  target(backend: IngressBackend, namespace: string, source: Source): Target;
  /**
   * Id of the upstream that a host name within the cluster stands for, such as `auth.tools.svc.cluster.local`; `undefined`
   * for any other name, and for a Service that does not exist or is not open to this Ingress.
   */
  upstreamOfHost(host: string, port: number): string | undefined;
  /** Adds a file to the configuration. @returns its id */
  addFile(file: Omit<FeatureFile, 'id'>, extension: string): string;
}

export interface FeatureContext {
  readonly ingress: Ingress;
  readonly globals: Globals;
  readonly proxy: TargetProxy;
  readonly lookup: Lookup;
  /** Whether the proxy has a DNS server. */
  readonly hasResolver: boolean;
  /** Left out: there are no snippets. */
  readonly snippets?: SnippetPolicy;
}

/** Annotations that belong together. */
export interface Family {
  /** In lower case with dashes; also what `features` of pack.json lists. */
  readonly name: string;
  /** One line for docs/annotations.md. */
  readonly about: string;
  readonly annotations: readonly Annotation<unknown>[];
  /** Asked for every Ingress that has one of the annotations, or all of them when `isGlobal` says so. Pure. */
  readonly read: (annotations: AnnotationReader, context: FeatureContext) => Asked;
  /** Global settings ask for something on routes without any annotation. */
  readonly isGlobal?: (globals: Globals) => boolean;
  /** What depends on the route itself. */
  readonly refine?: (features: Features, route: RouteFacts) => Features;
}

export interface RouteFacts {
  readonly host: string;
  readonly path: string;
  readonly match: 'exact' | 'prefix' | 'regex';
  /** The Service that the route leads to, or that its rule names although it is not there; `undefined`: neither. */
  readonly service: ServiceName | undefined;
  /** Where requests go that match nothing. */
  readonly fallback: Target;
}

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
  readonly port: string;
}
