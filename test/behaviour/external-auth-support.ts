import assert from 'node:assert/strict';
import type { Echo } from '../support/backend.ts';
import type { BehaviourCase, CaseRequest, Reach } from './case.ts';

export const AUTH = 'http://beta.shop.svc.cluster.local';
export const NGINX = { only: 'nginx' } as const;

export function configMap(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** What `beta`, which decides here, is to answer; `alpha` answers as usual. */
export function decided(status: number, headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { 'x-want': JSON.stringify({ only: 'beta', status, headers }) };
}

/** Sends a request, and gives the question about it. */
export async function questionOf(reach: Reach, request: CaseRequest): Promise<Echo> {
  const answer = await reach.send(request);
  const found = reach.backends.beta.seen.findLast(({ headers }) =>
    String(headers['x-original-url']).includes(`${reach.host}${request.path ?? '/'}`),
  );
  assert.ok(found !== undefined, `nobody was asked: ${answer.status}`);
  return found;
}

/** A wrong value never opens a route (ingress-nginx does for some of these). */
export function closed(key: string, text: string, more: Readonly<Record<string, string>> = {}): BehaviourCase {
  return {
    name: `a wrong ${key} closes the route`,
    keys: [key],
    ...NGINX,
    annotations: { 'auth-url': `${AUTH}/auth`, ...more, [key]: text },
    requests: [{ want: { status: 503 } }],
  };
}
