import type { Family } from './family.ts';

export const HOSTS: Family = {
  name: 'hosts',
  about: 'Other names of a host.',
  annotations: [],
  read: () => ({}),
};
