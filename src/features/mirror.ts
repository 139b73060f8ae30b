import type { Family } from './family.ts';

export const MIRROR: Family = {
  name: 'mirror',
  about: 'A copy of each request goes elsewhere.',
  annotations: [],
  read: () => ({}),
};
