import type { Family } from './family.ts';

export const ERRORS: Family = {
  name: 'errors',
  about: 'Error pages of another Service.',
  annotations: [],
  read: () => ({}),
};
