import type { ApiRequest } from '../../model/kube-api.ts';
import type { IngressIdentity } from '../../model/outcome.ts';
import type { Permission } from '../../model/permissions.ts';
import type { LoadBalancerIngress } from '../../model/load-balancer.ts';
import { CONFLICT, FORBIDDEN, NOT_FOUND, pathOf, type Failure } from './api.ts';

export const STATUS_PERMISSIONS: readonly Permission[] = [
  { group: 'networking.k8s.io', resource: 'ingresses/status', verbs: ['patch'], scope: 'watched' },
];

export const STATUS_PERMISSION = 'patch ingresses/status';
export const STATUS_FAILED = 'the status of an Ingress cannot be written';
export const CONCURRENT_WRITES = 10;

/** Replaces the whole list: a merge patch does not merge lists. No addresses: removes it. */
export function patchStatus(
  { namespace, name }: IngressIdentity,
  addresses: readonly LoadBalancerIngress[],
): ApiRequest {
  const path = `${pathOf('/apis/networking.k8s.io/v1', namespace, 'ingresses', name)}/status`;
  const ingress = addresses.length === 0 ? null : addresses;
  const body = { status: { loadBalancer: { ingress } } };
  return { method: 'PATCH', path, body, contentType: 'application/merge-patch+json' };
}

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** Milliseconds before the second try, for those that differ. */
const FIRST_OF_STATUS: Readonly<Partial<Record<number, number>>> = {
  // Somebody else wrote at the same time.
  [CONFLICT]: 100,
  // A permission is not granted within seconds.
  [FORBIDDEN]: 60_000,
  // Deleted, and the watch has yet to tell.
  [NOT_FOUND]: LONGEST_MS,
};

/** Milliseconds before the next try. @param failures in a row, this one included; @param random from 0 to 1 */
export function retryMs({ status, retryAfterMs = 0 }: Failure, failures: number, random: number): number {
  const first = FIRST_OF_STATUS[status] ?? FIRST_MS;
  const longest = Math.min(LONGEST_MS, first * 2 ** Math.min(failures - 1, 16));
  return Math.max(Math.min(retryAfterMs, LONGEST_MS), longest * (0.5 + random / 2));
}
