import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine, killIfThere, readPidFile } from '../../src/proxies/process-table.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface SluiceOptions {
  /** Manifests by file name; left out for a cluster. */
  readonly manifests?: Readonly<Record<string, string>>;
  /** Text of the kubeconfig of a cluster to follow instead of manifests. */
  readonly kubeconfig?: string;
  readonly binary: string;
  /** nginx when left out. */
  readonly proxy?: string;
  readonly flags?: readonly string[];
  /** Leave out --manage. */
  readonly unmanaged?: boolean;
  /** Milliseconds to wait for a generation; 45,000 when left out. */
  readonly patienceMs?: number;
  /** Keep standard output, where the access log of HAProxy goes, instead of passing it on. */
  readonly keepOutput?: boolean;
  /** Arguments of node that run sluice; its sources when left out. */
  readonly program?: readonly string[];
}

/** `sluice run` as a process of its own, on ports and in directories of its own. */
export class RunningSluice {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly adminPort: number;
  readonly root: string;
  readonly log: LogLine[] = [];
  /** Lines of standard output, when they are kept. */
  readonly output: string[] = [];
  readonly #proxy: string;
  readonly #keepOutput: boolean;
  readonly #arguments: readonly string[];
  readonly #patienceMs: number;
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);

  private constructor(root: string, ports: readonly [number, number, number], options: SluiceOptions) {
    this.root = root;
    this.#proxy = options.proxy ?? 'nginx';
    this.#patienceMs = options.patienceMs ?? 45_000;
    this.#keepOutput = options.keepOutput ?? false;
    const [httpPort, httpsPort, adminPort] = ports;
    [this.httpPort, this.httpsPort, this.adminPort] = ports;
    this.#arguments = [
      ...(options.program ?? [MAIN]),
      'run',
      ...(options.kubeconfig === undefined
        ? ['-f', join(root, 'manifests')]
        : ['--kubeconfig', join(root, 'kubeconfig')]),
      ...['--config-dir', join(root, 'config'), '--admin-port', String(adminPort)],
      ...['--proxy', this.#proxy, '--proxy-binary', options.binary, '--bind-address', '127.0.0.1'],
      ...['--http-port', String(httpPort), '--https-port', String(httpsPort)],
      ...['--worker-processes', '2', '--log-level', 'debug'],
      // HAProxy has no access log but its standard output, which is that of the tests.
      ...(this.#proxy === 'haproxy' ? ['--access-log', 'off'] : ['--access-log-path', join(root, 'access.log')]),
      ...(options.unmanaged === true ? [] : ['--manage']),
      ...(options.flags ?? []),
    ];
  }

  /** Starts it and waits until the first generation is acknowledged. */
  static async start(options: SluiceOptions): Promise<RunningSluice> {
    const sluice = await RunningSluice.prepare(options);
    await sluice.begin();
    return sluice;
  }

  /** Everything that it needs, without starting it. */
  static async prepare(options: SluiceOptions): Promise<RunningSluice> {
    const root = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
    // Workers of nginx, which run as another user when tests run as root, pass through it.
    await chmod(root, 0o755);
    await mkdir(join(root, 'manifests'));
    const sluice = new RunningSluice(root, [await freePort(), await freePort(), await freePort()], options);
    for (const [name, text] of Object.entries(options.manifests ?? {})) await sluice.write(name, text);
    if (options.kubeconfig !== undefined)
      await writeFile(join(root, 'kubeconfig'), options.kubeconfig, { mode: 0o600 });
    return sluice;
  }

  /** The answer of an admin endpoint: status and body. */
  async admin(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    return { status: response.status, body: await response.text() };
  }

  get configDir(): string {
    return join(this.root, 'config');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  launch(): void {
    const child = spawn(process.execPath, this.#arguments, {
      stdio: ['ignore', this.#keepOutput ? 'pipe' : 'inherit', 'pipe'],
    });
    this.#child = child;
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.output.push(line));
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => this.log.push(parseLine(line)));
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Launches it and waits until the first generation is acknowledged. */
  async begin(): Promise<void> {
    this.launch();
    try {
      await this.generation((generation) => generation > 0);
    } catch (error) {
      // Left running, it would keep the tests from ending.
      await this.stop();
      throw error;
    }
  }

  /** Puts a manifest in place in one step. */
  async write(name: string, text: string): Promise<void> {
    const hidden = join(this.root, `.${name}.new`);
    await writeFile(hidden, text);
    await rename(hidden, join(this.root, 'manifests', name));
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.root, 'manifests', name));
  }

  /** The last acknowledged generation; 0 before the first. */
  get lastGeneration(): number {
    const line = this.log.findLast((item) => item['type'] === 'applied');
    return Number(line?.['generation'] ?? 0);
  }

  /** Waits for an acknowledged generation that fits. */
  async generation(fits: (generation: number) => boolean): Promise<number> {
    return waitFor(
      `a generation; log: ${JSON.stringify(this.log.slice(-5))}`,
      () => {
        const generation = this.lastGeneration;
        return fits(generation) && generation;
      },
      this.#patienceMs,
    );
  }

  /** Makes a change and waits until the proxy runs the generation that came of it. */
  async change(make: () => Promise<void>): Promise<void> {
    const before = this.lastGeneration;
    await make();
    await this.generation((generation) => generation > before);
  }

  async logged(what: string, fits: (line: LogLine) => boolean): Promise<LogLine> {
    return waitFor(
      () => `log line: ${what}; log: ${JSON.stringify(this.log.slice(-5))}`,
      () => this.log.find(fits),
    );
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child?.kill(signal);
    return this.#ended;
  }

  /** Ends it, and the proxy with it, and removes its directory. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    const hasDied = child !== undefined && (child.exitCode !== null || child.signalCode !== null);
    const code = await this.kill('SIGTERM');
    if (hasDied) await this.#endOrphan();
    await rm(this.root, { recursive: true, force: true });
    return code;
  }

  /** A managed proxy outlives a sluice that died, and would keep the tests from ending. */
  async #endOrphan(): Promise<void> {
    const pid = await readPidFile(join(this.configDir, 'run', `${this.#proxy}.pid`));
    // The file may be older than the process that has this number now.
    if (pid !== undefined && (await commandLine(pid))?.includes(this.root) === true) killIfThere(pid, 'SIGTERM');
  }
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line };
  }
}
