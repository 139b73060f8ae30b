import type { Backend, Echo } from '../support/backend.ts';
import type { Answer, RequestOptions } from '../support/client.ts';
import type { PathSpec } from '../support/manifests.ts';
import type { ProxyName } from '../../src/cli/proxy/proxy-kinds.ts';

/** Backends that every world has, as Services of the namespace `shop`; `empty` has no endpoint. */
export type BackendName = 'alpha' | 'beta' | 'gamma';

/** What one Ingress with annotations does, seen by a client of a real proxy. */
export interface BehaviourCase {
  /** A sentence: "a preflight request is answered 204". */
  readonly name: string;
  /** Keys of annotations that this proves; a key counts as honoured on a proxy only when a case that runs there names it. */
  readonly keys: readonly string[];
  /** By key, without prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** `/` to `alpha` when left out. */
  readonly paths?: readonly PathSpec[];
  /** The host has TLS, with a certificate of its own. */
  readonly tls?: boolean;
  /** Objects besides the Ingress: other Ingresses, Secrets, ConfigMaps, Services. */
  readonly objects?: (world: CaseWorld) => readonly object[];
  /** Proxies that it is for; both when left out. */
  readonly only?: ProxyName;
  /** The oldest version that it is for. */
  readonly since?: string;
  /** The first version that it is not for any more. */
  readonly until?: string;
  readonly requests?: readonly BehaviourRequest[];
  /** What requests cannot say. */
  readonly run?: (reach: Reach) => Promise<void>;
}

export interface CaseWorld {
  /** Host name of the case. */
  readonly host: string;
  readonly backends: Readonly<Record<BackendName, Backend>>;
  readonly proxy: ProxyName;
  readonly version: string;
}

export type CaseRequest = Omit<RequestOptions, 'port' | 'host' | 'servername'> & {
  /** The host of the case when left out. */
  readonly host?: string;
  readonly tls?: boolean;
};

export interface BehaviourRequest extends CaseRequest {
  readonly want: Want;
}

export interface Want {
  /** Or any of these. */
  readonly status?: number | readonly number[];
  /** Name of the backend that answers. */
  readonly backend?: string;
  /** Path and query that the backend sees. */
  readonly url?: string;
  /** Headers of the answer; `undefined`: there is none of the name. */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>>;
  /** Headers that the backend sees. */
  readonly upstreamHeaders?: Readonly<Record<string, string | RegExp | undefined>>;
  readonly body?: string | RegExp;
}

/** The proxy, to a case. */
export interface Reach extends CaseWorld {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly send: (request: CaseRequest) => Promise<Answer>;
  /** The access log so far, where the table has flags for one. */
  readonly accessLog: () => Promise<string>;
  /** What the proxy has written about errors so far. */
  readonly errorLog: () => string;
  /** Adds objects to the world, and waits until the proxy runs with them. */
  readonly add: (objects: readonly object[]) => Promise<void>;
  /** What the backend saw. */
  readonly echo: (request: CaseRequest) => Promise<Echo>;
}

/** Cases that share a world. */
export interface BehaviourTable {
  /** The family, for the title. */
  readonly family: string;
  /** Flags of `sluice run` that the cases need; tables with the same flags and objects share one process for each proxy. */
  readonly flags?: readonly string[];
  /** Objects of the world, besides those of the cases: the ConfigMap of global settings. */
  readonly objects?: readonly object[];
  readonly cases: readonly BehaviourCase[];
}
