import type { BehaviourTable } from './case.ts';

export const TRACING: BehaviourTable = {
  family: 'tracing',
  cases: [],
};
