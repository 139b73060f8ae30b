import type { Family } from './family.ts';

export const CLIENT_CERTIFICATES: Family = {
  name: 'client-certificates',
  about: 'Mutual TLS: clients show a certificate.',
  annotations: [],
  read: () => ({}),
};
