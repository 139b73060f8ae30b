import type { BehaviourTable } from './case.ts';

export const EXTERNAL_AUTH: BehaviourTable = {
  family: 'external-auth',
  cases: [],
};
