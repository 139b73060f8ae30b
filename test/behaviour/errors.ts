import type { BehaviourTable } from './case.ts';

export const ERRORS: BehaviourTable = {
  family: 'errors',
  cases: [],
};
