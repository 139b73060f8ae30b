import { isEqual } from '../../model/equal.ts';
import type { LoadBalancerIngress } from '../../model/load-balancer.ts';
import { objectKey } from '../../model/refs.ts';
import { isRecord } from '../../model/record.ts';

/** What `status.loadBalancer.ingress` of every Ingress says. Apart from the objects, as no route depends on it. */
export class LoadBalancers {
  readonly #byIngress = new Map<string, readonly LoadBalancerIngress[]>();
  /** Thousands of Ingresses have the same. */
  #last: readonly LoadBalancerIngress[] = [];

  get(namespace: string, name: string): readonly LoadBalancerIngress[] | undefined {
    return this.#byIngress.get(objectKey(namespace, name));
  }

  inspect(namespace: string, name: string, ingress: unknown): void {
    const addresses = readAddresses(ingress);
    if (!isEqual(addresses, this.#last)) this.#last = addresses;
    this.#byIngress.set(objectKey(namespace, name), this.#last);
  }

  forget(namespace: string, name: string): void {
    this.#byIngress.delete(objectKey(namespace, name));
  }
}

function readAddresses(ingress: unknown): readonly LoadBalancerIngress[] {
  const status = child(ingress, 'status');
  const list = child(status, 'loadBalancer')?.['ingress'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown): LoadBalancerIngress[] => {
    if (!isRecord(entry)) return [];
    const { ip, hostname } = entry;
    if (typeof ip === 'string' && ip !== '') return [{ ip }];
    return typeof hostname === 'string' && hostname !== '' ? [{ hostname }] : [];
  });
}

function child(value: unknown, name: string): Record<string, unknown> | undefined {
  const found = isRecord(value) ? value[name] : undefined;
  return isRecord(found) ? found : undefined;
}
