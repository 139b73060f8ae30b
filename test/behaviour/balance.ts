import type { BehaviourTable } from './case.ts';

export const BALANCE: BehaviourTable = {
  family: 'balance',
  cases: [],
};
