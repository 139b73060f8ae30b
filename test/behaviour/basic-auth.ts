import type { BehaviourTable } from './case.ts';

export const BASIC_AUTH: BehaviourTable = {
  family: 'basic-auth',
  cases: [],
};
