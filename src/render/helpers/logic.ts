import { isAtLeast } from '../../model/version.ts';
import { isTruthy, numberArgument } from './arguments.ts';

export const LOGIC_HELPERS = {
  eq: (left: unknown, right: unknown) => left === right,
  ne: (left: unknown, right: unknown) => left !== right,
  lt: (left: unknown, right: unknown) => numberArgument('lt', left) < numberArgument('lt', right),
  lte: (left: unknown, right: unknown) => numberArgument('lte', left) <= numberArgument('lte', right),
  gt: (left: unknown, right: unknown) => numberArgument('gt', left) > numberArgument('gt', right),
  gte: (left: unknown, right: unknown) => numberArgument('gte', left) >= numberArgument('gte', right),
  not: (value: unknown) => !isTruthy(value),
  and: (...values: readonly unknown[]) => values.every(isTruthy),
  or: (...values: readonly unknown[]) => values.some(isTruthy),
  default: (value: unknown, fallback: unknown) => value ?? fallback,
  choose: (condition: unknown, yes: unknown, no: unknown) => (isTruthy(condition) ? yes : no),
  in: (value: unknown, ...choices: readonly unknown[]) => choices.flat().includes(value),
  /** `(atLeast proxy.version "1.25.1")` */
  atLeast: isAtLeast,
};
