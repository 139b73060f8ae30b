import type { BehaviourTable } from './case.ts';

export const CLIENT_CERTIFICATES: BehaviourTable = {
  family: 'client-certificates',
  cases: [],
};
