import type { Clock } from '../model/clock.ts';
import type { Kind } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { KubeApi } from '../model/kube-api.ts';
import type { CollapseGuard } from '../sources/collapse/guard.ts';
import { ClusterSource, type References } from '../sources/cluster/cluster.ts';
import type { ClusterListener } from '../sources/cluster/collector.ts';
import { HttpApi } from '../sources/cluster/http-api.ts';
import { connect, type Connection } from '../sources/cluster/kube-client.ts';
import type { NamespaceChoice } from '../sources/cluster/namespaces.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import type { CLUSTER_FLAGS, RUN_FLAGS, ValuesOf } from './flags.ts';

export type RunValues = ValuesOf<typeof RUN_FLAGS>;

/** Milliseconds that a new configuration waits for a Secret which an Ingress has just begun to name. */
const SETTLE_MS = 2_000;
/** Milliseconds until an answer of the API server that does not begin, or stops, is given up. */
const ANSWER_IDLE_MS = 60_000;

export interface Cluster {
  readonly connection: Connection;
  readonly api: KubeApi;
}

/** Reads how to reach the cluster. Nothing is asked of it yet. @throws Error that says what is missing */
export async function connectCluster(values: ValuesOf<typeof CLUSTER_FLAGS>, version: string): Promise<Cluster> {
  const { kubeconfig, context } = values;
  const connection = await connect({ kubeconfig, context });
  const userAgent = `sluice/${version}`;
  const limits = { answerIdleMs: ANSWER_IDLE_MS, streamIdleMs: values['watch-idle-limit'] };
  return { connection, api: new HttpApi(connection, { userAgent, ...limits }) };
}

export interface SourceParts {
  readonly store: ObjectStore;
  readonly guard: CollapseGuard;
  readonly listener: ClusterListener;
  readonly clock: Clock;
  readonly references: (snapshot: Snapshot) => References;
}

export function followCluster(
  values: ValuesOf<typeof CLUSTER_FLAGS> & Pick<RunValues, 'endpoints'>,
  { api }: Cluster,
  parts: SourceParts,
  signal: AbortSignal,
): ClusterSource {
  const options = {
    namespaces: namespacesOf(values),
    kinds: kindsOf(values),
    secrets: values.secrets,
    references: parts.references,
    settleMs: SETTLE_MS,
  };
  return new ClusterSource({ ...parts, api, random: Math.random }, options, signal);
}

function namespacesOf(values: ValuesOf<typeof CLUSTER_FLAGS>): NamespaceChoice {
  const selector = values['namespace-selector'];
  if (selector !== undefined) return { type: 'selector', selector };
  return values.namespaces.length === 0 ? { type: 'all' } : { type: 'list', names: [...new Set(values.namespaces)] };
}

/** The kinds that are followed whole. */
export function kindsOf(values: Pick<RunValues, 'endpoints' | 'watch-ingress-class'>): readonly Kind[] {
  const classes: readonly Kind[] = values['watch-ingress-class'] ? ['IngressClass'] : [];
  const endpoints: readonly Kind[] = values.endpoints === 'endpoints' ? ['Endpoints'] : ['EndpointSlice'];
  const nodes: readonly Kind[] = values.endpoints === 'node-port' ? ['Node'] : [];
  return ['Ingress', ...classes, 'Service', ...endpoints, ...nodes];
}
