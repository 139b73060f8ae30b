import type { FakeApiServer } from './api-server/server.ts';
import { waitFor } from './wait.ts';

const NAMESPACE = 'shop';

/** `status.loadBalancer.ingress` of an Ingress of namespace `shop`. */
export function statusOf(api: FakeApiServer, name: string): unknown {
  const status = api.get('Ingress', NAMESPACE, name)?.['status'] as
    { loadBalancer?: { ingress?: unknown } } | undefined;
  return status?.loadBalancer?.ingress;
}

export async function untilStatus(api: FakeApiServer, name: string, want: unknown): Promise<void> {
  await waitFor(
    () => `the status of ${name}: ${JSON.stringify(statusOf(api, name))}`,
    () => JSON.stringify(statusOf(api, name)) === JSON.stringify(want),
  );
}

/** Names of the Ingresses whose status was written, one for each write. */
export function statusWrites(api: FakeApiServer): readonly (string | undefined)[] {
  const writes = api.requests.filter(
    ({ resource, subresource }) => resource === 'ingresses' && subresource === 'status',
  );
  return writes.map(({ name }) => name);
}
