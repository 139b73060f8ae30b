import type { LoadBalancerIngress } from '../../model/load-balancer.ts';
import type { Permission } from '../../model/permissions.ts';
import { addressOf, readLoadBalancerIngress, sortAddresses } from './addresses.ts';
import { ask, listAt, noAnswer, NOT_FOUND, pathOf, textAt, type Api, type Failure } from './api.ts';
import { ownPods, type PodName } from './own-pods.ts';

export const PUBLISH_PERMISSIONS: readonly Permission[] = [
  // Of the Service that is published, which is expected beside the controller.
  { group: '', resource: 'services', verbs: ['get'], scope: 'own' },
  { group: '', resource: 'pods', verbs: ['get', 'list'], scope: 'own' },
  { group: '', resource: 'nodes', verbs: ['get'], scope: 'cluster' },
];

/** Where the addresses come from that clients reach the proxy by: the first of these that is given. */
export interface PublishOptions {
  /** IP addresses and DNS names; empty: not given. */
  readonly addresses: readonly string[];
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  readonly pod: PodName | undefined;
  /** Internal addresses of the nodes even where there are external ones. */
  readonly preferInternalIp: boolean;
}

/** Never empty: sorted, each once. Or why there are none. */
export type Published = { readonly ok: true; readonly addresses: readonly LoadBalancerIngress[] } | Failure;

/**
 * The precedence of ingress-nginx:
 * https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/status/status.go
 */
export async function publishAddresses(api: Api, options: PublishOptions, signal: AbortSignal): Promise<Published> {
  if (options.addresses.length > 0) return published(options.addresses.map(addressOf), 'no address is given');
  if (options.service !== undefined) return addressesOfService(api, options.service, signal);
  if (options.pod !== undefined) return addressesOfNodes(api, options.pod, options, signal);
  return noAnswer('neither an address nor a Service to publish is given, and the own pod is not known');
}

async function addressesOfService(
  api: Api,
  { namespace, name }: NonNullable<PublishOptions['service']>,
  signal: AbortSignal,
): Promise<Published> {
  const what = `Service ${namespace}/${name}`;
  const answer = await ask(api, { method: 'GET', path: pathOf('/api/v1', namespace, 'services', name) }, signal);
  if (!answer.ok) return { ...answer, reason: `${what}: ${answer.reason}` };
  return published(readService(answer.body), `${what} has no address (yet)`);
}

function readService(service: unknown): readonly (LoadBalancerIngress | undefined)[] {
  const external = listAt(service, 'spec', 'externalIPs').map((ip) => addressOf(typeof ip === 'string' ? ip : ''));
  const cluster = addressOf(textAt(service, 'spec', 'clusterIP'));
  switch (textAt(service, 'spec', 'type')) {
    case 'ExternalName':
      return [addressOf(textAt(service, 'spec', 'externalName'))];
    case 'LoadBalancer':
      return [...listAt(service, 'status', 'loadBalancer', 'ingress').map(readLoadBalancerIngress), ...external];
    case 'NodePort':
      return external.length > 0 ? external : [cluster];
    default:
      return [cluster, ...external];
  }
}

async function addressesOfNodes(
  api: Api,
  pod: PodName,
  { preferInternalIp }: Pick<PublishOptions, 'preferInternalIp'>,
  signal: AbortSignal,
): Promise<Published> {
  const pods = await ownPods(api, pod, signal);
  if ('ok' in pods) return pods;
  const names = new Set(pods.filter(({ isReady, node }) => isReady && node !== '').map(({ node }) => node));
  const addresses: (LoadBalancerIngress | undefined)[] = [];
  for (const name of names) {
    const answer = await ask(api, { method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(name)}` }, signal);
    // A node that is gone takes its pods with it; any other failure must not look like a node less.
    if (!answer.ok && answer.status !== NOT_FOUND) return { ...answer, reason: `node ${name}: ${answer.reason}` };
    if (answer.ok) addresses.push(addressOfNode(answer.body, preferInternalIp));
  }
  return published(addresses, 'no pod of this controller is ready on a node with an address');
}

function addressOfNode(node: unknown, preferInternalIp: boolean): LoadBalancerIngress | undefined {
  const wanted = preferInternalIp ? ['InternalIP'] : ['ExternalIP', 'InternalIP'];
  const all = listAt(node, 'status', 'addresses');
  for (const type of wanted) {
    const found = all.find((address) => textAt(address, 'type') === type && textAt(address, 'address') !== '');
    if (found !== undefined) return addressOf(textAt(found, 'address'));
  }
  return undefined;
}

function published(addresses: readonly (LoadBalancerIngress | undefined)[], reason: string): Published {
  const sorted = sortAddresses(addresses);
  return sorted.length === 0 ? noAnswer(reason) : { ok: true, addresses: sorted };
}
