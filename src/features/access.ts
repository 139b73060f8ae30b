import type { Family } from './family.ts';

export const ACCESS: Family = {
  name: 'access',
  about: 'Who may come, by address.',
  annotations: [],
  read: () => ({}),
};
