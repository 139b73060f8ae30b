import type { BehaviourTable } from './case.ts';

export const CORS: BehaviourTable = {
  family: 'cors',
  cases: [],
};
