import type { BehaviourTable } from './case.ts';

export const SNIPPETS: BehaviourTable = {
  family: 'snippets',
  cases: [],
};
