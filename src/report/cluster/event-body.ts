import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../model/diagnostics.ts';
import { isKind, KINDS } from '../../model/objects.ts';
import type { ObjectRef } from '../../model/refs.ts';
import { microTime } from './time.ts';

/** Something to tell about an object, once. */
export interface Notice {
  readonly object: ObjectRef;
  readonly uid: string;
  readonly type: 'Normal' | 'Warning';
  /** Machine-readable; at most 128 characters, as the action. */
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  /** What makes it another notice than the others about the same object and reason. */
  readonly identity: string;
}

export interface Reporter {
  /** A qualified name: `sluice.dev/ingress-controller`. */
  readonly controller: string;
  /** Name of the pod. */
  readonly instance: string;
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/events.go */
const NOTE_BYTES = 1024;
const INSTANCE_LENGTH = 128;
const NAME_LENGTH = 253;
const HASH_LENGTH = 16;
/** Events about objects without a namespace stand in this one. */
const CLUSTER_NAMESPACE = 'default';

const ACTIONS: Readonly<Partial<Record<string, string>>> = { RenderFailed: 'Render' };

/** @returns `undefined` for a kind that is none of the API */
export function apiVersionOf(kind: string): string | undefined {
  if (!isKind(kind)) return undefined;
  const group = KINDS[kind];
  return group === '' ? 'v1' : `${group}/v1`;
}

export function noticeOf(diagnostic: Diagnostic, object: ObjectRef, uid: string): Notice {
  const { code, field, message } = diagnostic;
  const note = field === '' ? message : `${field}: ${message}`;
  const action = ACTIONS[code] ?? 'Translate';
  return { object, uid, type: 'Warning', reason: code, action, note, identity: note };
}

/**
 * `<object>.<hex>`: the same for the same notice, so that what another replica has written before is not written twice.
 */
export function eventName({ object, uid, reason, identity }: Notice): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([uid, reason, identity]))
    .digest('hex')
    .slice(0, HASH_LENGTH);
  const room = NAME_LENGTH - HASH_LENGTH - 1;
  return `${object.name.slice(0, room).replace(/[^a-z0-9]+$/, '')}.${hash}`;
}

export function eventNamespace({ object }: Notice): string {
  return object.namespace === '' ? CLUSTER_NAMESPACE : object.namespace;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export function eventBody(notice: Notice, { controller, instance }: Reporter, now: Date): object {
  const { object, uid, type, reason, action, note } = notice;
  const { kind, name, namespace } = object;
  const place = namespace === '' ? {} : { namespace };
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: eventNamespace(notice), name: eventName(notice) },
    eventTime: microTime(now),
    reportingController: controller,
    reportingInstance: instance.slice(0, INSTANCE_LENGTH),
    regarding: { apiVersion: apiVersionOf(kind), kind, ...place, name, uid },
    type,
    reason,
    action,
    note: cutNote(note),
  };
}

export function seriesBody(count: number, now: Date): object {
  return { series: { count, lastObservedTime: microTime(now) } };
}

/** At most 1024 bytes of UTF-8 without control characters; what is cut off shows as `…`. */
export function cutNote(text: string): string {
  const clean = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  if (Buffer.byteLength(clean) <= NOTE_BYTES) return clean;
  const ellipsis = '…';
  const room = new Uint8Array(NOTE_BYTES - Buffer.byteLength(ellipsis));
  const { read } = new TextEncoder().encodeInto(clean, room);
  return clean.slice(0, read) + ellipsis;
}
