import { isRecord } from '../../../src/model/record.ts';
import type { ApiObject } from './objects.ts';
import { resourceOfKind, resourceOfObject } from './resources.ts';
import { changedObject, fieldsOf, newObject } from './shape.ts';
import type { Store } from './store.ts';
import { saveChange } from './write.ts';

/*
 * How a test sets and reads the objects of the server, past HTTP, authorization and validation.
 * A kind of two groups is told apart by `Event.events.k8s.io`.
 */

/**
 * Creates or replaces an object as `kubectl apply` does: equal content is no change. A status that is given is taken;
 * one that is not stays. A new object keeps the uid, creationTimestamp and generation that it is given.
 *
 * @param object apiVersion, kind and metadata.name at least; no namespace means `default`
 */
export function putObject(store: Store, object: object): ApiObject {
  // A copy: what the test does with its object later does not change the server's.
  const body: unknown = JSON.parse(JSON.stringify(object));
  if (!isRecord(body)) throw new Error('the object is none');
  const resource = resourceOfObject(body['apiVersion'], body['kind']);
  const metadata = fieldsOf(body['metadata']);
  const { name } = metadata;
  if (typeof name !== 'string') throw new Error(`${resource.kind}: metadata.name is missing`);
  const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : undefined;
  const current = store.get(resource, namespace, name);
  if (current === undefined) {
    return store.save(resource, newObject(resource, body, { namespace, name, trusted: true })).object;
  }
  const changed = changedObject(resource, current.object, body);
  const next = body['status'] === undefined ? changed : { ...changed, status: body['status'] };
  return saveChange(store, resource, { current, next }).object;
}

/** Deletes the object at once, finalizers or not. @returns whether there was one */
export function removeObject(store: Store, kind: string, namespace: string | undefined, name: string): boolean {
  const resource = resourceOfKind(kind);
  const version = store.get(resource, namespace, name);
  if (version !== undefined) store.remove(resource, version);
  return version !== undefined;
}

export function findObject(
  store: Store,
  kind: string,
  namespace: string | undefined,
  name: string,
): ApiObject | undefined {
  return store.get(resourceOfKind(kind), namespace, name)?.object;
}

/** Sorted by namespace and name. */
export function allObjects(store: Store, kind: string): readonly ApiObject[] {
  return store.sorted(resourceOfKind(kind)).map(({ object }) => object);
}
