import type { Target } from '../routing.ts';

/** Answers in place of those of endpoints, or of endpoints that are not there. */
export interface ErrorPages {
  /** Status codes whose answers are replaced, sorted; may be empty. */
  readonly codes: readonly number[];
  /** Where these answers come from; `undefined` when there are no codes. */
  readonly backend: Target | undefined;
  /** What serves while the Service has no endpoint; it has one. `undefined`: 503. */
  readonly standIn: StandIn | undefined;
  /** Answers of endpoints stay; only those of the proxy itself are replaced. */
  readonly ownErrorsOnly: boolean;
  /** What the backend is told about the route. */
  readonly about: {
    readonly namespace: string;
    readonly ingress: string;
    /** Name and port of the Service; empty when there is none. */
    readonly service: string;
    readonly port: string;
  };
}

export type StandIn = Extract<Target, { readonly type: 'upstream' }>;
