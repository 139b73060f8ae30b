import type { BehaviourTable } from './case.ts';

export const REWRITE: BehaviourTable = {
  family: 'rewrite',
  cases: [],
};
