import type { BehaviourTable } from './case.ts';

export const PROXY: BehaviourTable = {
  family: 'proxy',
  cases: [],
};
