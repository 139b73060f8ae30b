import { appendFileSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CheckResult, ProxyDriver, RuntimeUpdate } from '../../../src/proxies/driver.ts';
import { FakeProxy } from './fake-proxy.ts';

/**
 * A proxy that lives on when the process that has this object is killed: what it runs, and what its checker accepted, is
 * in files. It reads the disk by itself: faults that are injected into node:fs/promises are not its own.
 */
export class SurvivingProxy extends FakeProxy {
  readonly #directory: string;

  constructor(configDir: string) {
    super(configDir);
    this.#directory = configDir;
    const state = join(configDir, 'run', 'running');
    if (existsSync(state)) this.running = Number(readFileSync(state, 'utf8'));
  }

  override async check(directory?: string): Promise<CheckResult> {
    const number = Number(basename(directory ?? '').replace('.staging-', ''));
    appendFileSync(join(this.#directory, 'run', 'accepted'), `${number}\n`);
    return super.check();
  }

  /** Generations that the checker accepted. */
  accepted(): readonly number[] {
    const path = join(this.#directory, 'run', 'accepted');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : [];
  }

  override async reload(): Promise<void> {
    await super.reload();
    this.#remember();
  }

  override installed(): Promise<number> {
    const target = readlinkSync(join(this.#directory, 'current'));
    return Promise.resolve(Number(target.slice('generations/'.length)));
  }

  /** It is started again, and reads what is installed. */
  restart(): void {
    this.running = Number(readlinkSync(join(this.#directory, 'current')).slice('generations/'.length));
    this.#remember();
  }

  /** From now on it takes changes while it runs. */
  takeUpdates(): void {
    const confirm = (generation: number): Promise<void> => {
      if (this.running === 0) this.running = generation;
      this.#remember();
      return Promise.resolve();
    };
    const update: NonNullable<ProxyDriver['update']> = () => {
      this.running = 0;
      this.#remember();
      return Promise.resolve<RuntimeUpdate>({ type: 'updated', confirm });
    };
    this.update = update;
  }

  #remember(): void {
    writeFileSync(join(this.#directory, 'run', 'running'), String(this.running));
  }
}
