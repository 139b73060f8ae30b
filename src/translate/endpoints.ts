import ipaddr from 'ipaddr.js';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { EndpointPort, Endpoints, EndpointSlice, Service, ServicePort, SliceEndpoint } from '../model/objects.ts';
import { invalidEndpoint } from '../model/problems.ts';
import { compareText, type Source } from '../model/refs.ts';
import type { Endpoint } from '../model/routing.ts';

/** The addresses of one Service port, sorted and without duplicates, and what was wrong with others. */
export interface ResolvedEndpoints {
  readonly endpoints: readonly Endpoint[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Endpoints from all slices of a Service. Ready endpoints are used; when there is none, those that still serve while they
 * terminate, as kube-proxy does (KEP-1669). Topology hints are for node-local proxies and are not read.
 */
export function endpointsFromSlices(slices: readonly EndpointSlice[], port: ServicePort): ResolvedEndpoints {
  const ready = new EndpointSet();
  const draining = new EndpointSet();
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    const number = portNumber(slice.ports, port);
    if (number === undefined) continue;
    const object = { kind: 'EndpointSlice', namespace: slice.metadata.namespace, name: slice.metadata.name };
    for (const [index, item] of slice.endpoints.entries()) {
      const set = pickByReadiness(item, ready, draining);
      set?.addAll(item.addresses, number, { object, field: `endpoints[${index}].addresses` });
    }
  }
  return (ready.isEmpty ? draining : ready).resolved([...ready.diagnostics, ...draining.diagnostics]);
}

/** Where an endpoint belongs; nowhere when it must not be used. */
export function pickByReadiness<T>(item: SliceEndpoint, ready: T, draining: T): T | undefined {
  if (item.ready) return ready;
  return item.serving && item.terminating ? draining : undefined;
}

/** Endpoints from the core v1 object of the same name as the Service. */
export function endpointsFromSubsets(item: Endpoints, service: Service, port: ServicePort): ResolvedEndpoints {
  const set = new EndpointSet();
  const object = { kind: 'Endpoints', namespace: item.metadata.namespace, name: item.metadata.name };
  for (const [index, subset] of item.subsets.entries()) {
    const number = portNumber(subset.ports, port);
    if (number === undefined) continue;
    set.addAll(subset.addresses, number, { object, field: `subsets[${index}].addresses` });
    if (!service.publishNotReadyAddresses) continue;
    set.addAll(subset.notReadyAddresses, number, { object, field: `subsets[${index}].notReadyAddresses` });
  }
  return set.resolved(set.diagnostics);
}

/** A headless Service has none, nor has one that was never in a cluster. */
export function hasClusterIP({ clusterIP }: Service): boolean {
  return clusterIP !== '' && clusterIP !== 'None';
}

/** The cluster IP itself. Whether there is an endpoint behind it does not matter: kube-proxy answers. */
export function endpointOfClusterIP({ metadata, clusterIP }: Service, { port }: ServicePort): ResolvedEndpoints {
  const { namespace, name } = metadata;
  const set = new EndpointSet();
  set.add(clusterIP, port, { object: { kind: 'Service', namespace, name }, field: 'spec.clusterIP' });
  return set.resolved(set.diagnostics);
}

/**
 * The port that the pods listen on. Endpoints carry it under the name of the Service port. Hand-written objects do not
 * always do so: then a numeric targetPort counts (when the endpoints list it, or list no ports), or a named one by its name.
 */
export function portNumber(ports: readonly EndpointPort[], servicePort: ServicePort): number | undefined {
  const tcp = ports.filter((port) => port.protocol === 'TCP');
  const named = tcp.find((port) => port.name === servicePort.name);
  if (named !== undefined) return named.port;
  const { targetPort } = servicePort;
  if (typeof targetPort === 'string') return tcp.find((port) => port.name === targetPort)?.port;
  const listed = ports.length === 0 || tcp.some((port) => port.port === targetPort);
  return listed ? targetPort : undefined;
}

class EndpointSet {
  readonly diagnostics: Diagnostic[] = [];
  readonly #byKey = new Map<string, Endpoint>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  addAll(addresses: readonly string[], port: number, source: Source): void {
    for (const [index, text] of addresses.entries()) {
      this.add(text, port, { object: source.object, field: `${source.field}[${index}]` });
    }
  }

  add(text: string, port: number, source: Source): void {
    const address = parseAddress(text);
    if (address === undefined) this.diagnostics.push(invalidEndpoint(source, text, 'is not an IP address'));
    else this.#byKey.set(`${address}:${port}`, { address, port });
  }

  resolved(diagnostics: readonly Diagnostic[]): ResolvedEndpoints {
    const endpoints = [...this.#byKey.values()];
    if (endpoints.length > 1) endpoints.sort(byAddress);
    return { endpoints, diagnostics };
  }
}

function byAddress(left: Endpoint, right: Endpoint): number {
  return compareText(left.address, right.address) || left.port - right.port;
}

const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** An IPv4 address as it is, an IPv6 address in brackets and its shortest form; `undefined` for anything else. */
export function parseAddress(text: string): string | undefined {
  if (PLAIN_IPV4.test(text)) return text;
  if (!ipaddr.IPv6.isValid(text) || text.includes('%')) return undefined;
  return `[${ipaddr.IPv6.parse(text).toRFC5952String()}]`;
}

export const FAMILIES = ['IPv4', 'IPv6'] as const;

/** As in `ipFamilies` of a Service and `addressType` of a slice. */
export type Family = (typeof FAMILIES)[number];

/** Of an address as `parseAddress` returns it. */
export function familyOf(address: string): Family {
  return address.startsWith('[') ? 'IPv6' : 'IPv4';
}
