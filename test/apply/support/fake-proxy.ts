import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, ProxyDriver } from '../../../src/proxies/driver.ts';

const accepted: CheckResult = { accepted: true, warnings: '' };

/** A proxy that takes over what is installed, except for the faults that a test sets. */
export class FakeProxy implements ProxyDriver {
  readonly name = 'fake';
  readonly reloadOverlapMs = 0;
  readonly reloads: number[] = [];
  /** Set for a proxy that sluice supervises. */
  ensureStarted?: () => Promise<void>;
  /** Set for a proxy that takes changes while it runs. */
  update?: NonNullable<ProxyDriver['update']>;
  readonly #configDir: string;
  running: number | undefined;
  /** False: no proxy is there. */
  up = true;
  verdict: CheckResult | Error = accepted;
  /** Generations that the proxy does not take over. */
  readonly refuses = new Set<number>();

  constructor(configDir: string) {
    this.#configDir = configDir;
  }

  identify(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }

  check(): Promise<CheckResult> {
    return this.verdict instanceof Error ? Promise.reject(this.verdict) : Promise.resolve(this.verdict);
  }

  async reload(): Promise<void> {
    if (!this.up) throw new Error('fake is not running');
    const generation = await this.installed();
    this.reloads.push(generation);
    if (!this.refuses.has(generation)) this.running = generation;
  }

  runningGeneration(): Promise<number | undefined> {
    return Promise.resolve(this.up ? this.running : undefined);
  }

  async installed(): Promise<number> {
    return Number((await readlink(join(this.#configDir, 'current'))).slice('generations/'.length));
  }

  /** As when the container of the proxy starts. */
  async startUp(): Promise<void> {
    this.up = true;
    this.running = await this.installed();
  }
}
