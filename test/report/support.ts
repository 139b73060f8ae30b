import type { Outcome } from '../../src/model/outcome.ts';

/** What came of a pass over an empty world, but for what is given. */
export function outcomeOf(given: Partial<Outcome>): Outcome {
  return {
    result: { type: 'unchanged', generation: 1 },
    diagnostics: [],
    counts: { hosts: 0, routes: 0, upstreams: 0 },
    objects: {},
    ingresses: [],
    certificates: [],
    timings: {},
    latencyMs: undefined,
    ...given,
  };
}
