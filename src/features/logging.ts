import type { Family } from './family.ts';

export const LOGGING: Family = {
  name: 'logging',
  about: 'What is logged.',
  annotations: [],
  read: () => ({}),
};
