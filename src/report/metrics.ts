import { readdir } from 'node:fs/promises';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ProxyIdentity } from '../model/options.ts';
import type { CertificateExpiry, Outcome } from '../model/outcome.ts';
import {
  APPLY_LABELS,
  applyLabels,
  countDiagnostics,
  LATENCY_BUCKETS,
  runningGeneration,
  STAGE_BUCKETS,
} from './metrics-values.ts';

export interface MetricsOptions {
  /** Of sluice. */
  readonly version: string;
  readonly proxy: ProxyIdentity;
  /** Asked at every scrape, which waits for it. `undefined`, or a rejection: not known now. */
  readonly drainingWorkers: () => Promise<number | undefined>;
  /** Milliseconds since 1970; the system's clock when left out. */
  readonly now?: () => number;
}

/** What happens in sluice, as Prometheus sees it; docs/metrics.md has a line for each. */
export interface Metrics {
  /** A pass came to an end. */
  observe(outcome: Outcome): void;
  /** A watch ended (as every watch does after minutes), failed, or its place in history was lost, and it begins anew. */
  watchRestarted(kind: string, reason: WatchRestart): void;
  /** Whether all objects of a kind are known. */
  watchSynced(kind: string, isSynced: boolean): void;
  /** Whether this replica writes to the cluster. To be told only where replicas elect one that does. */
  leads(isLeader: boolean): void;
  eventWritten(type: 'Normal' | 'Warning'): void;
  /** An Event was not written: too many about one object, too many at once, or refused. */
  eventDropped(reason: EventDrop): void;
  statusWritten(result: StatusWrite): void;
  /** In the exposition format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export type WatchRestart = 'ended' | 'failed' | 'expired';
export type EventDrop = 'object' | 'queue' | 'failed';
export type StatusWrite = 'written' | 'failed';

export function createMetrics({ version, proxy, drainingWorkers, now = Date.now }: MetricsOptions): Metrics {
  // Of its own: prom-client's global one would be shared by all that import it.
  const registry = new Registry();
  addBuildInfo(registry, version, proxy);
  const counters = createCounters(registry);
  const { leader, watches } = createWorldGauges(registry);
  const observers = [
    observeObjects(registry),
    observeModel(registry),
    observeApplies(registry, now),
    observeTimes(registry),
  ];
  const unknown = (): undefined => undefined;
  readOnScrape(registry, 'sluice_draining_workers', 'Workers of the proxy that finish their last requests', () =>
    drainingWorkers().catch(unknown),
  );
  addProcessMetrics(registry);
  return {
    observe: (outcome) => {
      for (const observe of observers) observe(outcome);
    },
    watchRestarted: (kind, reason) => counters.restarts.inc({ kind, reason }),
    watchSynced: (kind, isSynced) => watches.set({ kind }, isSynced ? 1 : 0),
    leads: (isLeader) => leader.set(isLeader ? 1 : 0),
    eventWritten: (type) => counters.events.inc({ type }),
    eventDropped: (reason) => counters.drops.inc({ reason }),
    statusWritten: (result) => counters.statuses.inc({ result }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Observer = (outcome: Outcome) => void;

function gauge<L extends string>(registry: Registry, name: string, help: string, labelNames: readonly L[]): Gauge<L> {
  const created = new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] });
  // Without labels it starts at 0, which would be a statement.
  if (labelNames.length === 0) created.remove();
  return created;
}

function counter<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
): Counter<L> {
  return new Counter<L>({ name, help, labelNames: [...labelNames], registers: [registry] });
}

function addBuildInfo(registry: Registry, version: string, proxy: ProxyIdentity): void {
  const labels = ['version', 'proxy', 'proxy_version'] as const;
  gauge(registry, 'sluice_build_info', 'Versions of sluice and of the proxy; always 1', labels).set(
    { version, proxy: proxy.name, proxy_version: proxy.version },
    1,
  );
}

/** Those with few label values that are known start at 0. */
function createCounters(registry: Registry) {
  const restarts = counter(registry, 'sluice_watch_restarts_total', 'Watches that began anew', ['kind', 'reason']);
  const events = counter(registry, 'sluice_events_written_total', 'Events written to the cluster', ['type']);
  const drops = counter(registry, 'sluice_events_dropped_total', 'Events that were not written', ['reason']);
  const statuses = counter(registry, 'sluice_status_writes_total', 'Writes of the status of an object', ['result']);
  for (const type of ['Normal', 'Warning']) events.inc({ type }, 0);
  for (const reason of ['object', 'queue', 'failed']) drops.inc({ reason }, 0);
  for (const result of ['written', 'failed']) statuses.inc({ result }, 0);
  return { restarts, events, drops, statuses };
}

function createWorldGauges(registry: Registry) {
  return {
    watches: gauge(registry, 'sluice_watch_synced', 'Whether all objects of a kind are known', ['kind']),
    leader: gauge(registry, 'sluice_leader', 'Whether this replica writes to the cluster', []),
  };
}

function observeObjects(registry: Registry): Observer {
  const objects = gauge(registry, 'sluice_objects', 'Objects known', ['kind']);
  const ingresses = gauge(registry, 'sluice_ingresses', 'Ingresses that are ours', []);
  const diagnostics = gauge(registry, 'sluice_diagnostics', 'What is wrong with objects now', ['code', 'severity']);
  const observeCertificates = certificateObserver(registry);
  return (outcome) => {
    objects.reset();
    for (const [kind, count] of Object.entries(outcome.objects)) objects.set({ kind }, count);
    ingresses.set(outcome.ingresses.length);
    diagnostics.reset();
    for (const { labels, count } of countDiagnostics(outcome.diagnostics)) diagnostics.set(labels, count);
    observeCertificates(outcome.certificates);
  };
}

function certificateObserver(registry: Registry): (certificates: readonly CertificateExpiry[]) => void {
  const name = 'sluice_certificate_not_after_timestamp_seconds';
  const expiry = gauge(registry, name, 'When the certificate in a Secret expires', ['secret']);
  return (certificates) => {
    expiry.reset();
    for (const { secret, notAfter } of certificates) expiry.set({ secret }, notAfter / 1000);
  };
}

function observeModel(registry: Registry): Observer {
  const hosts = gauge(registry, 'sluice_hosts', 'Hosts in the configuration', []);
  const routes = gauge(registry, 'sluice_routes', 'Routes in the configuration', []);
  const upstreams = gauge(registry, 'sluice_upstreams', 'Upstreams in the configuration', []);
  return ({ counts }) => {
    hosts.set(counts.hosts);
    routes.set(counts.routes);
    upstreams.set(counts.upstreams);
  };
}

function observeApplies(registry: Registry, now: () => number): Observer {
  const applies = counter(registry, 'sluice_applies_total', 'Passes, by what had to be done', ['kind', 'result']);
  const generation = gauge(registry, 'sluice_generation', 'The generation that the proxy acknowledged', []);
  const successful = gauge(registry, 'sluice_last_apply_successful', 'Whether the last pass ended well', []);
  const name = 'sluice_last_apply_success_timestamp_seconds';
  const successAt = gauge(registry, name, 'When the last pass that ended well did', []);
  for (const labels of APPLY_LABELS) applies.inc({ ...labels }, 0);
  return ({ result }) => {
    applies.inc({ ...applyLabels(result) });
    const running = runningGeneration(result);
    if (running !== undefined) generation.set(running);
    const isSuccess = result.type === 'unchanged' || result.type === 'applied';
    successful.set(isSuccess ? 1 : 0);
    if (isSuccess) successAt.set(now() / 1000);
  };
}

function observeTimes(registry: Registry): Observer {
  const stages = new Histogram({
    name: 'sluice_stage_duration_seconds',
    help: 'How long each stage of a pass took',
    labelNames: ['stage'],
    buckets: [...STAGE_BUCKETS],
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'sluice_change_latency_seconds',
    help: 'From a change to its acknowledgement by the proxy',
    buckets: [...LATENCY_BUCKETS],
    registers: [registry],
  });
  return ({ timings, result, latencyMs }) => {
    for (const [stage, ms] of Object.entries(timings)) stages.observe({ stage }, ms / 1000);
    if (result.type === 'applied' && latencyMs !== undefined) latency.observe(latencyMs / 1000);
  };
}

/** A gauge that is read when it is scraped, and not there when there is nothing to be read. */
function readOnScrape(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | undefined | Promise<number | undefined>,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await read();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

/**
 * Those of prom-client's default metrics that are read on a scrape. The others cost something all the time: the event
 * loop's lag wakes the process a hundred times a second, and garbage collections are observed one by one.
 * https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
function addProcessMetrics(registry: Registry): void {
  const cpu = 'process_cpu_seconds_total';
  new Counter({
    name: cpu,
    help: 'CPU time that this process has used',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const add = readOnScrape.bind(undefined, registry);
  add('process_start_time_seconds', 'When this process started', () => performance.timeOrigin / 1000);
  add('process_resident_memory_bytes', 'Memory of this process', () => process.memoryUsage.rss());
  add('process_open_fds', 'File descriptors that this process has open', countDescriptors);
  add('nodejs_heap_size_used_bytes', 'JavaScript heap in use', () => process.memoryUsage().heapUsed);
}

/** `undefined` on a system without /proc. */
async function countDescriptors(): Promise<number | undefined> {
  const names = await readdir('/proc/self/fd').catch(() => undefined);
  // One of them is that of this look.
  return names === undefined ? undefined : names.length - 1;
}
