import { isRecord } from '../../model/record.ts';
import { ask, listAt, noAnswer, pathOf, textAt, valueAt, type Api, type Failure } from './api.ts';

/** The pod that this process runs in. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** A pod of this controller. */
export interface PodState {
  readonly name: string;
  /** Empty: not scheduled yet. */
  readonly node: string;
  /** Runs and passes its readiness probes. */
  readonly isReady: boolean;
  /** Neither finished nor being deleted. */
  readonly isAlive: boolean;
}

/** Labels that controllers put on the pods of one revision; pods of another one are ours all the same. */
const REVISION_LABELS = ['pod-template-hash', 'controller-revision-hash', 'pod-template-generation'];
/** Labels that name a single pod of a StatefulSet. */
const POD_LABELS = ['statefulset.kubernetes.io/pod-name', 'apps.kubernetes.io/pod-index'];

/** The pods with the labels of the pod that this process runs in, itself among them. */
export async function ownPods(api: Api, pod: PodName, signal: AbortSignal): Promise<readonly PodState[] | Failure> {
  const own = await ask(api, { method: 'GET', path: pathOf('/api/v1', pod.namespace, 'pods', pod.name) }, signal);
  if (!own.ok) return { ...own, reason: `pod ${pod.namespace}/${pod.name}: ${own.reason}` };
  const selector = labelSelector(valueAt(own.body, 'metadata', 'labels'));
  // A pod without labels has no siblings that could be told from strangers.
  if (selector === '') return [podState(own.body)];
  const path = `${pathOf('/api/v1', pod.namespace, 'pods')}?${new URLSearchParams({ labelSelector: selector }).toString()}`;
  const answer = await ask(api, { method: 'GET', path }, signal);
  if (!answer.ok) return { ...answer, reason: `pods of namespace ${pod.namespace}: ${answer.reason}` };
  if (!isRecord(answer.body)) return noAnswer('the answer is no list of pods');
  return listAt(answer.body, 'items').map(podState);
}

function labelSelector(labels: unknown): string {
  if (!isRecord(labels)) return '';
  return Object.entries(labels)
    .filter(([key]) => !REVISION_LABELS.includes(key) && !POD_LABELS.includes(key))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',');
}

function podState(pod: unknown): PodState {
  const phase = textAt(pod, 'status', 'phase');
  const isReady = listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
  return {
    name: textAt(pod, 'metadata', 'name'),
    node: textAt(pod, 'spec', 'nodeName'),
    isReady: phase === 'Running' && isReady,
    isAlive: (phase === 'Running' || phase === 'Pending') && textAt(pod, 'metadata', 'deletionTimestamp') === '',
  };
}
