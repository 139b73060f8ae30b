import { createHash } from 'node:crypto';
import type { UpstreamOptions } from '../features/family.ts';
import type { Service, ServicePort } from '../model/objects.ts';

/** `namespace_service_port`, with a hash of how the upstream differs from the usual one. */
export function upstreamId({ metadata }: Service, port: ServicePort, how: UpstreamOptions | undefined): string {
  const id = `${metadata.namespace}_${metadata.name}_${port.port}`;
  return how === undefined ? id : `${id}.${hashOf(how)}`;
}

function hashOf(how: UpstreamOptions): string {
  return createHash('sha256').update(JSON.stringify(how)).digest('hex').slice(0, 8);
}
