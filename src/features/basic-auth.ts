import type { Family } from './family.ts';

export const BASIC_AUTH: Family = {
  name: 'basic-auth',
  about: 'User names and passwords.',
  annotations: [],
  read: () => ({}),
};
