import type { BehaviourTable } from './case.ts';

export const REDIRECTS: BehaviourTable = {
  family: 'redirects',
  cases: [
    {
      name: 'permanent-redirect answers 301 and does not append the path',
      keys: ['permanent-redirect'],
      annotations: { 'permanent-redirect': 'http://redirect.example.com/to' },
      requests: [{ path: '/x', want: { status: 301, headers: { location: 'http://redirect.example.com/to' } } }],
    },
  ],
};
