import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { haproxyArguments } from '../../src/proxies/haproxy.ts';
import { nginxArguments } from '../../src/proxies/nginx.ts';
import { killGroup } from '../../src/proxies/process-table.ts';
import type { InstalledProxy } from './proxies.ts';
import type { RunningSluice } from './sluice.ts';
import { waitFor } from './wait.ts';

/** A proxy beside sluice, as in a container of its own: killed, its workers end with it. */
export class ProxyBeside {
  readonly #proxy: InstalledProxy;
  readonly #configDir: string;
  #child: ChildProcess | undefined;

  constructor(proxy: InstalledProxy, { configDir }: Pick<RunningSluice, 'configDir'>) {
    this.#proxy = proxy;
    this.#configDir = configDir;
  }

  /** Starts it on what is installed, once something is. */
  async start(): Promise<void> {
    const { name, binary } = this.#proxy;
    const configuration = join(this.#configDir, 'current', name === 'nginx' ? 'nginx.conf' : 'haproxy.cfg');
    await waitFor('a configuration to start the proxy with', () => existsSync(configuration));
    const args = this.#arguments(join(this.#configDir, 'run'));
    this.#child = spawn(binary, args, { stdio: 'ignore', detached: true });
  }

  /** Whether it still runs. */
  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Those that take requests now. They change with every reload. */
  async workers(): Promise<readonly number[]> {
    const { pid } = this.#started();
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  }

  async kill(): Promise<void> {
    const { child, pid } = this.#started();
    const ended = this.isRunning ? once(child, 'exit') : undefined;
    killGroup(pid, 'SIGKILL');
    await ended;
  }

  #arguments(runDirectory: string): readonly string[] {
    if (this.#proxy.name === 'nginx') return nginxArguments(this.#configDir, runDirectory);
    return haproxyArguments(this.#configDir, { runDirectory, pidFile: join(runDirectory, 'haproxy.pid') });
  }

  #started(): { readonly child: ChildProcess; readonly pid: number } {
    const child = this.#child;
    if (child?.pid === undefined) throw new Error('the proxy was not started');
    return { child, pid: child.pid };
  }
}
