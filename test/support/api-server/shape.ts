import { randomUUID } from 'node:crypto';
import { isEqual } from '../../../src/model/equal.ts';
import { isRecord } from '../../../src/model/record.ts';
import type { ApiObject, ObjectMeta } from './objects.ts';
import { apiVersionOf, type Resource } from './resources.ts';

/** JSON of an object as a client sends it. */
export type Fields = Readonly<Record<string, unknown>>;

export interface NewIdentity {
  readonly namespace: string | undefined;
  readonly name: string;
  /** uid, creationTimestamp, generation and status are taken as they are given: for tests, which set the scene. */
  readonly trusted: boolean;
}

export function newObject(resource: Resource, body: Fields, identity: NewIdentity): ApiObject {
  const given = withDefaults(resource, body);
  const metadata = newMetadata(resource, fieldsOf(given['metadata']), identity);
  const status = identity.trusted ? (given['status'] ?? resource.initialStatus) : resource.initialStatus;
  return {
    ...given,
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata,
    ...(status === undefined ? {} : { status }),
  };
}

function newMetadata(resource: Resource, given: Fields, { namespace, name, trusted }: NewIdentity): ObjectMeta {
  const kept = trusted ? given : {};
  const { uid, creationTimestamp, generation } = kept;
  return {
    ...without(given, ['namespace', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds']),
    name,
    ...(resource.namespaced ? { namespace: namespace ?? 'default' } : {}),
    uid: typeof uid === 'string' ? uid : randomUUID(),
    resourceVersion: '',
    ...(resource.generation === 'none' ? {} : { generation: typeof generation === 'number' ? generation : 1 }),
    creationTimestamp: typeof creationTimestamp === 'string' ? creationTimestamp : now(),
  };
}

/** The object after an update of all but its status; the same resourceVersion, which the store counts up. */
export function changedObject(resource: Resource, current: ApiObject, body: Fields): ApiObject {
  const given = withDefaults(resource, body);
  const { status } = resource.hasStatus ? current : given;
  const next: ApiObject = {
    ...without(given, ['status']),
    kind: current.kind,
    apiVersion: current.apiVersion,
    metadata: changedMetadata(current.metadata, fieldsOf(given['metadata'])),
    ...(status === undefined ? {} : { status }),
  };
  const { generation } = current.metadata;
  if (generation === undefined || !isNewGeneration(resource, current, next)) return next;
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
}

const SERVER_OWNED = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'generation', 'selfLink'];
const DELETION = ['deletionTimestamp', 'deletionGracePeriodSeconds'];

function changedMetadata(current: ObjectMeta, given: Fields): ObjectMeta {
  const owned = [...SERVER_OWNED, ...DELETION];
  const others = Object.keys(current).filter((field) => !owned.includes(field));
  const kept = without(current, others);
  const { name, uid, resourceVersion, creationTimestamp } = current;
  return { ...without(given, owned), ...kept, name, uid, resourceVersion, creationTimestamp };
}

function isNewGeneration(resource: Resource, current: ApiObject, next: ApiObject): boolean {
  if (resource.generation === 'spec') return !isEqual(current['spec'], next['spec']);
  return !isEqual(without(current, ['metadata']), without(next, ['metadata']));
}

/** The object after an update of its status. */
export function withStatus(current: ApiObject, body: Fields): ApiObject {
  return { ...current, status: body['status'] ?? {} };
}

/** What the API server fills in and what sluice could notice. */
function withDefaults({ id }: Resource, body: Fields): Fields {
  if (id !== 'secrets') return body;
  const strings = Object.entries(fieldsOf(body['stringData']));
  const encoded = strings.map(([key, text]): [string, string] => [key, Buffer.from(String(text)).toString('base64')]);
  const data = { ...fieldsOf(body['data']), ...Object.fromEntries(encoded) };
  const hasData = Object.keys(data).length > 0;
  return { ...without(body, ['stringData', 'data']), ...(hasData ? { data } : {}), type: body['type'] ?? 'Opaque' };
}

/** https://www.rfc-editor.org/rfc/rfc7396 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function without(fields: Fields, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
