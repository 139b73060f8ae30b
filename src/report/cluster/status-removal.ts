import type { Logger } from '../../model/logger.ts';
import { ask, NOT_FOUND, type Api } from './api.ts';
import { FailureLog } from './failure-log.ts';
import { forEachOf } from './for-each.ts';
import { ownPods, type PodName } from './own-pods.ts';
import type { StatusEntry } from './status-entry.ts';
import { CONCURRENT_WRITES, patchStatus, STATUS_FAILED, STATUS_PERMISSION } from './status-write.ts';

/**
 * Why the addresses have to stay when this process ends; `undefined`: nobody else would take over. ingress-nginx removes
 * them too when it cannot tell; a status that is missing is worse than one that is late.
 */
export async function reasonToStay(
  api: Api,
  pod: PodName | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (pod === undefined) return undefined;
  const pods = await ownPods(api, pod, signal);
  if ('ok' in pods) return `whether other replicas run is not known: ${pods.reason}`;
  return pods.some(({ name, isAlive }) => isAlive && name !== pod.name) ? 'another replica runs' : undefined;
}

/** Removes the addresses from the status of each, until the signal aborts. Tells `onRemoved` of every success. */
export async function removeStatuses(
  { api, logger, onRemoved }: { readonly api: Api; readonly logger: Logger; readonly onRemoved: () => void },
  entries: readonly StatusEntry[],
  signal: AbortSignal,
): Promise<void> {
  const failures = new FailureLog(logger);
  await forEachOf(entries, CONCURRENT_WRITES, async (entry) => {
    if (signal.aborted) return;
    const answer = await ask(api, patchStatus(entry, []), signal);
    if (answer.ok) onRemoved();
    else if (answer.status !== NOT_FOUND) failures.tell(answer, STATUS_PERMISSION, STATUS_FAILED);
  });
}
