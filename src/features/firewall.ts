import type { Family } from './family.ts';

export const FIREWALL: Family = {
  name: 'firewall',
  about: 'ModSecurity.',
  annotations: [],
  read: () => ({}),
};
