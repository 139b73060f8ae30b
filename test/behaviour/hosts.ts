import type { BehaviourTable } from './case.ts';

export const HOSTS: BehaviourTable = {
  family: 'hosts',
  cases: [],
};
