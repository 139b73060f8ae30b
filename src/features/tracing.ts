import type { Family } from './family.ts';

export const TRACING: Family = {
  name: 'tracing',
  about: 'OpenTelemetry.',
  annotations: [],
  read: () => ({}),
};
