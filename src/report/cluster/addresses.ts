import { isIP } from 'node:net';
import type { LoadBalancerIngress } from '../../model/load-balancer.ts';
import { compareText } from '../../model/refs.ts';
import { textAt } from './api.ts';

/** An IP address or a DNS name, as the API server takes it; `undefined` for an empty text and for `None`. */
export function addressOf(text: string): LoadBalancerIngress | undefined {
  const trimmed = text.trim();
  if (isIP(trimmed) !== 0) return { ip: trimmed };
  const hostname = trimmed.replace(/\.$/, '').toLowerCase();
  return hostname === '' || hostname === 'none' ? undefined : { hostname };
}

/** An entry of `status.loadBalancer.ingress` of a Service; as in ingress-nginx, the IP address comes first. */
export function readLoadBalancerIngress(value: unknown): LoadBalancerIngress | undefined {
  return addressOf(textAt(value, 'ip')) ?? addressOf(textAt(value, 'hostname'));
}

/** Without those that are `undefined`, sorted, each once. */
export function sortAddresses(addresses: readonly (LoadBalancerIngress | undefined)[]): readonly LoadBalancerIngress[] {
  const byText = new Map<string, LoadBalancerIngress>();
  for (const address of addresses) if (address !== undefined) byText.set(textOf(address), address);
  return [...byText].sort(([left], [right]) => compareText(left, right)).map(([, address]) => address);
}

/** The same text for the same addresses, in whatever order; empty for none. */
export function addressesKey(addresses: readonly LoadBalancerIngress[]): string {
  const [only, ...more] = addresses;
  if (only === undefined) return '';
  if (more.length === 0) return textOf(only);
  return [...new Set(addresses.map(textOf))].sort(compareText).join(' ');
}

function textOf({ ip = '', hostname = '' }: LoadBalancerIngress): string {
  return `${ip}|${hostname}`;
}
