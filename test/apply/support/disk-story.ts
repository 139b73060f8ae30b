import { mkdir } from 'node:fs/promises';
import type { ApplyResult } from '../../../src/model/outcome.ts';
import { applierFor, worldOf } from './crash-scenarios.ts';
import { leftovers, stateOf, type DiskState } from './disk-state.ts';
import { SurvivingProxy } from './surviving-proxy.ts';
import { forever } from './wait.ts';

/** A disk on which trouble can be made. */
export interface TroubledDisk {
  /** No block is left. */
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  setReadOnly(readOnly: boolean): Promise<void>;
}

/** What was seen after each step. */
export interface Step {
  readonly step: string;
  readonly type: string;
  readonly message: string | undefined;
  readonly running: number | undefined;
  readonly state: DiskState;
  readonly leftovers: readonly string[];
}

/** One sluice on a disk that becomes full, has room again, becomes read-only, and writable again. */
export async function tellStory(configDir: string, disk: TroubledDisk): Promise<readonly Step[]> {
  await mkdir(configDir, { recursive: true });
  const proxy = new SurvivingProxy(configDir);
  const newApplier = (): ReturnType<typeof applierFor> => applierFor({ configDir, owner: undefined }, proxy);
  const applier = newApplier();
  const steps: Step[] = [];
  const note = (step: string, result: ApplyResult | undefined): void => {
    const message = result !== undefined && 'message' in result ? result.message : undefined;
    const seen = { state: stateOf(configDir), leftovers: leftovers(configDir) };
    steps.push({ step, type: result?.type ?? 'none', message, running: proxy.running, ...seen });
  };
  const apply = async (step: string, text: string): Promise<void> =>
    note(step, (await applier.apply(worldOf(text), forever)).result);
  note('start', await applier.start(forever));
  await apply('apply', '1');
  await disk.fill();
  await apply('apply while full', `2 ${'and more '.repeat(10_000)}`);
  note('verify while full', await applier.verify(forever));
  note('start while full', await newApplier().start(forever));
  await disk.makeRoom();
  await apply('apply with room', '2');
  await disk.setReadOnly(true);
  await apply('apply while read-only', '3');
  note('verify while read-only', await applier.verify(forever));
  note('start while read-only', await newApplier().start(forever));
  await disk.setReadOnly(false);
  await apply('apply when writable', '3');
  return steps;
}
