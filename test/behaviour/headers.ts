import type { BehaviourTable } from './case.ts';

export const HEADERS: BehaviourTable = {
  family: 'headers',
  cases: [
    {
      name: 'a plain Ingress is served',
      keys: [],
      requests: [{ path: '/x', want: { backend: 'alpha', url: '/x' } }],
    },
  ],
};
