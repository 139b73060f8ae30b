import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigBundle } from '../../../src/model/bundle.ts';
import { createNginxDriver, nginxArguments, type NginxOptions } from '../../../src/proxies/nginx.ts';
import type { ProxyDriver } from '../../../src/proxies/driver.ts';
import { killGroup, killIfThere } from '../../../src/proxies/process-table.ts';
import { startChild, type RunningProcess } from '../../../src/proxies/process.ts';
import type { ReloadMethod } from '../../../src/proxies/reload.ts';
import { Supervisor } from '../../../src/proxies/supervisor.ts';
import { bundleOf } from './bundles.ts';
import { recordingLogger } from './logger.ts';

export const NGINX = '/usr/sbin/nginx';

/** A directory for one nginx; `close` ends every process that was started through it. */
export class Sandbox {
  readonly configDir: string;
  readonly runDirectory: string;
  readonly logger = recordingLogger();
  readonly #processes: RunningProcess[] = [];
  readonly #supervisors: Supervisor[] = [];

  private constructor(directory: string) {
    this.configDir = directory;
    this.runDirectory = join(directory, 'run');
  }

  static async create(): Promise<Sandbox> {
    const sandbox = new Sandbox(await mkdtemp(join(tmpdir(), 'sluice-')));
    await mkdir(sandbox.runDirectory);
    return sandbox;
  }

  get pidFile(): string {
    return join(this.runDirectory, 'nginx.pid');
  }

  get socket(): string {
    return join(this.runDirectory, 'ack.sock');
  }

  driver(reload: ReloadMethod, options: Partial<NginxOptions> = {}): ProxyDriver {
    const { runDirectory, socket: acknowledgeSocket } = this;
    return createNginxDriver({
      binary: NGINX,
      runDirectory,
      reload,
      checkTimeoutMs: 30_000,
      acknowledgeSocket,
      ...options,
    });
  }

  signalled(options: Partial<NginxOptions> = {}): ProxyDriver {
    return this.driver({ type: 'signal', pidFile: this.pidFile, signal: 'SIGHUP', program: 'nginx' }, options);
  }

  managed(): { driver: ProxyDriver; supervisor: Supervisor } {
    const supervisor = this.supervisor();
    return { supervisor, driver: this.driver({ type: 'manage', supervisor }) };
  }

  supervisor(): Supervisor {
    const supervisor = new Supervisor({
      file: NGINX,
      args: nginxArguments(this.configDir, this.runDirectory),
      identifiedBy: join(this.configDir, 'current'),
      workerTitle: 'nginx: worker',
      pidFile: this.pidFile,
      acknowledgeSocket: this.socket,
      reloadSignal: 'SIGHUP',
      quitSignal: 'SIGQUIT',
      quitTimeoutMs: 2_000,
      output: 'ignore',
      logger: this.logger,
    });
    this.#supervisors.push(supervisor);
    return supervisor;
  }

  /** Starts nginx as somebody else would: another container, an init system. */
  async startNginx(): Promise<RunningProcess> {
    const args = nginxArguments(this.configDir, this.runDirectory);
    const child = await startChild({ file: NGINX, args, output: 'ignore' });
    this.#processes.push(child);
    return child;
  }

  /** The configuration of an nginx that answers its generation on the socket and serves `hosts`. */
  bundle(hosts: string, more: Readonly<Record<string, string>> = {}): ConfigBundle {
    return bundleOf({ 'nginx.conf': this.#nginxConf(), 'hosts.conf': hosts, ...more });
  }

  #nginxConf(): string {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    return [
      `pid ${this.pidFile};`,
      `error_log ${join(this.runDirectory, 'error.log')} notice;`,
      'worker_processes 1;',
      'worker_shutdown_timeout 1s;',
      'events { worker_connections 64; }',
      'http {',
      '  access_log off;',
      ...temporary.map((name) => `  ${name}_temp_path ${this.runDirectory}/${name};`),
      `  server { listen unix:${this.socket}; include generation.conf; }`,
      '  include hosts.conf;',
      '}',
      '',
    ].join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
    for (const { pid, ended } of this.#processes) {
      killIfThere(pid, 'SIGTERM');
      await ended;
      killGroup(pid, 'SIGKILL');
    }
    await rm(this.configDir, { recursive: true, force: true });
  }
}

/** A server that answers `text`, on 127.0.0.1. */
export function answering(port: number, text: string): string {
  return `server { listen 127.0.0.1:${port}; return 200 "${text}"; }\n`;
}

export async function ask(port: number): Promise<string | undefined> {
  const request = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  return request.then((response) => response.text()).catch(() => undefined);
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}
