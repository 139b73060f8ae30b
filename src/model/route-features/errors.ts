import type { Target } from '../routing.ts';

/** Which answers of endpoints are replaced by those of another Service. */
export interface ErrorPages {
  /** Status codes that are replaced. */
  readonly codes: readonly number[];
  /** Where the page comes from; `undefined`: the global default backend. */
  readonly backend: Target | undefined;
  /** Answers of the upstream stay; only those of the proxy itself are replaced. */
  readonly ownErrorsOnly: boolean;
}
