import type { BehaviourTable } from './case.ts';

export const CANARY: BehaviourTable = {
  family: 'canary',
  cases: [],
};
