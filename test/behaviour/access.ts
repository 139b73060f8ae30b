import type { BehaviourTable } from './case.ts';

export const ACCESS: BehaviourTable = {
  family: 'access',
  cases: [],
};
