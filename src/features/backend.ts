import type { Family } from './family.ts';

export const BACKEND: Family = {
  name: 'backend',
  about: 'What endpoints speak, and TLS to them.',
  annotations: [],
  read: () => ({}),
};
