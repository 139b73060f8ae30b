import type { BehaviourTable } from './case.ts';

export const LIMITS: BehaviourTable = {
  family: 'limits',
  cases: [],
};
