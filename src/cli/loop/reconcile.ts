import type { Applier } from '../../apply/apply.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Logger } from '../../model/logger.ts';
import type { ApplyResult, Outcome } from '../../model/outcome.ts';
import type { Clock } from './clock.ts';
import type { DiagnosticLog } from './diagnostic-log.ts';
import type { Pace } from './pace.ts';
import { Gate } from './gate.ts';
import type { Scene } from './trial.ts';
import { releaseMemory, warmUp } from './warm-up.ts';

export interface FollowParts {
  /** The world as it is now, once what its objects refer to has come in. */
  readonly look: (signal: AbortSignal) => Promise<Scene>;
  /** No generation was installed at the start. */
  readonly isFirstStart: boolean;
  /** The templates that have proven themselves by now. */
  readonly templates: () => object;
  readonly told: DiagnosticLog;
  readonly applier: Applier;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly watchdog: Watchdog;
}

/** Notices a loop that hangs, and a proxy that does not answer between passes. */
export interface Watchdog {
  readonly beat: () => void;
  readonly passStarted: () => void;
  /** What came of asking the proxy what it runs. */
  readonly verified: (result: ApplyResult) => void;
}

const VERIFY_MS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Between two rounds of the loop, unless reloads are kept apart for longer. */
export const LONGEST_PAUSE_MS = LONGEST_RETRY_MS;

/**
 * The loop of `sluice run`: one pass after another, never two at once. A pass that failed is tried again with growing
 * pauses, and at once when something changes. In between, the proxy is asked whether it still runs what it should.
 */
export async function follow(parts: FollowParts, signal: AbortSignal): Promise<void> {
  const { pace, watchdog, applier, logger, clock, isFirstStart } = parts;
  const gate = new Gate({ applier, logger, clock, isFirstStart, onStep: watchdog.passStarted });
  let failures = 0;
  let before: Before = { isSettled: false, told: [] };
  let retryAt: number | undefined;
  let isCold = true;
  pace.note();
  for (;;) {
    const idleMs = retryAt === undefined ? VERIFY_MS : Math.max(0, retryAt - parts.clock.now());
    watchdog.beat();
    const why = await pace.next(idleMs, signal);
    if (isAborted(signal)) return;
    if (why === 'idle' && retryAt === undefined && !gate.isDue) {
      await verify(parts, signal);
      continue;
    }
    watchdog.passStarted();
    before = await pass(parts, gate, before, signal);
    failures = before.isSettled ? 0 : failures + 1;
    retryAt = failures === 0 ? undefined : parts.clock.now() + retryDelayMs(failures);
    isCold = isCold && !(await warmUpAfter(before, parts, signal));
  }
}

/** When all is well after a start. @returns whether it was */
async function warmUpAfter({ isSettled, told }: Before, parts: FollowParts, signal: AbortSignal): Promise<boolean> {
  if (!isSettled || told.length > 0) return false;
  releaseMemory();
  const isWanted = () => !parts.pace.isPending && !signal.aborted;
  await warmUp(await parts.look(signal), { clock: parts.clock, isWanted });
  return true;
}

/** What a pass leaves for the next. */
interface Before {
  /** Whether the log ends in the proxy running what it should. */
  readonly isSettled: boolean;
  /** What the proxy refused, and whose it is. */
  readonly told: readonly Diagnostic[];
}

/** A function, because the compiler takes the property for constant. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Whether the proxy still runs what it should: it may have been restarted, or somebody may have reloaded it. */
async function verify({ applier, logger, watchdog }: FollowParts, signal: AbortSignal): Promise<void> {
  watchdog.passStarted();
  const result = await applier.verify(signal);
  if (result === undefined) return;
  watchdog.verified(result);
  if (result.type !== 'unchanged') logResult(logger, result, {});
}

/** Pause before the next try after so many failures in a row. */
export function retryDelayMs(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
}

function mayHaveReloaded(result: ApplyResult): boolean {
  return result.type === 'applied' ? result.by === 'reload' : result.type !== 'unchanged';
}

function succeeded(result: ApplyResult): boolean {
  return result.type === 'unchanged' || result.type === 'applied';
}

async function pass(parts: FollowParts, gate: Gate, before: Before, signal: AbortSignal): Promise<Before> {
  const { changedAt } = parts.pace;
  const scene = await parts.look(signal);
  const started = parts.clock.now();
  const tell = (found: readonly Diagnostic[]) => parts.told.update([...found, ...before.told]);
  const passed = await gate.pass(scene, (compiled) => tell(compiled.diagnostics), signal);
  const ended = parts.clock.now();
  const { compiled, isUnfinished } = passed;
  const { result, timings } = passed.applied;
  const diagnostics = withMore(compiled.diagnostics, passed.diagnostics);
  parts.told.update(diagnostics);
  if (mayHaveReloaded(result)) parts.pace.noteReload(ended - started);
  const rounded = roundAll({ ...compiled.timings, ...timings });
  const fields = { ...compiled.counts, timings: rounded };
  if (result.type === 'unchanged' && !before.isSettled) {
    parts.logger.info({ ...fields, ...result }, 'the proxy runs this configuration already');
  } else logResult(parts.logger, result, fields);
  const { counts, objects, ingresses, certificates } = compiled;
  const latencyMs = changedAt === undefined ? undefined : ended - changedAt;
  parts.onOutcome({ result, diagnostics, counts, objects, ingresses, certificates, timings: rounded, latencyMs });
  // What was left out may be right for other templates.
  if (isUnfinished || (passed.diagnostics.length > 0 && parts.templates() !== scene.templates)) parts.pace.note();
  return { told: passed.diagnostics, isSettled: succeeded(result) };
}

/** The same list when there is no more: who hears of it sees at a glance that nothing is new. */
function withMore(found: readonly Diagnostic[], more: readonly Diagnostic[]): readonly Diagnostic[] {
  return more.length === 0 ? found : [...found, ...more];
}

const APPLIED = {
  reload: 'the proxy runs the new configuration',
  runtime: 'the proxy runs the new configuration, without a reload',
} as const;

function logResult(logger: Logger, result: ApplyResult, fields: object): void {
  switch (result.type) {
    case 'unchanged':
      logger.debug({ ...fields, ...result }, 'nothing changed');
      return;
    case 'applied':
      logger.info({ ...fields, ...result }, APPLIED[result.by]);
      return;
    case 'refused':
      logger.error({ ...fields, ...result }, 'the proxy refuses the configuration; the last good one stays');
      return;
    case 'failed':
      logger.error({ ...fields, ...result }, 'the configuration could not be written or checked');
      return;
    case 'rolled-back':
      logger.error({ ...fields, ...result }, 'the proxy did not take the configuration over; rolled back');
      return;
    case 'unacknowledged':
      logger.warn({ ...fields, ...result }, 'installed, but no proxy has answered yet');
  }
}

function roundAll(timings: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(timings).map(([name, ms]) => [name, Math.round(ms * 10) / 10]));
}
