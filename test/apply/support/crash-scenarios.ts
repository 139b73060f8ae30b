import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApplier, type Applier } from '../../../src/apply/apply.ts';
import type { Owner } from '../../../src/apply/layout.ts';
import type { Logger } from '../../../src/model/logger.ts';
import type { ConfigBundle } from '../../../src/model/bundle.ts';
import { bundleOf } from './bundles.ts';
import { recordingLogger } from './logger.ts';
import { SurvivingProxy } from './surviving-proxy.ts';
import { forever } from './wait.ts';

/** What there is before the run that is disturbed, and what that run shall bring. */
export interface Scenario {
  readonly name: string;
  /** Applied before, in undisturbed runs. */
  readonly before: readonly ConfigBundle[];
  /** Done to the disk after that. */
  readonly harm?: (configDir: string) => Promise<unknown>;
  readonly next: ConfigBundle;
  /** Generations that the proxy does not take over. */
  readonly refuses?: readonly number[];
  /** The proxy takes changes while it runs. */
  readonly updates?: boolean;
}

/** A configuration with a file that changes, one that stays, a secret, and one that can be changed while a proxy runs. */
export function worldOf(text: string, endpoints = 'e'): ConfigBundle {
  return bundleOf({
    'main.conf': `the text of ${text}`,
    'same.conf': 'stays the same',
    'certs/a.pem': 'a secret that stays',
    'certs/b.pem': `the secret of ${text}`,
    'runtime/backends.conf': endpoints,
  });
}

const TWO = [worldOf('1'), worldOf('2')];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'the first apply', before: [], next: worldOf('1') },
  { name: 'an apply that drops an old generation', before: TWO, next: worldOf('3') },
  { name: 'an apply that the proxy does not take over', before: TWO, next: worldOf('3'), refuses: [3] },
  { name: 'an update of the running proxy', before: TWO, next: worldOf('2', 'other'), updates: true },
  {
    name: 'a start with a damaged generation',
    before: TWO,
    next: worldOf('3'),
    harm: (configDir) => appendFile(join(configDir, 'generations/00000002/main.conf'), 'x'),
  },
];

export interface Disturbed {
  readonly configDir: string;
  readonly owner: Owner | undefined;
  /** 2 when left out. */
  readonly keepGenerations?: number;
}

export function applierFor(
  { configDir, owner, keepGenerations = 2 }: Disturbed,
  proxy: SurvivingProxy,
  logger: Logger = recordingLogger(),
): Applier {
  const settings = { owner, keepGenerations, acknowledgeTimeoutMs: 0, logger };
  return createApplier({ driver: proxy, configDir, runDirectory: join(configDir, 'run'), ...settings });
}

/** The state that a scenario begins with. */
export async function prepare({ before, harm }: Scenario, where: Disturbed): Promise<void> {
  const applier = applierFor(where, new SurvivingProxy(where.configDir));
  if (before.length > 0) await applier.start(forever);
  for (const bundle of before) await applier.apply(bundle, forever);
  await harm?.(where.configDir);
}

export function proxyOf({ refuses, updates }: Scenario, configDir: string): SurvivingProxy {
  const proxy = new SurvivingProxy(configDir);
  for (const generation of refuses ?? []) proxy.refuses.add(generation);
  if (updates === true) proxy.takeUpdates();
  return proxy;
}
