import type { Family } from './family.ts';

export const BALANCE: Family = {
  name: 'balance',
  about: 'How an upstream chooses among its endpoints, and sessions.',
  annotations: [],
  read: () => ({}),
};
