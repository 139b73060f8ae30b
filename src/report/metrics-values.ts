import type { Diagnostic, Severity } from '../model/diagnostics.ts';
import type { ApplyResult } from '../model/outcome.ts';

/*
 * What an Outcome comes to in numbers and labels. A label is never a host, a path or text of a user: each has few values.
 */

/** How a configuration was, or was to be, brought to the proxy. */
export type ApplyKind = 'nothing' | 'runtime' | 'reload';

/** Every other result with the kind that it has. */
const KIND_OF: Readonly<Record<Exclude<ApplyResult['type'], 'applied'>, ApplyKind>> = {
  unchanged: 'nothing',
  refused: 'reload',
  failed: 'reload',
  'rolled-back': 'reload',
  unacknowledged: 'reload',
};

export interface ApplyLabels {
  readonly kind: ApplyKind;
  readonly result: ApplyResult['type'];
}

export function applyLabels(result: ApplyResult): ApplyLabels {
  const { type } = result;
  return { kind: type === 'applied' ? result.by : KIND_OF[type], result: type };
}

/** All that there are, so that counters start at 0 and the first failure shows in `increase()`. */
export const APPLY_LABELS: readonly ApplyLabels[] = [
  { kind: 'nothing', result: 'unchanged' },
  { kind: 'runtime', result: 'applied' },
  { kind: 'reload', result: 'applied' },
  { kind: 'reload', result: 'refused' },
  { kind: 'reload', result: 'failed' },
  { kind: 'reload', result: 'rolled-back' },
  { kind: 'reload', result: 'unacknowledged' },
];

/** The generation that the proxy is known to run after this; `undefined` when this says nothing about it. */
export function runningGeneration(result: ApplyResult): number | undefined {
  const { type } = result;
  return type === 'unchanged' || type === 'applied' || type === 'rolled-back' ? result.generation : undefined;
}

export interface DiagnosticCount {
  readonly labels: { readonly code: string; readonly severity: Severity };
  readonly count: number;
}

export function countDiagnostics(diagnostics: readonly Diagnostic[]): readonly DiagnosticCount[] {
  const counts = new Map<string, DiagnosticCount>();
  for (const { code, severity } of diagnostics) {
    const key = `${code} ${severity}`;
    counts.set(key, { labels: { code, severity }, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** Seconds. From a small world to one whose check takes as long as it may. */
export const STAGE_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Seconds. A change waits for its burst to end and for the rest after a reload before its pass begins. */
export const LATENCY_BUCKETS: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
