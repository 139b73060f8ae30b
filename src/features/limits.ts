import type { Family } from './family.ts';

export const LIMITS: Family = {
  name: 'limits',
  about: 'How much one client may ask for.',
  annotations: [],
  read: () => ({}),
};
