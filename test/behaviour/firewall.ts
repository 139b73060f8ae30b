import type { BehaviourTable } from './case.ts';

export const FIREWALL: BehaviourTable = {
  family: 'firewall',
  cases: [],
};
