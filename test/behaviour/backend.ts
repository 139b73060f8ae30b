import type { BehaviourTable } from './case.ts';

export const BACKEND: BehaviourTable = {
  family: 'backend',
  cases: [],
};
