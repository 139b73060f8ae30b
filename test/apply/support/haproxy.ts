import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createApplier, type Applier } from '../../../src/apply/apply.ts';
import { PROXY_KINDS } from '../../../src/cli/proxy/proxy-kinds.ts';
import type { ConfigBundle } from '../../../src/model/bundle.ts';
import type { ProxyDriver } from '../../../src/proxies/driver.ts';
import { createHaproxyDriver, haproxyArguments, haproxySockets } from '../../../src/proxies/haproxy.ts';
import { killIfThere } from '../../../src/proxies/process-table.ts';
import { startChild, type RunningProcess } from '../../../src/proxies/process.ts';
import type { ReloadMethod } from '../../../src/proxies/reload.ts';
import { Supervisor } from '../../../src/proxies/supervisor.ts';
import { reloadByMaster } from '../../../src/proxies/haproxy-master.ts';
import { bundleOf } from './bundles.ts';
import { recordingLogger } from './logger.ts';
import { forever, whenTrue } from './wait.ts';

/** A directory for one HAProxy; `close` ends every process that was started through it. */
export class HaproxySandbox {
  readonly binary: string;
  readonly configDir: string;
  readonly runDirectory: string;
  readonly logger = recordingLogger();
  readonly #processes: RunningProcess[] = [];
  readonly #supervisors: Supervisor[] = [];

  private constructor(binary: string, directory: string) {
    this.binary = binary;
    this.configDir = directory;
    this.runDirectory = join(directory, 'run');
  }

  static async create(binary: string): Promise<HaproxySandbox> {
    const sandbox = new HaproxySandbox(binary, await mkdtemp(join(tmpdir(), 'sluice-')));
    await mkdir(sandbox.runDirectory);
    return sandbox;
  }

  get pidFile(): string {
    return join(this.runDirectory, 'haproxy.pid');
  }

  get acknowledgeSocket(): string {
    return join(this.runDirectory, 'ack.sock');
  }

  get masterSocket(): string {
    return haproxySockets(this.runDirectory).master;
  }

  driver(reload: ReloadMethod = { type: 'master', socket: this.masterSocket }, binary = this.binary): ProxyDriver {
    const { runDirectory, acknowledgeSocket } = this;
    return createHaproxyDriver({ binary, runDirectory, reload, checkTimeoutMs: 30_000, acknowledgeSocket });
  }

  managed(): { readonly driver: ProxyDriver; readonly supervisor: Supervisor } {
    const { workerTitle, reloadSignal, quitSignal } = PROXY_KINDS.haproxy;
    const supervisor = new Supervisor({
      file: this.binary,
      args: haproxyArguments(this.configDir, this),
      identifiedBy: join(this.configDir, 'current'),
      workerTitle,
      pidFile: this.pidFile,
      acknowledgeSocket: this.acknowledgeSocket,
      reloadSignal,
      tellReload: (signal) => reloadByMaster(this.masterSocket, signal),
      quitSignal,
      quitTimeoutMs: 2_000,
      output: 'ignore',
      logger: this.logger,
    });
    this.#supervisors.push(supervisor);
    return { supervisor, driver: this.driver({ type: 'manage', supervisor }) };
  }

  /** An applier as another run of sluice would have it. */
  async applier(driver: ProxyDriver, acknowledgeTimeoutMs = 5_000): Promise<Applier> {
    const { configDir, runDirectory, logger } = this;
    const settings = { owner: undefined, keepGenerations: 3, acknowledgeTimeoutMs, logger };
    const applier = createApplier({ driver, configDir, runDirectory, ...settings });
    await applier.start(forever);
    return applier;
  }

  /** Starts HAProxy as somebody else would: another container, an init system. */
  async startHaproxy(): Promise<RunningProcess> {
    const child = await startChild({
      file: this.binary,
      args: haproxyArguments(this.configDir, this),
      output: 'ignore',
    });
    this.#processes.push(child);
    return child;
  }

  /** As an earlier sluice left it: installed, and running. */
  async startHaproxyWith(bundle: ConfigBundle): Promise<RunningProcess> {
    const driver = this.driver();
    const applier = await this.applier(driver);
    await applier.apply(bundle, forever);
    const child = await this.startHaproxy();
    await whenTrue('an answer', async () => (await driver.runningGeneration(forever)) === 1);
    return child;
  }

  /** A configuration that answers its generation on the socket and has these sections, too. */
  bundle(sections: string, more: Readonly<Record<string, string>> = {}): ConfigBundle {
    const timeouts = ['client', 'server', 'connect'].map((name) => `  timeout ${name} 5s`);
    const main = [
      'global',
      '  default-path config',
      '  hard-stop-after 1s',
      `  stats socket ${haproxySockets(this.runDirectory).admin} mode 600 level admin`,
      'defaults',
      '  mode http',
      ...timeouts,
      '',
    ];
    const bundle = bundleOf({ 'haproxy.cfg': main.join('\n'), 'users.cfg': '', 'backends.cfg': sections, ...more });
    return { ...bundle, stamp: (generation) => [{ path: 'generation.cfg', text: this.#generation(generation) }] };
  }

  #generation(generation: number): string {
    const answer = `  http-request return status 200 content-type text/plain string "${generation}\\n"`;
    return `frontend _generation\n  bind unix@${this.acknowledgeSocket} mode 666\n${answer}\n`;
  }

  /** Writes a bundle as a generation would be; returns the directory. */
  async write(bundle: ConfigBundle, name: string): Promise<string> {
    const directory = join(this.configDir, name);
    for (const { path, text } of [...bundle.files.values(), ...bundle.stamp(7)]) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return directory;
  }

  async close(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
    for (const { pid, ended } of this.#processes) {
      killIfThere(pid, 'SIGTERM');
      await ended;
    }
    await rm(this.configDir, { recursive: true, force: true });
  }
}

/** A frontend that answers `text`, on 127.0.0.1. */
export function answeringFrontend(port: number, text: string): string {
  return `frontend f${port}\n  bind 127.0.0.1:${port}\n  http-request return status 200 content-type text/plain string ${text}\n`;
}
