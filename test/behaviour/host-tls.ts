import type { BehaviourTable } from './case.ts';

export const HOST_TLS: BehaviourTable = {
  family: 'host-tls',
  cases: [],
};
