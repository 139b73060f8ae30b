import type { Family } from './family.ts';

export const CANARY: Family = {
  name: 'canary',
  about: 'Another Service for a part of the requests.',
  annotations: [],
  read: () => ({}),
};
