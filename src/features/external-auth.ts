import type { Family } from './family.ts';

export const EXTERNAL_AUTH: Family = {
  name: 'external-auth',
  about: 'Another service decides who may come.',
  annotations: [],
  read: () => ({}),
};
