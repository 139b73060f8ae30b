import type { Family } from './family.ts';

export const REWRITE: Family = {
  name: 'rewrite',
  about: 'Regular expressions as paths, and the path that the upstream sees.',
  annotations: [],
  read: () => ({}),
};
