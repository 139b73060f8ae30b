import type { Family } from './family.ts';

export const CORS: Family = {
  name: 'cors',
  about: 'Cross-origin requests.',
  annotations: [],
  read: () => ({}),
};
