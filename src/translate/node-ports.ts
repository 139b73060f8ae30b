import type { EndpointSlice, Service, ServicePort } from '../model/objects.ts';
import { FAMILIES, pickByReadiness, portNumber, type Family, type ResolvedEndpoints } from './endpoints.ts';
import type { NodeSet } from './nodes.ts';

/** The port that every node has for a port of a Service; `undefined` when it has none. */
export function nodePortOf(service: Service, port: ServicePort): number | undefined {
  return hasNodePorts(service) ? port.nodePort : undefined;
}

/** What a user has to write for a port that lacks one. */
export function nodePortFix(service: Service): string {
  return hasNodePorts(service) ? 'give the port a nodePort' : 'set type: NodePort';
}

function hasNodePorts({ type }: Service): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

/** Whether only nodes answer that run an endpoint: kube-proxy on the others drops what comes from outside. */
export function isLocal(service: Service): boolean {
  return service.externalTrafficPolicy === 'Local';
}

/**
 * The node port on every node, or on those with an endpoint of the Service. Whether there is an endpoint at all does not
 * matter to the former: kube-proxy answers.
 */
export function endpointsFromNodes(
  nodes: NodeSet,
  slices: readonly EndpointSlice[],
  service: Service,
  port: ServicePort,
): ResolvedEndpoints {
  const number = nodePortOf(service, port);
  if (number === undefined) return { endpoints: [], diagnostics: [] };
  const families = familiesOf(service);
  const addresses = isLocal(service)
    ? nodes.addressesOf(nodesWithEndpoints(slices, port, families))
    : nodes.addresses(families);
  return { endpoints: addresses.map((address) => ({ address, port: number })), diagnostics: [] };
}

/** kube-proxy answers in the families of the Service only. */
function familiesOf({ ipFamilies }: Service): readonly Family[] {
  return ipFamilies.length === 0 ? FAMILIES : FAMILIES.filter((family) => ipFamilies.includes(family));
}

/**
 * Names of the nodes with a ready endpoint, and in which of the families; when there is none, of those with an endpoint
 * that still serves while it terminates, as kube-proxy does (KEP-1669).
 */
function nodesWithEndpoints(
  slices: readonly EndpointSlice[],
  port: ServicePort,
  families: readonly Family[],
): ReadonlyMap<string, readonly Family[]> {
  const ready = new Map<string, readonly Family[]>();
  const draining = new Map<string, readonly Family[]>();
  for (const slice of slices) {
    const family = families.find((item) => item === slice.addressType);
    if (family === undefined || portNumber(slice.ports, port) === undefined) continue;
    for (const item of slice.endpoints) {
      const set = pickByReadiness(item, ready, draining);
      if (item.nodeName !== undefined) set?.set(item.nodeName, withFamily(set.get(item.nodeName), family));
    }
  }
  return ready.size > 0 ? ready : draining;
}

function withFamily(known: readonly Family[] = [], family: Family): readonly Family[] {
  return known.includes(family) ? known : [...known, family];
}
