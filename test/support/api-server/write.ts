import { randomBytes } from 'node:crypto';
import { isEqual } from '../../../src/model/equal.ts';
import { isRecord } from '../../../src/model/record.ts';
import type { ApiObject, Version } from './objects.ts';
import type { Resource } from './resources.ts';
import type { Place } from './route.ts';
import { changedObject, fieldsOf, mergePatch, newObject, now, withStatus, type Fields } from './shape.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  Failure,
  invalid,
  methodNotAllowed,
  MODIFIED,
  notFound,
  success,
  unsupportedMediaType,
} from './status.ts';
import type { Store } from './store.ts';
import { checkBody, validate } from './validate.ts';

export interface WriteRequest {
  readonly place: Place;
  readonly body: unknown;
  readonly contentType: string;
  /** Throws a Failure when this client may not create the object. */
  mayCreate(): void;
}

export interface Written {
  readonly code: number;
  /** JSON. */
  readonly text: string;
}

const JSON_TYPE = 'application/json';
const PATCH_TYPES: readonly string[] = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

/** @throws Failure */
export function create(store: Store, { place, body, contentType }: WriteRequest): Written {
  checkType(contentType, [JSON_TYPE]);
  const { resource } = place;
  const fields = bodyFields(resource, body);
  const metadata = fieldsOf(fields['metadata']);
  if (textOf(metadata['resourceVersion']) !== '') {
    throw new Failure(500, 'resourceVersion should not be set on objects to be created');
  }
  checkNamespace(place, metadata);
  const name = nameOf(resource, metadata);
  const object = newObject(resource, fields, { namespace: place.namespace, name, trusted: false });
  validate(resource, object);
  if (store.get(resource, place.namespace, name) !== undefined) throw alreadyExists(resource, name);
  return { code: 201, text: store.save(resource, object).text };
}

/** @throws Failure */
export function update(store: Store, request: WriteRequest): Written {
  checkType(request.contentType, [JSON_TYPE]);
  const { place, body } = request;
  const { resource } = place;
  const fields = bodyFields(resource, body);
  const metadata = fieldsOf(fields['metadata']);
  checkNamespace(place, metadata);
  const given = textOf(metadata['name']);
  if (given !== place.name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${place.name ?? ''})`);
  }
  const current = store.get(resource, place.namespace, given);
  if (current !== undefined) return replace(store, place, { current, fields });
  if (!resource.createOnUpdate || place.subresource !== undefined || textOf(metadata['resourceVersion']) !== '') {
    throw notFound(resource, given);
  }
  request.mayCreate();
  return create(store, request);
}

/** @throws Failure */
export function patch(store: Store, { place, body, contentType }: WriteRequest): Written {
  checkType(contentType, PATCH_TYPES);
  const { resource, namespace, name = '' } = place;
  if (!isRecord(body)) throw badRequest('the patch is no JSON object');
  const current = store.get(resource, namespace, name);
  if (current === undefined) throw notFound(resource, name);
  const patched = fieldsOf(mergePatch(current.object, body));
  checkBody(resource, patched);
  return replace(store, place, { current, fields: patched });
}

function replace(store: Store, place: Place, { current, fields }: { current: Version; fields: Fields }): Written {
  const { resource, subresource } = place;
  checkIdentity(resource, current.object, fieldsOf(fields['metadata']));
  const { object } = current;
  const next = subresource === undefined ? changedObject(resource, object, fields) : withStatus(object, fields);
  validate(resource, next, object);
  return { code: 200, text: saveChange(store, resource, { current, next }).text };
}

/** What changes nothing is no write; the last finalizer of a deleted object takes it along. */
export function saveChange(
  store: Store,
  resource: Resource,
  { current, next }: { readonly current: Version; readonly next: ApiObject },
): Version {
  if (isEqual(current.object, next)) return current;
  const isGone = next.metadata['deletionTimestamp'] !== undefined && finalizers(next) === 0;
  if (!isGone) return store.save(resource, next);
  store.remove(resource, current);
  return current;
}

/** @throws Failure */
export function remove(store: Store, { place, body }: WriteRequest): Written {
  const { resource, namespace, name = '' } = place;
  const current = store.get(resource, namespace, name);
  if (current === undefined) throw notFound(resource, name);
  const { metadata } = current.object;
  checkPreconditions(resource, metadata, fieldsOf(fieldsOf(body)['preconditions']));
  if (finalizers(current.object) > 0) {
    const deletionTimestamp = metadata['deletionTimestamp'] ?? now();
    const next = { ...current.object, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } };
    return { code: 200, text: saveChange(store, resource, { current, next }).text };
  }
  store.remove(resource, current);
  return { code: 200, text: `${JSON.stringify(success(resource, name, metadata.uid))}\n` };
}

function finalizers({ metadata }: ApiObject): number {
  const list = metadata['finalizers'];
  return Array.isArray(list) ? list.length : 0;
}

function checkPreconditions(
  resource: Resource,
  { name, uid, resourceVersion }: ApiObject['metadata'],
  asked: Fields,
): void {
  const wantedUid = asked['uid'];
  if (typeof wantedUid === 'string' && wantedUid !== uid) {
    const why = `the UID in the precondition (${wantedUid}) does not match the UID in record (${uid})`;
    throw conflict(resource, name, `${why}. The object might have been deleted and then recreated`);
  }
  const wanted = asked['resourceVersion'];
  if (typeof wanted === 'string' && wanted !== resourceVersion) {
    const record = `the ResourceVersion in record (${resourceVersion})`;
    const why = `the ResourceVersion in the precondition (${wanted}) does not match ${record}`;
    throw conflict(resource, name, `${why}. The object might have been modified`);
  }
}

function checkIdentity(resource: Resource, { metadata }: ApiObject, given: Fields): void {
  const { name } = metadata;
  const version = textOf(given['resourceVersion']);
  if (version === '' && resource.needsVersion) {
    throw invalid(resource, name, ['metadata.resourceVersion: Invalid value: 0: must be specified for an update']);
  }
  const uid = textOf(given['uid']);
  if (uid !== '' && uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw conflict(resource, name, why);
  }
  if (version !== '' && version !== metadata.resourceVersion) throw conflict(resource, name, MODIFIED);
}

function bodyFields(resource: Resource, body: unknown): Fields {
  if (!isRecord(body)) throw badRequest('the body of the request is no JSON object');
  checkBody(resource, body);
  return body;
}

function checkNamespace({ namespace, resource }: Place, metadata: Fields): void {
  const given = textOf(metadata['namespace']);
  if (!resource.namespaced || given === '' || given === namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function nameOf(resource: Resource, metadata: Fields): string {
  const name = textOf(metadata['name']);
  if (name !== '') return name;
  const start = textOf(metadata['generateName']);
  if (start === '') throw invalid(resource, '', ['metadata.name: Required value: name or generateName is required']);
  return start + suffix();
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go: no vowels, so no words. */
function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join('');
}

/** No type at all counts as the first. */
function checkType(contentType: string, accepted: readonly string[]): void {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' && accepted.includes(JSON_TYPE)) return;
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A verb that writes. @throws Failure */
export function write(store: Store, verb: string, request: WriteRequest): Written {
  switch (verb) {
    case 'create':
      return create(store, request);
    case 'update':
      return update(store, request);
    case 'patch':
      return patch(store, request);
    case 'delete':
      return remove(store, request);
    default:
      throw methodNotAllowed();
  }
}
