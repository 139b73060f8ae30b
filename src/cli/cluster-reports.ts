import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from '../model/logger.ts';
import { isKind } from '../model/objects.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ObjectRef } from '../model/refs.ts';
import { EventWriter } from '../report/cluster/events.ts';
import { StatusWriter } from '../report/cluster/ingress-status.ts';
import { LEASE_TIMING, runLeaderElection } from '../report/cluster/lease.ts';
import { publishAddresses } from '../report/cluster/publish-address.ts';
import type { Metrics } from '../report/metrics.ts';
import type { LoadBalancers } from '../sources/cluster/load-balancers.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import { realClock } from './loop/clock.ts';
import type { Cluster, RunValues } from './sources.ts';

export interface ReportParts {
  readonly values: RunValues;
  readonly cluster: Cluster;
  readonly store: ObjectStore;
  readonly loadBalancers: LoadBalancers;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What sluice writes into the cluster. */
export interface ClusterReports {
  readonly observe: (outcome: Outcome) => void;
  /** Ends all writing, and lets another replica lead. */
  readonly stop: () => Promise<void>;
}

const DEFAULT_NAMESPACE = 'default';
const REMOVAL_MS = 10_000;

/** Status and Events, written by the one replica that leads; nothing when both are switched off. */
export function startReports(parts: ReportParts): ClusterReports {
  const { values, metrics } = parts;
  const status = values['update-status'] ? statusWriter(parts) : undefined;
  const events = values.events ? eventWriter(parts) : undefined;
  if (status === undefined && events === undefined) return { observe: () => undefined, stop: () => Promise.resolve() };
  const onLeading = (isLeader: boolean) => {
    metrics.leads(isLeader);
    status?.setLeading(isLeader);
    events?.setLeading(isLeader);
  };
  metrics.leads(false);
  const [writing, electing] = [new AbortController(), new AbortController()];
  const written = Promise.all([status?.run(writing.signal), events?.run(writing.signal)]);
  const elected = lead(parts, onLeading, electing.signal);
  return {
    observe: (outcome) => {
      status?.observe(outcome);
      events?.observe(outcome);
    },
    stop: async () => {
      writing.abort();
      await written;
      if (values['remove-status']) await status?.remove(REMOVAL_MS);
      electing.abort();
      await elected;
    },
  };
}

async function lead(
  { values, cluster, logger }: ReportParts,
  onLeading: (isLeader: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!values['leader-election']) {
    onLeading(true);
    return;
  }
  const options = {
    api: cluster.api,
    namespace: ownNamespace(values, cluster),
    name: values['lease-name'],
    // A process that comes after this one in the same pod is another candidate.
    identity: `${instanceName(values)}_${randomUUID()}`,
    timing: LEASE_TIMING,
    clock: realClock,
    wallNow: () => new Date(),
    random: Math.random,
    logger,
    onLeading,
  };
  await runLeaderElection(options, signal);
}

function statusWriter({ values, cluster, loadBalancers, metrics, logger }: ReportParts): StatusWriter {
  const { api } = cluster;
  const name = values['pod-name'];
  const pod = name === undefined ? undefined : { namespace: ownNamespace(values, cluster), name };
  const from = {
    addresses: values['publish-address'],
    service: values['publish-service'],
    pod,
    preferInternalIp: values['publish-internal'],
  };
  return new StatusWriter({
    api,
    clock: realClock,
    logger,
    random: Math.random,
    current: loadBalancers.get.bind(loadBalancers),
    publish: (signal) => publishAddresses(api, from, signal),
    onWrite: metrics.statusWritten.bind(metrics),
    pod,
  });
}

function eventWriter({ values, cluster, store, metrics, logger }: ReportParts): EventWriter {
  return new EventWriter({
    api: cluster.api,
    clock: realClock,
    wallNow: () => new Date(),
    logger,
    reporter: { controller: values['controller-name'], instance: instanceName(values) },
    uidOf: (object) => uidOf(store, object),
    onWritten: metrics.eventWritten.bind(metrics),
    onDropped: metrics.eventDropped.bind(metrics),
  });
}

function uidOf(store: ObjectStore, { kind, namespace, name }: ObjectRef): string | undefined {
  return isKind(kind) ? store.get(kind, namespace, name)?.metadata.uid : undefined;
}

function ownNamespace(values: RunValues, { connection }: Cluster): string {
  return values['pod-namespace'] ?? connection.namespace ?? DEFAULT_NAMESPACE;
}

function instanceName(values: RunValues): string {
  return values['pod-name'] ?? hostname();
}
