import { numberArgument } from './arguments.ts';

export const NUMBER_HELPERS = {
  add: (...values: readonly unknown[]) => numbers('add', values).reduce((sum, value) => sum + value, 0),
  subtract: (left: unknown, right: unknown) => numberArgument('subtract', left) - numberArgument('subtract', right),
  multiply: (...values: readonly unknown[]) =>
    numbers('multiply', values).reduce((product, value) => product * value, 1),
  divide: (left: unknown, right: unknown) => numberArgument('divide', left) / numberArgument('divide', right),
  modulo: (left: unknown, right: unknown) => numberArgument('modulo', left) % numberArgument('modulo', right),
  min: (...values: readonly unknown[]) => Math.min(...numbers('min', values)),
  max: (...values: readonly unknown[]) => Math.max(...numbers('max', values)),
  floor: (value: unknown) => Math.floor(numberArgument('floor', value)),
  ceil: (value: unknown) => Math.ceil(numberArgument('ceil', value)),
  round: (value: unknown) => Math.round(numberArgument('round', value)),
  duration,
};

function numbers(helper: string, values: readonly unknown[]): readonly number[] {
  return values.flat().map((value) => numberArgument(helper, value));
}

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds in the largest unit that is exact; nginx and HAProxy read all of them. */
export function duration(milliseconds: unknown): string {
  const value = numberArgument('duration', milliseconds);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`duration needs whole milliseconds, got ${value}`);
  const [unit, size] = UNITS.find(([, ms]) => value >= ms && value % ms === 0) ?? ['ms', 1];
  return `${value / size}${unit}`;
}
