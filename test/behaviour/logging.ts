import type { BehaviourTable } from './case.ts';

export const LOGGING: BehaviourTable = {
  family: 'logging',
  cases: [],
};
