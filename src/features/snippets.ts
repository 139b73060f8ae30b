import type { Family } from './family.ts';

export const SNIPPETS: Family = {
  name: 'snippets',
  about: 'Configuration in the language of the proxy.',
  annotations: [],
  read: () => ({}),
};
