import type { Family } from './family.ts';

export const HOST_TLS: Family = {
  name: 'host-tls',
  about: 'TLS of one host.',
  annotations: [],
  read: () => ({}),
};
