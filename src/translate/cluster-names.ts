import type { BackendResolver } from './backends.ts';

/** `service.namespace`, with `.svc` and the domain of the cluster or without. */
const CLUSTER_NAME = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?$/;

/** The Service that a host name within the cluster stands for, if it is one. */
export function serviceOfHost(host: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, name, namespace] = CLUSTER_NAME.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}

/**
 * Id of the upstream that a host name within the cluster stands for; `undefined` for any other name. `name.namespace`
 * without `.svc` is only taken when there is such a Service. One without endpoints is meant all the same, and nobody else:
 * who cannot be asked lets nobody in.
 */
export function upstreamOfHost(host: string, port: number, resolver: BackendResolver): string | undefined {
  const service = serviceOfHost(host);
  if (service === undefined) return undefined;
  const target = resolver.find(service.namespace, service.name, port);
  return target?.type === 'upstream' ? target.upstream : undefined;
}
