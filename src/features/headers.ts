import type { Family } from './family.ts';

export const HEADERS: Family = {
  name: 'headers',
  about: 'Headers of requests and answers.',
  annotations: [],
  read: () => ({}),
};
