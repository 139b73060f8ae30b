import { isRecord } from '../../model/record.ts';
import { textAt, valueAt } from './api.ts';
import { microTime } from './time.ts';

/** A Lease as the API server returned it; what we do not know of it is written back as it was. */
export interface Lease {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** @returns `undefined` for what is no Lease */
export function readLease(body: unknown): Lease | undefined {
  const metadata = valueAt(body, 'metadata');
  const spec = valueAt(body, 'spec');
  return isRecord(metadata) ? { metadata, spec: isRecord(spec) ? spec : {} } : undefined;
}

/** Empty: nobody. */
export function holderOf({ spec }: Lease): string {
  return textAt(spec, 'holderIdentity');
}

/** How long others have to wait after they saw it change; `fallbackMs` when it does not say. */
export function durationMsOf({ spec }: Lease, fallbackMs: number): number {
  const seconds = spec['leaseDurationSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : fallbackMs;
}

export interface LeaseClaim {
  readonly identity: string;
  readonly durationMs: number;
  readonly now: Date;
}

/** The body that creates the Lease for its first holder. */
export function newLease(namespace: string, name: string, claim: LeaseClaim): object {
  return body({ metadata: { namespace, name }, spec: { ...claimed(claim), leaseTransitions: 0 } });
}

/** The body that takes a Lease, or renews it. Its resourceVersion makes the write fail if anybody wrote in between. */
export function takenLease(lease: Lease, claim: LeaseClaim): object {
  const isRenewal = holderOf(lease) === claim.identity;
  const kept = isRenewal ? { acquireTime: lease.spec['acquireTime'] ?? microTime(claim.now) } : {};
  const leaseTransitions = transitionsOf(lease) + (isRenewal ? 0 : 1);
  return body({ ...lease, spec: { ...lease.spec, ...claimed(claim), ...kept, leaseTransitions } });
}

/** The body that gives a Lease up, as client-go writes it: nobody holds it, and it is over in a second. */
export function releasedLease(lease: Lease, now: Date): object {
  const time = microTime(now);
  const released = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
  return body({ ...lease, spec: { ...lease.spec, ...released, leaseTransitions: transitionsOf(lease) } });
}

function claimed({ identity, durationMs, now }: LeaseClaim): Record<string, unknown> {
  const time = microTime(now);
  const leaseDurationSeconds = Math.max(1, Math.round(durationMs / 1000));
  return { holderIdentity: identity, leaseDurationSeconds, acquireTime: time, renewTime: time };
}

function transitionsOf({ spec }: Lease): number {
  const count = spec['leaseTransitions'];
  return typeof count === 'number' ? count : 0;
}

function body(lease: Lease): object {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...lease };
}
