import type { BehaviourTable } from './case.ts';

export const TRACING: BehaviourTable = {
  family: 'tracing',
  cases: [
    {
      name: 'requests are served without spans',
      keys: [],
      annotations: {
        'enable-opentelemetry': 'true',
        'opentelemetry-trust-incoming-span': 'true',
        'opentelemetry-operation-name': 'shop; }',
      },
      requests: [
        {
          headers: { traceparent: '00-1-2-01' },
          want: { backend: 'alpha', upstreamHeaders: { traceparent: '00-1-2-01' } },
        },
      ],
    },
  ],
};
