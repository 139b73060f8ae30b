import type { BehaviourTable } from './case.ts';

export const GLOBAL_SETTINGS: BehaviourTable = {
  family: 'global-settings',
  cases: [],
};
