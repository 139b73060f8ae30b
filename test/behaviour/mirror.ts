import type { BehaviourTable } from './case.ts';

export const MIRROR: BehaviourTable = {
  family: 'mirror',
  cases: [],
};
