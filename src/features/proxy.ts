import type { Family } from './family.ts';

export const PROXY: Family = {
  name: 'proxy',
  about: 'Time-outs, buffers, sizes, and what is tried again.',
  annotations: [],
  read: () => ({}),
};
