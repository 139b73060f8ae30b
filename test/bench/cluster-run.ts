import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningSluice, type LogLine } from '../support/sluice.ts';
import type { InstalledProxy } from '../support/proxies.ts';
import { ApiProcess, type ApiReply } from './api-process.ts';
import { benchIngress, benchService, benchSlice, hostOf, PUBLISHED_ADDRESS } from './cluster-world.ts';
import { firstAnswer, type Probe } from './probe.ts';

/** Milliseconds, as sluice logs them; a stage that was not gone through is missing. */
export type Timings = Readonly<Record<string, number>>;

export interface Start {
  /** From the start of the process to the acknowledgement. */
  readonly total: number;
  readonly timings: Timings;
}

export interface Change {
  /** From the event of the API server to the first request that is answered by the new configuration. */
  readonly answered: number;
  /** To the acknowledgement, as the log has it. */
  readonly acknowledged: number;
  readonly by: string;
  readonly timings: Timings;
}

export interface ClusterOptions {
  readonly size: number;
  readonly proxy: InstalledProxy;
  /** Arguments of node that run sluice. */
  readonly program: readonly string[];
}

/** Of the Service whose one endpoint is replaced: with more, a request may go to an old one by chance. */
const TARGET = 'target';
const ADDRESSES = ['127.0.0.1', '127.0.0.2'];
const PATIENCE_MS = 120_000;
/** Much longer than changes are gathered. */
const QUIET_MS = 1_000;
/** Without a rest after a reload: changes come one by one here, and none of them shall wait for the one before. */
const FLAGS = [
  ...['--log-level', 'info', '--access-log', 'off', '--publish-address', PUBLISHED_ADDRESS],
  ...['--reload-interval', '0ms'],
];

/** A cluster of some size, and sluice with a proxy that follows it. */
export class ClusterRun {
  readonly #options: ClusterOptions;
  readonly #api: ApiProcess;
  readonly #backend: Backend;
  #sluice: RunningSluice | undefined;
  #added = 0;
  #replaced = 0;

  private constructor(options: ClusterOptions, api: ApiProcess, backend: Backend) {
    this.#options = options;
    this.#api = api;
    this.#backend = backend;
  }

  static async prepare(options: ClusterOptions): Promise<ClusterRun> {
    const backend = await startBackend();
    const api = await ApiProcess.start(options.size);
    const run = new ClusterRun(options, api, backend);
    for (const object of [benchIngress(TARGET, TARGET), benchService(TARGET), run.#slice(0)]) await api.put(object);
    return run;
  }

  /** Starts sluice in a directory of its own; one that runs already is ended. */
  async start(): Promise<Start> {
    await this.#sluice?.stop();
    const { proxy, program } = this.#options;
    const sluice = await RunningSluice.prepare({
      kubeconfig: this.#api.kubeconfig,
      proxy: proxy.name,
      binary: proxy.binary,
      program,
      flags: FLAGS,
      patienceMs: PATIENCE_MS,
    });
    this.#sluice = sluice;
    const startedAt = Date.now();
    sluice.launch();
    await sluice.generation((generation) => generation > 0);
    const line = lastApplied(sluice);
    return { total: timeOf(line) - startedAt, timings: timingsOf(line) };
  }

  /** Has another Ingress, with a host of its own. */
  addIngress(): Promise<Change> {
    const object = this.#another();
    return this.#measure(object, { host: hostOf(`added-${this.#added}`), mark: 'HTTP/1.1 200' });
  }

  /** Replaces the endpoint of a Service. */
  replaceEndpoint(): Promise<Change> {
    this.#replaced += 1;
    const object = this.#slice(this.#replaced);
    return this.#measure(object, { host: hostOf(TARGET), mark: `from ${addressOf(this.#replaced)}` });
  }

  /** So many changes, one after the other has been acknowledged. */
  async change(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const isNewer = newerThan(this.#running.lastGeneration);
      this.#replaced += 1;
      await this.#api.put(this.#slice(this.#replaced));
      if (made % 2 === 0) await this.#api.put(this.#another());
      await this.#running.generation(isNewer);
    }
  }

  /** Megabytes (2^20 bytes) that are resident. */
  async resident(name: 'VmRSS' | 'VmHWM'): Promise<number> {
    const status = await readFile(`/proc/${this.#running.pid ?? 0}/status`, 'utf8');
    return Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024);
  }

  /** Ends sluice and the proxy, and leaves the configuration. @returns its directory */
  async end(): Promise<string> {
    await this.#running.kill('SIGTERM');
    return this.#running.configDir;
  }

  async stop(): Promise<void> {
    await this.#sluice?.stop();
    await this.#api.stop();
    await this.#backend.close();
  }

  get #running(): RunningSluice {
    if (this.#sluice === undefined) throw new Error('sluice has not been started');
    return this.#sluice;
  }

  async #measure(object: object, probe: Omit<Probe, 'port'>): Promise<Change> {
    const sluice = this.#running;
    const isNewer = newerThan(sluice.lastGeneration);
    const answering = firstAnswer({ ...probe, port: sluice.httpPort }, PATIENCE_MS);
    const put: ApiReply = await this.#api.put(object);
    const answeredAt = await answering;
    await sluice.generation(isNewer);
    const line = lastApplied(sluice);
    const timings = timingsOf(line);
    const acknowledged = timeOf(line) - put.wallMs;
    await sleep(QUIET_MS);
    return { answered: answeredAt - put.monotonicMs, acknowledged, by: String(line?.['by']), timings };
  }

  #another(): object {
    this.#added += 1;
    return benchIngress(`added-${this.#added}`, TARGET);
  }

  #slice(change: number): object {
    return benchSlice(TARGET, [addressOf(change)], this.#backend.port);
  }
}

function newerThan(before: number): (generation: number) => boolean {
  return (generation) => generation > before;
}

function addressOf(change: number): string {
  return ADDRESSES[change % ADDRESSES.length] ?? '';
}

function lastApplied(sluice: RunningSluice): LogLine | undefined {
  return sluice.log.findLast((line) => line['type'] === 'applied');
}

function timingsOf(line: LogLine | undefined): Timings {
  return (line?.['timings'] ?? {}) as Timings;
}

function timeOf(line: LogLine | undefined): number {
  return Date.parse(String(line?.['time']));
}

/** An HTTP server on some addresses of loopback that says by which of them it was asked. */
interface Backend {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function startBackend(): Promise<Backend> {
  const servers = ADDRESSES.map(() =>
    createServer({ keepAliveTimeout: 120_000 }, (request, response) =>
      response.end(`from ${request.socket.localAddress ?? ''}\n`),
    ),
  );
  let port = 0;
  for (const [index, server] of servers.entries()) {
    await new Promise<void>((resolve) => server.listen(port, ADDRESSES[index], resolve));
    ({ port } = server.address() as AddressInfo);
  }
  const close = async (): Promise<void> => {
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  };
  return { port, close };
}
